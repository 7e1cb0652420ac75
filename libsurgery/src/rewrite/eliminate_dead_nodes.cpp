#include <algorithm>

#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Removes nodes of which no result is used, and what only they used.
/// Requires  no reader and no graph output among all results, readers inside subgraphs included. Operators have no
///           effects but their results.
/// Applies inside subgraphs and functions.
void eliminate(Graph& graph, Rewriter& rewriter) {
  for (Node* node = graph.last_node(); node != nullptr;) {
    Node* previous = node->previous();
    const bool dead = std::all_of(node->outputs().begin(), node->outputs().end(),
                                  [](const Value* output) { return output == nullptr || output->is_unused(); });
    if (dead) {
      if (!rewriter.begin_step(describe(*node))) return;
      rewriter.erase_if_unused(*node);
    }
    node = previous;
  }
}

}  // namespace

const GraphRewrite& eliminate_dead_nodes() {
  static const WholeGraphRewrite kRewrite("EliminateDeadNodes", "Removes nodes of which no result is used.", eliminate);
  return kRewrite;
}

}  // namespace surgery
