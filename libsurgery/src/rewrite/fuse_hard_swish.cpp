#include <array>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Makes a HardSwish of x * HardSigmoid(x).
/// Matches   y = x * HardSigmoid(x, alpha = 1/6, beta = 1/2), in either order.
/// Requires  opset 14 or later, which has HardSwish; that the HardSigmoid has one use and is not a graph output.
/// Produces  y = HardSwish(x).
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX HardSwish-14: x * max(0, min(1, alpha * x + beta)) with these two numbers.
RewriteResult simplify_node(Node& product, Rewriter& rewriter) {
  if (rewriter.opset() < 14) return RewriteResult::declined("the opset has no HardSwish");
  for (const size_t index : {size_t{0}, size_t{1}}) {
    const Node* sigmoid = producer(product.input(index), "HardSigmoid");
    if (sigmoid == nullptr || product.input(1 - index) != sigmoid->input(0)) continue;
    if (&sigmoid->graph() != &product.graph()) return RewriteResult::declined("the two nodes are in different graphs");
    if (!sigmoid->output(0)->has_one_use()) return RewriteResult::declined("the sigmoid is used elsewhere");
    if (sigmoid->float_or("alpha", 0.2F) != 1.0F / 6.0F || sigmoid->float_or("beta", 0.5F) != 0.5F) {
      return RewriteResult::declined("the sigmoid has other coefficients");
    }
    rewriter.become(product, {.op_type = "HardSwish", .inputs = {sigmoid->input(0)}});
    return RewriteResult::done();
  }
  return RewriteResult::declined("not a product of x and HardSigmoid(x)");
}

constexpr std::array<std::string_view, 1> kAnchors{"Mul"};

}  // namespace

const Rewrite& fuse_hard_swish() {
  static const NodeRewrite kRewrite("FuseHardSwish", "Makes a HardSwish of x * HardSigmoid(x), from opset 14 on.",
                                    kAnchors, simplify_node);
  return kRewrite;
}

}  // namespace surgery
