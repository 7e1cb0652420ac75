#include <algorithm>

#include "edit/batch/mender.h"

/// A Slice over the batch is fine when it takes all of it; an end that is the old batch is then replaced by "to the
/// end".
namespace surgery::batch {
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
    if (!mender.holds_batch(size)) continue;
    if (!is_whole(range, size, mender)) {
      throw no_other_batch(mender, node,
                           "takes a part of axis " + std::to_string(range.axis) + ", which holds the batch");
    }
    result[range.axis] = size;
    if (range.end == size || range.end.is_symbolic() || range.end.value() >= INT32_MAX) continue;
    mender.note(node, "end " + range.end.to_string() + " in axis " + std::to_string(range.axis) +
                          " -> to the end, it was the old batch");
    ends.back() = INT64_MAX;
    mended = true;
  }
  if (!mended) return;
  if (!known) {
    throw Error(ErrorCode::kUnsupported, describe(node) + ": its ends are computed, and one is the old batch");
  }
  write_ends(node, mender, std::move(ends));
  mender.settle(node, *node.output(0), std::move(result));
}

}  // namespace surgery::batch
