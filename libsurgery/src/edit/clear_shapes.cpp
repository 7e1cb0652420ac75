#include "edit/edits.h"

/// --clear-shapes: removes value_info from the main graph and from subgraphs. Inputs and outputs keep their types.
/// Meaning   kKept: nothing that is computed changes.
namespace surgery::edits {

EditReport clear_shapes(Model& model, std::string_view /*argument*/, const EditContext& /*context*/) {
  size_t removed = 0;
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (Value* value : graph.values()) {
      if (!value->has_value_info()) continue;
      graph.set_value_info(*value, false);
      ++removed;
      const bool is_interface = value->is_graph_input() || value->is_graph_output();
      if (!is_interface && !value->is_initializer()) graph.set_type(*value, {});
    }
  });
  EditReport report;
  report.notes.push_back(std::to_string(removed) + " types removed from value_info");
  return report;
}

}  // namespace surgery::edits
