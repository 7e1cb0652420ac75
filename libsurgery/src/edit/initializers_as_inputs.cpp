#include "edit/arguments.h"
#include "edit/edits.h"
#include "surgery/schema.h"

/// --initializers-as-inputs yes|no: lists the weights of the main graph among its inputs, as IR versions before 4
/// demanded, or takes them out of there, so that runtimes may treat them as constants. "no" raises the IR version to 4
/// where it is lower.
/// Meaning   kInterface: a caller who feeds the data alone gets the same results.
namespace surgery::edits {
namespace {

std::vector<Value*> weights(const Graph& graph, bool listed) {
  std::vector<Value*> found;
  for (Value* value : graph.initializers()) {
    if (value->is_graph_input() == listed) found.push_back(value);
  }
  return found;
}

std::string count(size_t number) { return std::to_string(number) + (number == 1 ? " weight" : " weights"); }

}  // namespace

EditReport initializers_as_inputs(Model& model, std::string_view argument, const EditContext& /*context*/) {
  const bool wanted = parse_yes_no(argument);
  Graph& graph = model.graph();
  EditReport report;
  const std::vector<Value*> affected = weights(graph, !wanted);
  if (affected.empty() && (wanted || model.ir_version() >= schema::kFreeInitializerIrVersion)) {
    report.notes.emplace_back(wanted ? "every weight is listed among the inputs already"
                                     : "no weight is listed among the inputs");
    return report;
  }
  report.meaning = Meaning::kInterface;
  if (wanted) {
    for (Value* value : affected) graph.make_input(*value);
    report.notes.push_back(count(affected.size()) + " listed among the inputs");
    return report;
  }
  for (Value* value : affected) graph.make_not_input(*value);
  report.notes.push_back(count(affected.size()) + " taken out of the inputs");
  if (model.ir_version() < schema::kFreeInitializerIrVersion) {
    report.notes.push_back("IR version " + std::to_string(model.ir_version()) + " -> " +
                           std::to_string(schema::kFreeInitializerIrVersion) +
                           ", the first one where weights need not be inputs");
    model.set_ir_version(schema::kFreeInitializerIrVersion);
  }
  return report;
}

}  // namespace surgery::edits
