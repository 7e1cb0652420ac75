#include <algorithm>

#include "edit/dims/mender.h"

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
  if (!ranges) return;
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
      throw no_other_size(mender, node,
                          "takes a part of axis " + std::to_string(range.axis) + ", which holds the batch");
    }
    if (whole) result[range.axis] = size;
    if (!range.end.is_known() || range.end.value() >= INT32_MAX) continue;
    if (!whole) {
      mender.note_mixing();
      if (!goes_to_the_end(range, size, mender)) continue;
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
