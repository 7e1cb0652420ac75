#include <map>

#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// What tells an integer tensor from all others: element type, rank and elements; "" when one of them is not known.
std::string key_of(const Value& value, const Rewriter& rewriter) {
  const Fact& fact = rewriter.fact(value);
  if (!fact.content || !fact.type.is_tensor() || !fact.type.shape) return {};
  std::string key(to_string(fact.type.element_type));
  key += std::to_string(fact.type.shape->size());
  for (const Dim& dim : *fact.content) {
    if (dim.is_unknown()) return {};
    key += ' ' + dim.to_string();
  }
  return key;
}

/// Computes a shape or part of one only once, however it is computed.
/// Matches   two integer tensors of a graph, both results of nodes, whose elements inference has proven equal for every
///           value of the symbols, as in Gather(Shape(x), 0) and Gather(Shape(Relu(x)), 0).
/// Requires  that the later one (in topological order) can give way to the earlier one.
/// Produces  the earlier one for all readers.
/// Keeps     all values. Applies inside subgraphs and functions.
void merge(Graph& graph, Rewriter& rewriter) {
  const auto order = graph.topological_order();
  if (!order) return;
  std::map<std::string, Value*> seen;
  for (Node* node : *order) {
    for (Value* output : node->outputs()) {
      if (output == nullptr || output->is_unused()) continue;
      const std::string key = key_of(*output, rewriter);
      if (key.empty()) continue;
      const auto [entry, is_new] = seen.try_emplace(key, output);
      if (is_new || !rewriter.can_replace(*output, *entry->second)) continue;
      if (!rewriter.begin_step(describe(*node))) return;
      rewriter.replace(*output, *entry->second);
    }
  }
}

}  // namespace

const GraphRewrite& merge_equal_shape_values() {
  static const WholeGraphRewrite kRewrite("MergeEqualShapeValues",
                                          "Computes a shape or part of one only once, however it is computed.", merge);
  return kRewrite;
}

}  // namespace surgery
