#include <algorithm>
#include <unordered_map>

#include "rewrite/node_rewrite.h"
#include "rewrite/same_call.h"
#include "surgery/schema.h"

namespace surgery {
namespace {

/// Two calls with the same inputs give the same results. Custom operators may keep something between calls.
bool is_pure(const Node& node, const Rewriter& rewriter) {
  if (node.has_subgraphs() || node.outputs().empty()) return false;
  const auto* schema = schema::find(node.domain(), node.op_type(), rewriter.opset(node.domain()));
  return schema != nullptr && !schema->is_nondeterministic();
}

/// Whether each result of `late` that is used has a counterpart in `early` that can stand for it.
bool can_stand_for(const Node& early, const Node& late, const Rewriter& rewriter) {
  for (size_t i = 0; i < late.outputs().size(); ++i) {
    const Value* output = late.output(i);
    if (output == nullptr || output->is_unused()) continue;
    if (early.output(i) == nullptr || !rewriter.can_replace(*output, *early.output(i))) return false;
  }
  // Some operators take another form by how many results are listed (BatchNormalization before version 14).
  return early.outputs().size() == late.outputs().size();
}

/// Computes only once what is computed several times.
/// Matches   two nodes of a graph with the same operator, inputs and attributes.
/// Requires  a standard operator that draws no random numbers, without subgraphs; as many results listed; each result
///           of the later node that is used can give way to the earlier node's (not two graph outputs).
/// Produces  the earlier node alone.
/// Keeps     all values under the earlier node's names, or the graph output's. Applies inside subgraphs and functions.
void eliminate(Graph& graph, Rewriter& rewriter) {
  const auto order = graph.topological_order();
  if (!order) return;
  std::unordered_multimap<uint64_t, Node*> seen;
  seen.reserve(order->size());
  for (Node* node : *order) {
    if (!is_pure(*node, rewriter)) continue;
    const uint64_t hash = hash_of_call(*node);
    const auto [begin, end] = seen.equal_range(hash);
    const auto twin = std::find_if(begin, end, [&](const auto& entry) {
      return is_same_call(*entry.second, *node) && can_stand_for(*entry.second, *node, rewriter);
    });
    if (twin == end) {
      seen.emplace(hash, node);
      continue;
    }
    if (!rewriter.begin_step(describe(*node))) return;
    for (size_t i = 0; i < node->outputs().size(); ++i) {
      Value* output = node->output(i);
      if (output != nullptr && !output->is_unused()) rewriter.replace(*output, *twin->second->output(i));
    }
    rewriter.erase_if_unused(*node);
  }
}

}  // namespace

const GraphRewrite& eliminate_common_subexpressions() {
  static const WholeGraphRewrite kRewrite("EliminateCommonSubexpressions",
                                          "Computes only once what is computed several times.", eliminate);
  return kRewrite;
}

}  // namespace surgery
