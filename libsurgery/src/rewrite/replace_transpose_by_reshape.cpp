#include <array>

#include "rewrite/node_rewrite.h"
#include "rewrite/reshape_target.h"

namespace surgery {
namespace {

/// Makes a Reshape of a Transpose that only moves axes of size 1: no element changes its place in memory, and the
/// Reshape may merge with others. Matches   y = Transpose(x, perm). Requires  opset 5 or later; the axes of x that are
/// not known to be of size 1 keep their order; a constant target that
///           gives the shape of y for every value of the symbols (reshape_target.h).
/// Produces  y = Reshape(x, constant).
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX Transpose-21, Reshape-21.
RewriteResult simplify_node(Node& node, Rewriter& rewriter) {
  if (rewriter.opset() < 5) return RewriteResult::declined("the target of a Reshape is an attribute");
  if (node.input(0) == nullptr || node.output(0) == nullptr) return RewriteResult::declined("input or output omitted");
  const Shape* from = rewriter.shape(*node.input(0));
  const Shape* to = rewriter.shape(*node.output(0));
  if (from == nullptr || to == nullptr || from->size() != to->size()) {
    return RewriteResult::declined("the rank is not known");
  }
  std::vector<int64_t> perm = node.ints_or("perm", {});
  if (node.attribute("perm") == nullptr) {
    for (size_t i = from->size(); i-- > 0;) perm.push_back(static_cast<int64_t>(i));
  }
  int64_t last = -1;
  for (const int64_t axis : perm) {
    if (axis < 0 || axis >= static_cast<int64_t>(from->size())) return RewriteResult::declined("perm is not valid");
    if ((*from)[static_cast<size_t>(axis)].is(1)) continue;
    if (axis < last) return RewriteResult::declined("axes that may hold several elements change places");
    last = axis;
  }
  const auto target = reshape_target(*from, *to);
  if (!target) return RewriteResult::declined("no constant target is right for every size");
  NodeSpec spec{.op_type = "Reshape", .inputs = {node.input(0), nullptr}};
  spec.inputs[1] = &rewriter.add_constant(node.graph(), node.output(0)->name() + "_shape", Tensor::vector(*target));
  rewriter.become(node, std::move(spec));
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 1> kAnchors{"Transpose"};

}  // namespace

const Rewrite& replace_transpose_by_reshape() {
  static const NodeRewrite kRewrite("ReplaceTransposeByReshape",
                                    "Makes a Reshape of a Transpose that only moves axes of size 1.", kAnchors,
                                    simplify_node);
  return kRewrite;
}

}  // namespace surgery
