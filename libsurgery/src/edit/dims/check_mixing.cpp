#include <algorithm>

#include "edit/dims/mender.h"

/// Operators that work along axes of their first input: sums, softmax, convolutions, selections. One that works along
/// the batch mixes samples (or, for a batch of 1, treats it as something else), so that no other batch is right; along
/// any other freed dimension that is what it is for.
namespace surgery::dims {
namespace {

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

/// The body's iteration number, seen through what changes only its form.
bool is_iteration(const Value* value, const Graph& body) {
  constexpr int kMaxSteps = 8;
  for (int i = 0; i < kMaxSteps && value != nullptr; ++i) {
    if (!body.inputs().empty() && value == body.inputs()[0]) return true;
    const Node* maker = value->producer();
    if (maker == nullptr || !is_any_of(*maker, {"Unsqueeze", "Reshape", "Identity", "Cast", "Squeeze"})) return false;
    value = maker->input(0);
  }
  return false;
}

/// A Gather in a Loop that takes one sample after the other: as many as the loop has iterations. Where that is the old
/// size, the trip count is mended.
bool picks_in_loop(Node& node, Mender& mender, const std::vector<size_t>& freed_axes) {
  Node* loop = node.graph().owner();
  if (!node.is("Gather") || loop == nullptr || !loop->is("Loop") || freed_axes.size() != 1) return false;
  const Shape& shape = *mender.shape(node.input(0));
  const int64_t given = node.int_or("axis", 0);
  const int64_t axis = given < 0 ? given + static_cast<int64_t>(shape.size()) : given;
  if (axis != static_cast<int64_t>(freed_axes[0]) || !is_iteration(node.input(1), node.graph())) return false;
  const Dim size = shape[freed_axes[0]];
  const auto trips = mender.content(loop->input(0));
  if (!trips || trips->size() != 1) return false;
  if (trips->front() == size || mender.iterations(*loop) == size) return true;
  if (!(trips->front() == mender.before(size))) return false;
  mender.rewrite_shape_operand(*loop, 0, {size}, {true}, *trips, "trip count");
  mender.set_iterations(*loop, size);
  mender.infer_again(*loop);
  return true;
}

}  // namespace

void check_mixing(Node& node, Mender& mender) {
  const Value* data = node.input(0);
  const std::vector<size_t> freed_axes = mender.freed_axes(data);
  if (freed_axes.empty() || picks_in_loop(node, mender, freed_axes)) return;
  const std::vector<size_t> worked = worked_axes(node, mender, mender.shape(data)->size());
  for (const size_t axis : freed_axes) {
    if (std::find(worked.begin(), worked.end(), axis) == worked.end()) continue;
    if (mender.is_per_sample() && takes_by_sample(node, mender, axis)) continue;
    mender.note_mixing();
    if (!mender.is_per_sample()) return;
    throw no_other_size(mender, node,
                        "works along axis " + std::to_string(axis) + " of its input " +
                            to_string(mender.before(*mender.shape(data))) + ", which holds the batch");
  }
}

}  // namespace surgery::dims
