#include <array>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Gives an Expand whose target is computed a constant one, so that the computation can go.
/// Matches   y = Expand(x, shape), shape not constant.
/// Requires  that each element of shape is a known number, or proven equal to the dim of x that it meets.
/// Produces  y = Expand(x, constant), with 1 for the latter: the dim stays as it is.
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX Expand-13.
RewriteResult simplify_node(Node& node, Rewriter& rewriter) {
  if (node.input(0) == nullptr || node.input(1) == nullptr) return RewriteResult::declined("an input is omitted");
  if (rewriter.constant(node.input(1)) != nullptr) return RewriteResult::declined("the target is constant already");
  const Shape* shape = rewriter.shape(*node.input(0));
  const auto& content = rewriter.fact(*node.input(1)).content;
  if (shape == nullptr || !content) return RewriteResult::declined("the target's or the tensor's rank is not known");
  std::vector<int64_t> target;
  for (size_t i = 0; i < content->size(); ++i) {
    const Dim& wanted = (*content)[i];
    const size_t from_end = content->size() - i;
    if (wanted.is_known()) {
      target.push_back(wanted.value());
    } else if (from_end <= shape->size() && (*shape)[shape->size() - from_end] == wanted) {
      target.push_back(1);
    } else {
      return RewriteResult::declined("an element of the target is not known");
    }
  }
  const std::string name = node.output(0)->name() + "_shape";
  rewriter.set_input(node, 1, &rewriter.add_constant(node.graph(), name, Tensor::vector(target)));
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 1> kAnchors{"Expand"};

}  // namespace

const Rewrite& simplify_expand_target() {
  static const NodeRewrite kRewrite("SimplifyExpandTarget", "Gives an Expand whose target is computed a constant one.",
                                    kAnchors, simplify_node);
  return kRewrite;
}

}  // namespace surgery
