#include <array>

#include "rewrite/bypass.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Removes an Expand or Tile that repeats nothing.
/// Matches   y = Expand(x, shape), y = Tile(x, repeats).
/// Requires  that the shapes of x and y are proven equal for every value of their symbols. As RemoveIdentity otherwise.
/// Source    ONNX Expand-13, Tile-13.
RewriteResult remove(Node& node, Rewriter& rewriter) {
  if (node.input(0) == nullptr || node.output(0) == nullptr ||
      !proven_same_shape(rewriter, *node.input(0), *node.output(0))) {
    return RewriteResult::declined("the shape changes, or may change");
  }
  return bypass_no_op(node, rewriter);
}

constexpr std::array<std::string_view, 2> kAnchors{"Expand", "Tile"};

}  // namespace

const Rewrite& remove_no_op_expand() {
  static const NodeRewrite kRewrite("RemoveNoOpExpand", "Removes an Expand or Tile that keeps the shape.", kAnchors,
                                    remove);
  return kRewrite;
}

}  // namespace surgery
