#include <algorithm>

#include "edit/batch/mender.h"

/// Operators that work along axes of their first input: sums, softmax, convolutions, selections. One that works along
/// the batch mixes samples (or, for a batch of 1, treats it as something else), so that no other batch is right.
namespace surgery::batch {
namespace {

bool is_any_of(const Node& node, std::initializer_list<std::string_view> types) {
  return std::any_of(types.begin(), types.end(), [&](std::string_view type) { return node.is(type); });
}

void add_axis(std::vector<size_t>& axes, int64_t axis, size_t rank) {
  const int64_t index = axis < 0 ? axis + static_cast<int64_t>(rank) : axis;
  if (index >= 0 && index < static_cast<int64_t>(rank)) axes.push_back(static_cast<size_t>(index));
}

std::vector<size_t> axes_from(int64_t first, size_t rank) {
  std::vector<size_t> axes;
  const int64_t start = first < 0 ? first + static_cast<int64_t>(rank) : first;
  for (int64_t axis = std::max<int64_t>(start, 0); axis < static_cast<int64_t>(rank); ++axis) {
    axes.push_back(static_cast<size_t>(axis));
  }
  return axes;
}

/// `axes` as an attribute or as the second input.
std::vector<size_t> reduced_axes(const Node& node, const Mender& mender, size_t rank) {
  std::vector<int64_t> given = node.ints_or("axes", {});
  if (node.input(1) != nullptr) {
    const auto content = mender.content(node.input(1));
    if (!content) return {};
    for (const Dim& axis : *content) {
      if (axis.is_known()) given.push_back(axis.value());
    }
  }
  if (given.empty()) return node.int_or("noop_with_empty_axes", 0) != 0 ? std::vector<size_t>{} : axes_from(0, rank);
  std::vector<size_t> axes;
  for (const int64_t axis : given) add_axis(axes, axis, rank);
  return axes;
}

/// The axes that the operator works along.
std::vector<size_t> worked_axes(const Node& node, const Mender& mender, size_t rank) {
  std::vector<size_t> axes;
  if (node.op_type().starts_with("Reduce")) return reduced_axes(node, mender, rank);
  if (is_any_of(node, {"Softmax", "LogSoftmax", "Hardmax"})) {
    if (mender.opset() < 13) return axes_from(node.int_or("axis", 1), rank);  // the input is taken as a matrix
    add_axis(axes, node.int_or("axis", -1), rank);
  } else if (is_any_of(node, {"ArgMax", "ArgMin", "Split", "Gather", "GatherElements", "Scatter", "ScatterElements"})) {
    add_axis(axes, node.int_or("axis", 0), rank);
  } else if (is_any_of(node, {"TopK", "LpNormalization"})) {
    add_axis(axes, node.int_or("axis", -1), rank);
  } else if (node.is("LayerNormalization")) {
    return axes_from(node.int_or("axis", -1), rank);
  } else if (node.is("MeanVarianceNormalization")) {
    for (const int64_t axis : node.ints_or("axes", {0, 2, 3})) add_axis(axes, axis, rank);
  } else if (node.is("Compress")) {
    if (node.attribute("axis") == nullptr) return axes_from(0, rank);
    add_axis(axes, node.int_or("axis", 0), rank);
  } else if (node.is("CumSum")) {
    const auto axis = mender.content(node.input(1));
    if (axis && axis->size() == 1 && axis->front().is_known()) add_axis(axes, axis->front().value(), rank);
  } else if (is_any_of(node, {"GatherND", "ScatterND"})) {
    // The last axis of the indices says how many leading axes they go into.
    const Shape* indices = mender.shape(node.input(1));
    if (indices == nullptr || indices->empty() || !indices->back().is_known()) return {};
    const int64_t first = node.int_or("batch_dims", 0);
    for (int64_t axis = first; axis < first + indices->back().value(); ++axis) add_axis(axes, axis, rank);
  } else {
    return axes_from(1, rank);  // convolutions, pools, normalisations of channels: all but the batch
  }
  return axes;
}

}  // namespace

void check_mixing(Node& node, Mender& mender) {
  const Value* data = node.input(0);
  const std::vector<size_t> batch_axes = mender.batch_axes(data);
  if (batch_axes.empty()) return;
  const std::vector<size_t> worked = worked_axes(node, mender, mender.shape(data)->size());
  for (const size_t axis : batch_axes) {
    if (std::find(worked.begin(), worked.end(), axis) == worked.end()) continue;
    throw no_other_batch(mender, node,
                         "works along axis " + std::to_string(axis) + " of its input " +
                             to_string(mender.before(*mender.shape(data))) + ", which holds the batch");
  }
}

}  // namespace surgery::batch
