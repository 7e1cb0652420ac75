#include <algorithm>
#include <array>

#include "rewrite/bypass.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Whether every step is known to be +1, which is also what an absent steps input means.
bool steps_are_one(const Node& node, const Rewriter& rewriter) {
  if (node.input(4) == nullptr) return true;
  const auto steps = constant_ints(rewriter, node.input(4));
  return steps && std::all_of(steps->begin(), steps->end(), [](int64_t step) { return step == 1; });
}

/// Removes a Slice that takes everything.
/// Matches   y = Slice(x, starts, ends, axes, steps).
/// Requires  steps of 1, and shapes of x and y proven equal for every value of their symbols: as many elements as there
///           are, in their order, are all of them. As RemoveIdentity otherwise.
/// Source    ONNX Slice-13.
RewriteResult remove(Node& node, Rewriter& rewriter) {
  if (!steps_are_one(node, rewriter)) return RewriteResult::declined("a step is not known to be 1");
  if (node.input(0) == nullptr || node.output(0) == nullptr ||
      !proven_same_shape(rewriter, *node.input(0), *node.output(0))) {
    return RewriteResult::declined("the shape changes, or may change");
  }
  return bypass_no_op(node, rewriter);
}

constexpr std::array<std::string_view, 1> kAnchors{"Slice"};

}  // namespace

const Rewrite& remove_no_op_slice() {
  static const NodeRewrite kRewrite("RemoveNoOpSlice", "Removes a Slice that takes everything.", kAnchors, remove);
  return kRewrite;
}

}  // namespace surgery
