#include "edit/arguments.h"
#include "edit/dims/change_dims.h"
#include "edit/dims/find_batch.h"
#include "edit/edits.h"
#include "surgery/text.h"

/// --set-batch N|NAME: sets the batch, axis 0 of the data inputs or what --batch-axis says, to a number or to a symbol.
/// What holds the old batch is found by inference with a symbol in its place and mended; where that cannot be done, or
/// a node works along the batch, the edit is refused. Meaning kPerSample: each sample's result is what it was. kKept
/// where the batch is that already.
namespace surgery::edits {
namespace {

dims::BatchAxes parse_axes(std::span<const std::string> arguments) {
  dims::BatchAxes axes;
  for (const std::string& argument : arguments) {
    const auto [name, number] = split_assignment(argument, "--batch-axis INPUT=AXIS");
    const auto axis = parse_int(number);
    if (!axis) throw expected("an axis behind --batch-axis " + std::string(name) + "=", number);
    if (!axes.emplace(std::string(name), *axis).second) {
      throw Error(ErrorCode::kUsage, "--batch-axis names input " + quote(name) + " twice");
    }
  }
  return axes;
}

}  // namespace

EditReport set_batch(Model& model, std::string_view argument, const EditContext& context) {
  const Dim target = parse_dim(argument);
  dims::Batch batch = dims::find_batch(model, parse_axes(context.batch_axes));
  dims::add_followers(model, batch, context.facts->undeclared());
  if (batch.size ? target.is(*batch.size) : target.to_string() == batch.symbol) {
    EditReport report;
    report.notes.push_back("the batch is " + escape(target.to_string()) + " already");
    return report;
  }
  if (target.is_symbolic() && dims::declared_symbols(model).contains(target.to_string())) {
    throw Error(ErrorCode::kUsage, quote(target.to_string()) + " is the name of another dimension of the model");
  }
  const std::string old_name = batch.size ? std::to_string(*batch.size) : batch.symbol.empty() ? "?" : batch.symbol;
  std::string inputs;
  std::vector<dims::AxisChange> changes;
  for (const auto& [input, axis] : batch.carriers) {
    inputs += (inputs.empty() ? "" : ", ") + quote(input->name()) + (axis == 0 ? "" : " axis " + std::to_string(axis));
    changes.push_back({input, axis, target});
  }
  std::map<const Value*, Shape> others;
  for (const Value* input : batch.others) others.emplace(input, *input->type().shape);
  EditReport report = dims::change_dims(
      model, changes, {.per_sample = true, .force = context.force, .evaluator = context.evaluator}, *context.facts);
  report.meaning = Meaning::kPerSample;
  std::vector<std::string> notes{"batch " + escape(old_name) + " -> " + escape(target.to_string()) + " at input " +
                                 inputs};
  for (const Value* input : batch.others) {
    if (to_string(others.at(input)) != to_string(*input->type().shape)) continue;  // it had to follow
    notes.push_back("input " + quote(input->name()) + " " + to_string(others.at(input)) +
                    " does not carry the batch and was left alone" +
                    (others.at(input).empty() ? "" : "; --batch-axis " + escape(input->name()) + "=0 says it does"));
  }
  report.notes.insert(report.notes.begin(), notes.begin(), notes.end());
  return report;
}

}  // namespace surgery::edits
