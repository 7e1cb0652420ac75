#include <algorithm>

#include "edit/dims/companions.h"
#include "edit/dims/mender.h"
#include "edit/dims/worked_axes.h"

/// Operators that work along axes of their first input: sums, softmax, convolutions, selections. One that works along
/// the batch mixes samples (or, for a batch of 1, treats it as something else), so that no other batch is right; along
/// any other freed dimension that is what it is for.
namespace surgery::dims {
namespace {

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

/// What the iterations of a Loop make is stacked: one row for each, so that the new axis is what they go through.
void assume_stacked(const Node& loop, const Dim& iterations, Mender& mender) {
  const size_t carried = loop.inputs().size() - 2;
  for (size_t i = carried; i < loop.outputs().size(); ++i) {
    const Shape* now = mender.shape(loop.output(i));
    if (now == nullptr || now->empty()) continue;
    Shape stacked = *now;
    stacked.front() = iterations;
    mender.assume_shape(*loop.output(i), mender.element_type(*loop.output(i)), std::move(stacked));
    for (const Use& use : loop.output(i)->uses()) mender.infer_again(*use.node);
  }
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
  assume_stacked(*loop, size, mender);
  return true;
}

/// In a Loop that goes along a freed axis, place after place, something must say how long that is.
void require_loop_to_know(const Node& node, const Mender& mender, size_t axis) {
  const Node* loop = node.graph().owner();
  const bool picks = node.is("Gather") && node.input(1) != nullptr && loop != nullptr && loop->is("Loop");
  if (!picks || mender.fold(*node.input(1)) != nullptr) return;
  const Dim& size = (*mender.shape(node.input(0)))[axis];
  const auto says = [&](const Value* value) {
    const auto content = mender.content(value);
    return content && std::find(content->begin(), content->end(), size) != content->end();
  };
  const auto inputs = loop->inputs();
  if (mender.iterations(*loop) == size || std::any_of(inputs.begin(), inputs.end(), says)) return;
  for (const Node* inner = node.graph().first_node(); inner != nullptr; inner = inner->next()) {
    if (std::any_of(inner->inputs().begin(), inner->inputs().end(), says)) return;
  }
  throw Error(ErrorCode::kUnsupported, describe(node) + ": takes one place after the other along axis " +
                                           std::to_string(axis) + ", which was freed, and nothing in " +
                                           describe(*loop) + " says how many there are");
}

}  // namespace

void check_mixing(Node& node, Mender& mender) {
  check_companions(node, mender);
  const Value* data = node.input(0);
  const std::vector<size_t> freed_axes = mender.freed_axes(data);
  if (freed_axes.empty() || picks_in_loop(node, mender, freed_axes)) return;
  const std::vector<size_t> worked = worked_axes(node, mender, mender.shape(data)->size());
  for (const size_t axis : freed_axes) {
    if (std::find(worked.begin(), worked.end(), axis) == worked.end()) continue;
    if (mender.is_per_sample() && takes_by_sample(node, mender, axis)) continue;
    mender.note_mixing();
    if (!mender.is_per_sample()) return require_loop_to_know(node, mender, axis);
    throw no_other_size(mender, node,
                        "works along axis " + std::to_string(axis) + " of its input " +
                            to_string(mender.before(*mender.shape(data))) + ", which holds the batch");
  }
}

}  // namespace surgery::dims
