#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Stores the results of Constant nodes as initializers.
/// Requires  IR version 4 or later (before it an initializer had to be an input); a dense tensor that is no graph
///           output; not the top graph of a function, which has no initializers.
/// Produces  an initializer of the same name for each.
/// Keeps     all values. Applies inside subgraphs.
void convert(Graph& graph, Rewriter& rewriter) {
  constexpr int64_t kFreeInitializers = 4;
  if (rewriter.model().ir_version() < kFreeInitializers || !rewriter.has_initializers(graph)) return;
  for (Node* node : graph.nodes()) {
    if (!node->is("Constant") || node->outputs().size() != 1) continue;
    Value* value = node->output(0);
    if (value == nullptr || value->is_unused() || value->is_graph_output()) continue;
    const auto tensor = rewriter.constant(value);
    if (tensor == nullptr) continue;
    if (!rewriter.begin_step(describe(*node))) return;
    rewriter.make_constant(*value, *tensor);
  }
}

}  // namespace

const GraphRewrite& make_constants_initializers() {
  static const WholeGraphRewrite kRewrite("MakeConstantsInitializers",
                                          "Stores the results of Constant nodes as initializers.", convert);
  return kRewrite;
}

}  // namespace surgery
