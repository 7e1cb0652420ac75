#include <algorithm>
#include <map>

#include "edit/arguments.h"
#include "edit/declared_types.h"
#include "edit/edits.h"
#include "edit/new_errors.h"
#include "edit/set_batch.h"
#include "surgery/text.h"

/// --set-shape INPUT:DIMS: sets the shape of an input. A symbol that gets a value gets it everywhere in the model; a
/// batch (axis 0) that was a number is changed as --set-batch does, constants that hold it included. Other dimensions
/// that were numbers are changed as asked, and the edit is refused when a node cannot take the new shape.
/// Meaning   kPerSample where axis 0 changes, kChanged where another number does, kInterface where symbols get a value
///           or numbers become symbols, kKept where the input has that shape already.
namespace surgery::edits {
namespace {

struct Request {
  Value& input;
  Shape shape;
};

Request parse(Model& model, std::string_view argument) {
  const size_t colon = argument.rfind(':');
  if (colon == std::string_view::npos || colon == 0) throw expected("INPUT:DIMS", argument);
  const std::string_view name = argument.substr(0, colon);
  Shape shape = parse_shape(argument.substr(colon + 1));
  std::vector<std::string> names;
  for (Value* input : model.graph().inputs()) {
    if (input->name() != name) {
      if (!input->is_initializer()) names.push_back(input->name());
      continue;
    }
    if (input->is_initializer()) {
      throw Error(ErrorCode::kUsage, "input " + quote(name) + " is a weight, whose shape is that of its elements");
    }
    return {*input, std::move(shape)};
  }
  throw Error(ErrorCode::kUsage, "there is no input " + quote(name) + suggestion(name, names));
}

/// The symbols that get another meaning. Throws when one would get two.
std::map<std::string, Dim, std::less<>> bindings(const Shape& before, const Shape& after) {
  std::map<std::string, Dim, std::less<>> values;
  for (size_t i = 0; i < before.size(); ++i) {
    if (!before[i].is_plain_symbol()) continue;
    const auto [known, is_new] = values.emplace(*before[i].symbols().begin(), after[i]);
    if (!is_new && !(known->second == after[i])) {
      throw Error(ErrorCode::kUsage, "dimension " + quote(known->first) + " cannot be both " +
                                         escape(known->second.to_string()) + " and " + escape(after[i].to_string()));
    }
  }
  std::erase_if(values, [](const auto& entry) { return entry.second == Dim::symbol(entry.first); });
  return values;
}

/// Sets every dimension but a fixed batch; says what the strongest claim is then.
Meaning set_dims(Model& model, Value& input, const Shape& before, const Shape& shape) {
  Meaning meaning = Meaning::kInterface;
  for (size_t i = 0; i < before.size(); ++i) {
    const bool is_other_number = before[i].is_known() && shape[i].is_known() && !(before[i] == shape[i]);
    if (is_other_number) meaning = std::max(meaning, i == 0 ? Meaning::kPerSample : Meaning::kChanged);
    if (i == 0 && !(before[i] == shape[i])) meaning = std::max(meaning, Meaning::kPerSample);
  }
  substitute_symbols(model, bindings(before, shape));
  Type type = input.type();
  type.shape = shape;
  model.graph().set_type(input, std::move(type));
  return meaning;
}

}  // namespace

EditReport set_shape(Model& model, std::string_view argument, const EditContext& /*context*/) {
  auto [input, shape] = parse(model, argument);
  const Type type = input.type();
  if (type.is_known() && !type.is_tensor()) {
    throw Error(ErrorCode::kUsage, "input " + quote(input.name()) + " is a " + to_string(type) + " and has no shape");
  }
  const Shape before = type.shape.value_or(Shape(shape.size()));
  if (before.size() != shape.size()) {
    throw Error(ErrorCode::kUsage, "input " + quote(input.name()) + " has shape " + to_string(before) + " of rank " +
                                       std::to_string(before.size()) + ", and " + to_string(shape) + " has rank " +
                                       std::to_string(shape.size()));
  }
  EditReport report;
  if (type.shape && to_string(before) == to_string(shape)) {
    report.notes.push_back("input " + quote(input.name()) + " has shape " + to_string(shape) + " already");
    return report;
  }
  report.notes.push_back("input " + quote(input.name()) + ": shape " + to_string(before) + " -> " + to_string(shape));

  const bool has_fixed_batch = !shape.empty() && before[0].is_known() && !(before[0] == shape[0]);
  if (has_fixed_batch) {
    batch::Batch batch{{&input}, before[0].value(), {}, {}};
    EditReport changed = change_batch(model, batch, shape[0]);
    report.notes.insert(report.notes.end(), changed.notes.begin() + 1, changed.notes.end());
    report.meaning = changed.meaning;
  }
  const NewErrors errors(model);
  Shape current = before;
  if (has_fixed_batch) current[0] = shape[0];
  if (to_string(current) == to_string(shape)) return report;
  report.meaning = std::max(report.meaning, set_dims(model, input, current, shape));
  Inference inference(model, {.use_declared = false});
  inference.run();
  errors.require_none(inference);
  redeclare(model, inference, report.meaning == Meaning::kChanged ? Unproven::kDrop : Unproven::kKeep);
  return report;
}

}  // namespace surgery::edits
