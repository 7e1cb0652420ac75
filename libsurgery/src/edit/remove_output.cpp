#include <algorithm>

#include "edit/edits.h"
#include "edit/unused.h"
#include "surgery/text.h"

/// --remove-output TENSOR: takes a tensor off the outputs. Nodes and weights that only served it are removed with it,
/// since a runtime would compute them for nothing; inputs stay, even where nothing reads them any more.
/// Meaning   kInterface: the other outputs are computed as before.
namespace surgery::edits {
namespace {

size_t output_index(const Graph& graph, std::string_view name) {
  std::vector<std::string> names;
  for (size_t i = 0; i < graph.outputs().size(); ++i) {
    if (graph.outputs()[i]->name() == name) return i;
    names.push_back(graph.outputs()[i]->name());
  }
  throw Error(ErrorCode::kUsage, "there is no output " + quote(name) + suggestion(name, names));
}

std::string count(size_t number, std::string_view what) {
  return std::to_string(number) + " " + std::string(what) + (number == 1 ? "" : "s");
}

}  // namespace

EditReport remove_output(Model& model, std::string_view argument, const EditContext& /*context*/) {
  Graph& graph = model.graph();
  const size_t index = output_index(graph, argument);
  if (graph.outputs().size() == 1) {
    throw Error(ErrorCode::kUsage, quote(argument) + " is the only output, and a model needs one");
  }
  std::vector<Value*> read_inputs;
  for (Value* input : graph.inputs()) {
    if (!input->is_unused() && !input->is_initializer()) read_inputs.push_back(input);
  }
  Value& value = *graph.outputs()[index];
  graph.remove_output(index);
  const Removed removed = remove_unused({&value});

  EditReport report;
  report.meaning = Meaning::kInterface;
  report.notes.push_back("output " + quote(argument) + " removed" +
                         (removed.nodes + removed.initializers == 0
                              ? ""
                              : ", and with it " + count(removed.nodes, "node") + " and " +
                                    count(removed.initializers, "weight") + " that only it needed"));
  for (const Value* input : read_inputs) {
    if (input->is_unused()) report.notes.push_back("input " + quote(input->name()) + " is not read any more");
  }
  return report;
}

}  // namespace surgery::edits
