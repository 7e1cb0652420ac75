#include <array>

#include "rewrite/bypass.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Removes a change of shape that changes nothing.
/// Matches   y = Reshape(x, shape), Flatten(x), Squeeze(x), Unsqueeze(x).
/// Requires  that the shapes of x and y are proven equal for every value of their symbols. As RemoveIdentity otherwise.
/// Source    ONNX Reshape-21, Flatten-21, Squeeze-21, Unsqueeze-21.
RewriteResult remove(Node& node, Rewriter& rewriter) {
  if (node.input(0) == nullptr || node.output(0) == nullptr ||
      !proven_same_shape(rewriter, *node.input(0), *node.output(0))) {
    return RewriteResult::declined("the shape changes, or may change");
  }
  return bypass_no_op(node, rewriter);
}

constexpr std::array<std::string_view, 4> kAnchors{"Reshape", "Flatten", "Squeeze", "Unsqueeze"};

}  // namespace

const Rewrite& remove_no_op_reshape() {
  static const NodeRewrite kRewrite(
      "RemoveNoOpReshape", "Removes a Reshape, Flatten, Squeeze or Unsqueeze that keeps the shape.", kAnchors, remove);
  return kRewrite;
}

}  // namespace surgery
