#include <algorithm>

#include "edit/dims/mender.h"
#include "edit/dims/whole_batches.h"

/// A Slice over a freed dimension that takes all of it is fine; an end that is the old size is then replaced by "to the
/// end". Of a batch a part is not.
namespace surgery::dims {
namespace {

struct Range {
  size_t index;  ///< in starts, ends, axes
  size_t axis;
  Dim start;
  Dim end;
  Dim step = 1;
};

/// What the node says of each axis that it slices; nothing where operands are computed.
std::optional<std::vector<Range>> ranges_of(const Node& node, const Mender& mender, size_t rank) {
  const auto operand = [&](size_t input, std::string_view attribute) -> std::optional<std::vector<Dim>> {
    if (mender.opset() >= 10) return mender.content(node.input(input));
    const std::vector<int64_t> values = node.ints_or(attribute, {});
    if (values.empty()) return std::nullopt;
    return std::vector<Dim>(values.begin(), values.end());
  };
  const auto starts = operand(1, "starts");
  const auto ends = operand(2, "ends");
  const auto axes = operand(3, "axes");
  const auto steps = mender.opset() >= 10 ? mender.content(node.input(4)) : std::nullopt;
  const bool axes_given = mender.opset() >= 10 ? node.input(3) != nullptr : node.attribute("axes") != nullptr;
  if (!starts || !ends || starts->size() != ends->size() || (axes_given && !axes)) return std::nullopt;
  if (node.input(4) != nullptr && !steps) return std::nullopt;
  std::vector<Range> ranges;
  for (size_t i = 0; i < starts->size(); ++i) {
    Dim axis = axes_given && i < axes->size() ? (*axes)[i] : Dim(static_cast<int64_t>(i));
    if (!axis.is_known()) return std::nullopt;
    const int64_t number = axis.value() < 0 ? axis.value() + static_cast<int64_t>(rank) : axis.value();
    if (number < 0 || number >= static_cast<int64_t>(rank)) return std::nullopt;
    Range range{i, static_cast<size_t>(number), (*starts)[i], (*ends)[i]};
    if (steps && i < steps->size()) range.step = (*steps)[i];
    ranges.push_back(range);
  }
  return ranges;
}

/// Whether the range is the whole axis of that size.
bool is_whole(const Range& range, const Dim& size, const Mender& mender) {
  if (!range.step.is(1)) return false;
  const Dim length = mender.before(size);
  const bool from_start =
      range.start.is(0) || (range.start.is_known() && length.is_known() && range.start.value() <= -length.value());
  if (!from_start) return false;
  if (range.end == size) return true;
  const Dim end = mender.before(range.end);
  if (!end.is_known()) return false;
  return end.value() >= INT32_MAX || (length.is_known() && end.value() >= length.value());
}

/// Whether the range ends where the axis did, by a number, and begins at a fixed place.
bool goes_to_the_end(const Range& range, const Dim& size, const Mender& mender) {
  return range.step.is(1) && range.start.is_known() && range.start.value() >= 0 && range.end == mender.before(size);
}

/// A bound of a range in an axis of several batches: the rows before it, as they were and as they are.
struct Bound {
  int64_t before = 0;
  Dim now;
};

std::optional<Bound> bound_of(const Dim& dim, const WholeBatches& batches) {
  const int64_t all = batches.count * batches.size;
  if (const auto times = exact_div(dim, batches.batch); times && times->is_known() && !dim.is_known()) {
    return Bound{std::clamp<int64_t>(times->value(), 0, batches.count) * batches.size, dim};
  }
  if (!dim.is_known()) return std::nullopt;
  const int64_t number = dim.value() < 0 ? dim.value() + all : dim.value();
  const int64_t before = std::clamp<int64_t>(number, 0, all);
  const auto rows = batches.rows(before);
  return rows ? std::optional(Bound{before, *rows}) : std::nullopt;
}

/// Whether the range takes whole batches of several that lie one after the other; then it takes as many of the new
/// size.
bool slice_batches(Node& node, Mender& mender, const Range& range) {
  const auto batches = whole_batches(*node.input(0), range.axis, mender);
  if (!batches || mender.opset() < 10 || !range.step.is(1)) return false;
  const int64_t all = batches->count * batches->size;
  const auto first = bound_of(range.start, *batches);
  const auto last = bound_of(range.end, *batches);
  if (!first || !last || first->before >= last->before) return false;
  if (range.start.is_known() && first->before > 0) {
    mender.rewrite_shape_operand(node, 1, {first->now}, {true}, {range.start}, "starts");
  }
  const bool is_open = last->before == all && !range.end.is(all);  // "to the end", whatever that is
  if (range.end.is_known() && !is_open) {
    mender.rewrite_shape_operand(node, 2, {last->now}, {true}, {range.end}, "ends");
  }
  Shape result = *mender.shape(node.input(0));
  result[range.axis] = Dim((last->before - first->before) / batches->size) * batches->batch;
  mender.set_factors(*node.output(0), range.axis, batches->factors(last->before - first->before));
  mender.settle(node, *node.output(0), std::move(result));
  return true;
}

/// A Slice whose range is computed must not be along a batch: nobody knows which samples it takes.
void require_other_axes(const Node& node, Mender& mender) {
  const std::vector<size_t> freed = mender.freed_axes(node.input(0));
  if (freed.empty()) return;
  const size_t rank = mender.shape(node.input(0))->size();
  const auto axes = mender.content(node.input(3));
  const auto is_along = [&](size_t axis) {
    if (!axes) return true;
    return std::any_of(axes->begin(), axes->end(), [&](const Dim& each) {
      return !each.is_known() || each.is(static_cast<int64_t>(axis)) ||
             each.is(static_cast<int64_t>(axis) - static_cast<int64_t>(rank));
    });
  };
  if (std::none_of(freed.begin(), freed.end(), is_along)) return;
  mender.note_mixing();
  if (!mender.is_per_sample()) return;
  throw no_other_size(mender, node, "takes a part of the batch from where it is told at run time");
}

void write_ends(Node& node, Mender& mender, std::vector<int64_t> ends) {
  if (mender.opset() < 10) {
    node.graph().set_attribute(node, Attribute("ends", std::move(ends)));
    return;
  }
  const Value& operand = *node.input(2);
  const std::shared_ptr<const Tensor> constant = constant_of(operand);
  Tensor tensor = Tensor::vector(ends);
  if (constant != nullptr && constant->type() == DataType::kInt32) {
    std::vector<int32_t> narrow;
    narrow.reserve(ends.size());
    for (const int64_t end : ends) narrow.push_back(static_cast<int32_t>(std::min<int64_t>(end, INT32_MAX)));
    tensor = Tensor::from_values<int32_t>(DataType::kInt32, {static_cast<int64_t>(narrow.size())}, narrow);
  }
  mender.replace_input(node, 2, mender.add_constant(node, operand.name(), std::move(tensor)));
}

}  // namespace

void mend_slice(Node& node, Mender& mender) {
  const Shape* input = mender.shape(node.input(0));
  if (input == nullptr || node.output(0) == nullptr) return;
  const auto ranges = ranges_of(node, mender, input->size());
  if (!ranges) return require_other_axes(node, mender);
  std::vector<int64_t> ends;
  bool known = true;
  bool mended = false;
  const Shape* inferred = mender.shape(node.output(0));
  Shape result = inferred != nullptr && inferred->size() == input->size() ? *inferred : *input;
  for (const Range& range : *ranges) {
    known = known && range.end.is_known();
    ends.push_back(range.end.is_known() ? range.end.value() : 0);
    const Dim& size = (*input)[range.axis];
    if (!mender.is_freed(size)) continue;
    const bool whole = is_whole(range, size, mender);
    if (!whole && mender.is_per_sample()) {
      if (ranges->size() == 1 && slice_batches(node, mender, range)) return;
      throw no_other_size(mender, node,
                          "takes a part of axis " + std::to_string(range.axis) + ", which holds the batch");
    }
    if (whole) result[range.axis] = size;
    if (whole && range.start.is_known() && range.start.value() < 0 && range.start.value() > -INT32_MAX) {
      throw Error(ErrorCode::kUnsupported, describe(node) + ": begins at " + range.start.to_string() + " in axis " +
                                               std::to_string(range.axis) + ", which is all of the old size alone");
    }
    if (!range.end.is_known() || range.end.value() >= INT32_MAX) continue;
    if (!whole) {
      mender.note_mixing();
      if (!goes_to_the_end(range, size, mender)) continue;
      if (range.start.value() * 2 > range.end.value()) {
        throw Error(ErrorCode::kUnsupported, describe(node) + ": takes " + range.start.to_string() + " to " +
                                                 range.end.to_string() + " of axis " + std::to_string(range.axis) +
                                                 ", and whether that is counted from the end cannot be told");
      }
      result[range.axis] = size - range.start;
    }
    mender.note(node, "end " + range.end.to_string() + " in axis " + std::to_string(range.axis) +
                          " -> to the end, it was the old " + (mender.is_per_sample() ? "batch" : "size"));
    ends.back() = INT64_MAX;
    mended = true;
  }
  if (!mended) return;
  if (!known) {
    throw Error(ErrorCode::kUnsupported, describe(node) + ": its ends are computed, and one is the old size");
  }
  write_ends(node, mender, std::move(ends));
  mender.settle(node, *node.output(0), std::move(result));
}

}  // namespace surgery::dims
