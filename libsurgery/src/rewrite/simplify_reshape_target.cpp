#include <array>

#include "rewrite/node_rewrite.h"
#include "rewrite/reshape_target.h"

namespace surgery {
namespace {

/// Gives a Reshape whose target is computed a constant one, so that the computation can go.
/// Matches   y = Reshape(x, shape), shape not constant.
/// Requires  opset 5 or later; shapes of x and y known but for symbols, and a constant target that gives the shape of y
///           for every value of the symbols (reshape_target.h), dims of size 0 included.
/// Produces  y = Reshape(x, constant), or y = Flatten(x) where y is a matrix that Flatten makes.
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX Reshape-21, Flatten-21.
RewriteResult simplify_node(Node& node, Rewriter& rewriter) {
  if (rewriter.opset() < 5) return RewriteResult::declined("the target is an attribute");
  if (node.input(0) == nullptr || node.input(1) == nullptr || node.output(0) == nullptr) {
    return RewriteResult::declined("an input is omitted");
  }
  if (rewriter.constant(node.input(1)) != nullptr) return RewriteResult::declined("the target is constant already");
  const Shape* from = rewriter.shape(*node.input(0));
  const Shape* to = rewriter.shape(*node.output(0));
  if (from == nullptr || to == nullptr) return RewriteResult::declined("a rank is not known");
  const auto& content = rewriter.fact(*node.input(1)).content;
  if (const auto target = reshape_target(*from, *to, content ? &*content : nullptr)) {
    const std::string name = node.output(0)->name() + "_shape";
    rewriter.set_input(node, 1, &rewriter.add_constant(node.graph(), name, Tensor::vector(*target)));
    rewriter.remove_attribute(node, "allowzero");
    return RewriteResult::done();
  }
  const auto axis = flatten_axis(*from, *to);
  if (!axis || rewriter.opset() < 9) return RewriteResult::declined("no constant target is right for every size");
  NodeSpec spec{.op_type = "Flatten", .inputs = {node.input(0)}};
  spec.attributes.emplace_back("axis", *axis);
  rewriter.become(node, std::move(spec));
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 1> kAnchors{"Reshape"};

}  // namespace

const Rewrite& simplify_reshape_target() {
  static const NodeRewrite kRewrite("SimplifyReshapeTarget", "Gives a Reshape whose target is computed a constant one.",
                                    kAnchors, simplify_node);
  return kRewrite;
}

}  // namespace surgery
