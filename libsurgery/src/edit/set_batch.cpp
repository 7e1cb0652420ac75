#include "edit/set_batch.h"

#include <algorithm>

#include "edit/arguments.h"
#include "edit/batch/mend_squeeze.h"
#include "edit/batch/mender.h"
#include "edit/declared_types.h"
#include "edit/edits.h"
#include "edit/new_errors.h"
#include "surgery/text.h"

/// --set-batch N|NAME: sets the batch, axis 0 of the data inputs, to a number or to a symbol. What holds the old batch
/// is found by inference with a symbol in its place and mended; where that cannot be done the edit is refused. Meaning
/// kPerSample: each sample's result is what it was. kKept where the batch is that already.
namespace surgery {
namespace {

bool is_declared(Model& model, std::string_view symbol) {
  bool found = false;
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (const Value* value : graph.values()) {
      if (found || !value->type().shape) continue;
      for (const Dim& dim : *value->type().shape) {
        found = found || (dim.is_symbolic() && dim.symbols().contains(std::string(symbol)));
      }
    }
  });
  return found;
}

void set_first_dims(Model& model, const batch::Batch& batch, const Dim& target) {
  for (Value* input : batch.inputs) {
    Type type = input->type();
    type.shape->front() = target;
    model.graph().set_type(*input, std::move(type));
  }
}

}  // namespace

EditReport change_batch(Model& model, const batch::Batch& batch, const Dim& target) {
  EditReport report;
  report.meaning = Meaning::kPerSample;
  const bool is_fixed = batch.size.has_value();
  const std::string old_name = is_fixed ? std::to_string(*batch.size) : batch.symbol.empty() ? "?" : batch.symbol;
  if (target.is_symbolic() && target.to_string() != batch.symbol && is_declared(model, target.to_string())) {
    throw Error(ErrorCode::kUsage, quote(target.to_string()) + " is the name of another dimension of the model");
  }
  std::string inputs;
  for (const Value* input : batch.inputs) inputs += (inputs.empty() ? "" : ", ") + quote(input->name());
  report.notes.push_back("batch " + escape(old_name) + " -> " + escape(target.to_string()) + " at input " + inputs);
  report.notes.insert(report.notes.end(), batch.remarks.begin(), batch.remarks.end());

  const NewErrors errors(model);
  if (is_fixed) {
    batch::Mender mender(model, batch, target);
    mender.run();
    for (std::string& note : mender.take_notes()) report.notes.push_back(std::move(note));
  } else if (!batch.symbol.empty()) {
    if (target.is(1)) {
      const std::vector<std::string> notes = batch::name_squeezed_axes(model, errors.before(), batch.symbol);
      report.notes.insert(report.notes.end(), notes.begin(), notes.end());
    }
    substitute_symbols(model, {{batch.symbol, target}});
  }
  set_first_dims(model, batch, target);

  Inference inference(model, {.use_declared = false});
  inference.run();
  errors.require_none(inference);
  redeclare(model, inference, is_fixed ? Unproven::kDrop : Unproven::kKeep);
  return report;
}

EditReport edits::set_batch(Model& model, std::string_view argument, const EditContext& /*context*/) {
  const Dim target = parse_dim(argument);
  const batch::Batch batch = batch::find_batch(model);
  const bool is_there = batch.size ? target.is(*batch.size) : target.to_string() == batch.symbol;
  if (!is_there) return change_batch(model, batch, target);
  EditReport report;
  report.notes.push_back("the batch is " + escape(target.to_string()) + " already");
  return report;
}

}  // namespace surgery
