#include "rewrite/node_rewrite.h"
#include "surgery/text.h"

namespace surgery {
namespace {

/// Removes weights that nothing reads.
/// Requires  no reader, in subgraphs either, and no graph output; not a graph input that a caller may set (before IR
///           version 4 initializers had to be inputs, and go together with those).
/// Applies inside subgraphs.
void remove(Graph& graph, Rewriter& rewriter) {
  const std::vector<Value*> initializers(graph.initializers().begin(), graph.initializers().end());
  // From the end, where Graph looks first.
  for (auto value = initializers.rbegin(); value != initializers.rend(); ++value) {
    if (!(*value)->is_unused() || !rewriter.can_remove_initializer(**value)) continue;
    if (!rewriter.begin_step("initializer " + quote((*value)->name()))) return;
    rewriter.remove_initializer_if_unused(**value);
  }
}

}  // namespace

const GraphRewrite& remove_unused_initializers() {
  static const WholeGraphRewrite kRewrite("RemoveUnusedInitializers", "Removes weights that nothing reads.", remove);
  return kRewrite;
}

}  // namespace surgery
