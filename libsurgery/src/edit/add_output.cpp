#include "edit/edits.h"
#include "surgery/infer.h"
#include "surgery/text.h"

/// --add-output TENSOR: appends a tensor of the main graph to the outputs, with the type that inference finds (the
/// declared one where it finds none).
/// Meaning   kInterface: what was there before is computed as before.
namespace surgery::edits {

EditReport add_output(Model& model, std::string_view argument, const EditContext& context) {
  Value& value = select_value(model, argument);
  const auto refuse = [&](const std::string& why) {
    return Error(ErrorCode::kUsage, quote(argument) + " cannot be an output: it " + why);
  };
  if (&value.graph() != &model.graph()) throw refuse("belongs to a subgraph");
  if (value.is_undefined()) throw refuse("is read, but nothing defines it");
  for (const Value* output : model.graph().outputs()) {
    if (output == &value) throw refuse("is one already");
  }
  Type type = context.facts->declared().fact(value).type;
  if (!type.is_known()) type = value.type();
  if (!type.is_known()) {
    throw Error(
        ErrorCode::kUnsupported,
        quote(argument) + " cannot be an output: its type is not known" +
            (value.producer() != nullptr ? ", as there is no inference for " + describe(*value.producer()) : ""));
  }
  EditReport report;
  report.meaning = Meaning::kInterface;
  report.notes.push_back("output " + quote(argument) + " added: " + to_string(type));
  if (!value.is_graph_input()) model.graph().set_type(value, std::move(type));
  model.graph().add_output(value);
  model.graph().set_value_info(value, false);
  return report;
}

}  // namespace surgery::edits
