#include <array>

#include "rewrite/bypass.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Removes a Transpose that keeps the order of the axes.
/// Matches   y = Transpose(x).
/// Requires  perm = 0, 1, 2, ..., or no perm and a rank of 0 or 1. As RemoveIdentity otherwise.
/// Source    ONNX Transpose-21.
RewriteResult remove(Node& node, Rewriter& rewriter) {
  if (node.attribute("perm") == nullptr) {
    const auto input_rank = rank(rewriter, node.input(0));
    if (!input_rank || *input_rank > 1) return RewriteResult::declined("the axes are reversed");
  } else if (!is_identity_permutation(node.ints_or("perm", {}))) {
    return RewriteResult::declined("the axes change places");
  }
  return bypass_no_op(node, rewriter);
}

constexpr std::array<std::string_view, 1> kAnchors{"Transpose"};

}  // namespace

const Rewrite& remove_no_op_transpose() {
  static const NodeRewrite kRewrite("RemoveNoOpTranspose", "Removes a Transpose that keeps the order of the axes.",
                                    kAnchors, remove);
  return kRewrite;
}

}  // namespace surgery
