#include <algorithm>
#include <array>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"
#include "rewrite/reshape_target.h"

namespace surgery {
namespace {

/// The node before, if it only changes the shape too.
Node* first_of(const Node& second) {
  for (const std::string_view op_type : {"Reshape", "Flatten", "Squeeze", "Unsqueeze"}) {
    if (Node* node = producer(second.input(0), op_type)) return node;
  }
  return nullptr;
}

/// A constant target that does not refer to the shape of the tensor it is used on.
bool stands_alone(const std::optional<std::vector<int64_t>>& target) {
  return target && std::find(target->begin(), target->end(), 0) == target->end();
}

/// Makes one Reshape of two changes of shape in a row.
/// Matches   y = B(A(x)), A and B each one of Reshape, Flatten, Squeeze, Unsqueeze.
/// Requires  opset 5 or later; B a Reshape with a constant target without zeros; or shapes of x and y known but for
///           symbols, and a constant target that gives the shape of y for every value of the symbols
///           (reshape_target.h).
/// Produces  y = Reshape(x, constant). A goes when nothing else reads it.
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX Reshape-21, Flatten-21, Squeeze-21, Unsqueeze-21.
RewriteResult simplify_node(Node& second, Rewriter& rewriter) {
  if (rewriter.opset() < 5) return RewriteResult::declined("the target is an attribute");
  const Node* first = first_of(second);
  if (first == nullptr || first->input(0) == nullptr || second.output(0) == nullptr) {
    return RewriteResult::declined("no change of shape comes before");
  }
  Value* data = first->input(0);
  const bool is_reshape = second.is("Reshape");
  const auto present = is_reshape ? constant_ints(rewriter, second.input(1)) : std::nullopt;
  if (stands_alone(present)) {
    rewriter.set_input(second, 0, data);
    return RewriteResult::done();
  }
  const Shape* from = rewriter.shape(*data);
  const Shape* to = rewriter.shape(*second.output(0));
  if (from == nullptr || to == nullptr) return RewriteResult::declined("a rank is not known");
  const std::vector<Dim> content = present ? std::vector<Dim>(present->begin(), present->end()) : std::vector<Dim>();
  const auto target = reshape_target(*from, *to, present ? &content : nullptr);
  if (!target) return RewriteResult::declined("no constant target is right for every size");
  NodeSpec spec{.op_type = "Reshape", .inputs = {data, nullptr}};
  spec.inputs[1] = &rewriter.add_constant(second.graph(), second.output(0)->name() + "_shape", Tensor::vector(*target));
  rewriter.become(second, std::move(spec));
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 4> kAnchors{"Reshape", "Flatten", "Squeeze", "Unsqueeze"};

}  // namespace

const Rewrite& merge_reshapes() {
  static const NodeRewrite kRewrite("MergeReshapes", "Makes one Reshape of two changes of shape in a row.", kAnchors,
                                    simplify_node);
  return kRewrite;
}

}  // namespace surgery
