#include "edit/arguments.h"
#include "edit/edits.h"
#include "surgery/text.h"

/// --rename OLD=NEW: renames a tensor (inputs, outputs, weights and what subgraphs read included) or, where no tensor
/// has the name, the node that OLD selects. Node names and tensor names are apart: a node may keep the name that its
/// output gives up.
/// Meaning   kInterface for inputs and outputs, kKept for everything else; the journal tells diff-run which is which.
namespace surgery::edits {
namespace {

Value* find_value(Model& model, std::string_view name) {
  Value* found = nullptr;
  for_each_graph(model.graph(), [&](Graph& graph) {
    if (found == nullptr) found = graph.find(name);
  });
  return found;
}

Node* find_node(Model& model, std::string_view name) {
  Node* found = nullptr;
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (Node* node = graph.first_node(); node != nullptr && found == nullptr; node = node->next()) {
      if (node->name() == name) found = node;
    }
  });
  return found;
}

EditReport rename_value(Model& model, Value& value, std::string_view name) {
  // In the whole model: a subgraph with a tensor of the new name would read that one in place of this.
  if (find_value(model, name) != nullptr) {
    throw Error(ErrorCode::kUsage,
                "cannot rename " + quote(value.name()) + ": there is a tensor " + quote(name) + " already");
  }
  EditReport report;
  const bool on_the_outside = &value.graph() == &model.graph() && (value.is_graph_input() || value.is_graph_output());
  if (on_the_outside) report.meaning = Meaning::kInterface;
  const std::string_view kind = value.is_graph_input() ? "input " : value.is_graph_output() ? "output " : "tensor ";
  report.notes.push_back(std::string(kind) + quote(value.name()) + " renamed to " + quote(name));
  model.journal().correspond(value.name(), std::string(name));
  value.graph().rename(value, std::string(name));
  return report;
}

EditReport rename_node(Model& model, Node& node, std::string_view name) {
  if (find_node(model, name) != nullptr) {
    throw Error(ErrorCode::kUsage, "cannot rename " + describe(node) + ": there is a node " + quote(name) + " already");
  }
  EditReport report;
  report.notes.push_back(describe(node) + " renamed to " + quote(name));
  node.graph().rename_node(node, std::string(name));
  return report;
}

}  // namespace

EditReport rename(Model& model, std::string_view argument, const EditContext& /*context*/) {
  const auto [old_name, new_name] = split_assignment(argument, "OLD=NEW");
  if (Value* value = find_value(model, old_name)) return rename_value(model, *value, new_name);
  const bool is_node = old_name[0] == '#' || find_node(model, old_name) != nullptr;
  if (is_node) return rename_node(model, select_node(model, old_name), new_name);
  select_value(model, old_name);  // there is none: this names the nearest
  SURGERY_ASSERT(false, "select_value() throws for a name that find_value() does not find");
}

}  // namespace surgery::edits
