#include <array>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Lets a Gather of one index keep the axis that an Unsqueeze puts back.
/// Matches   y = Unsqueeze(Gather(x, i), axes), i a constant scalar.
/// Requires  axes constant, one axis, the one gathered along; that the gathered tensor has one use and is not a graph
///           output; the rank of x known where an axis counts from the end.
/// Produces  y = Gather(x, [i]).
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX Gather-13, Unsqueeze-21.
RewriteResult simplify_node(Node& unsqueeze, Rewriter& rewriter) {
  const Node* gather = producer(unsqueeze.input(0), "Gather");
  if (gather == nullptr) return RewriteResult::declined("no Gather comes before");
  if (&gather->graph() != &unsqueeze.graph()) return RewriteResult::declined("the two nodes are in different graphs");
  if (!gather->output(0)->has_one_use()) return RewriteResult::declined("the gathered tensor is used elsewhere");
  const auto index = rewriter.constant(gather->input(1));
  if (index == nullptr || index->rank() != 0) return RewriteResult::declined("the index is not a constant scalar");
  const auto axes = rewriter.opset() >= 13 ? constant_ints(rewriter, unsqueeze.input(1))
                                           : std::optional(unsqueeze.ints_or("axes", {}));
  if (!axes || axes->size() != 1) return RewriteResult::declined("not one constant axis");
  int64_t gathered = gather->int_or("axis", 0);
  int64_t inserted = (*axes)[0];
  if (gathered < 0 || inserted < 0) {
    const auto data_rank = rank(rewriter, gather->input(0));
    if (!data_rank) return RewriteResult::declined("the rank is not known");
    gathered += gathered < 0 ? *data_rank : 0;
    inserted += inserted < 0 ? *data_rank : 0;  // the result has the rank of the data again
  }
  if (gathered != inserted) return RewriteResult::declined("the axes differ");
  NodeSpec spec{.op_type = "Gather", .inputs = {gather->input(0), nullptr}, .name = gather->name()};
  const std::string name = gather->input(1)->name() + "_list";
  spec.inputs[1] = &rewriter.add_constant(unsqueeze.graph(), name, index->reshaped({1}));
  spec.attributes.emplace_back("axis", gathered);
  rewriter.become(unsqueeze, std::move(spec));
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 1> kAnchors{"Unsqueeze"};

}  // namespace

const Rewrite& merge_gather_unsqueeze() {
  static const NodeRewrite kRewrite("MergeGatherUnsqueeze",
                                    "Lets a Gather of one index keep the axis that an Unsqueeze puts back.", kAnchors,
                                    simplify_node);
  return kRewrite;
}

}  // namespace surgery
