#include <array>

#include "rewrite/bypass.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Removes an operator on any number of tensors that has only one.
/// Matches   y = Concat(x), Sum(x), Mean(x), Max(x), Min(x).
/// Requires  a single input. As RemoveIdentity otherwise.
/// Source    ONNX Concat-13, Sum-13, Mean-13, Max-13, Min-13.
RewriteResult remove(Node& node, Rewriter& rewriter) {
  if (node.inputs().size() != 1) return RewriteResult::declined("there are several inputs");
  return bypass_no_op(node, rewriter);
}

constexpr std::array<std::string_view, 5> kAnchors{"Concat", "Sum", "Mean", "Max", "Min"};

}  // namespace

const Rewrite& remove_single_input() {
  static const NodeRewrite kRewrite("RemoveSingleInput", "Removes a Concat, Sum, Mean, Max or Min of one tensor.",
                                    kAnchors, remove);
  return kRewrite;
}

}  // namespace surgery
