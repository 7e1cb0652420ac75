#include "edit/arguments.h"
#include "edit/dims/change_dims.h"
#include "edit/edits.h"
#include "edit/find_input.h"
#include "surgery/text.h"

/// --set-shape INPUT:DIMS: sets the shape of an input. A symbol that gets a value gets it everywhere in the model; what
/// was a number is freed, and what holds the old one is mended (see dims::change_dims, for the claims too). The edit is
/// refused when a node cannot take the new shape.
namespace surgery::edits {

EditReport set_shape(Model& model, std::string_view argument, const EditContext& context) {
  const size_t colon = argument.rfind(':');
  if (colon == std::string_view::npos || colon == 0) throw expected("INPUT:DIMS", argument);
  const Shape shape = parse_shape(argument.substr(colon + 1));
  Value& input = find_data_input(model, argument.substr(0, colon));
  const std::string name = quote(input.name());
  if (!input.type().shape) {
    Type type = input.type();
    type.kind = Type::Kind::kTensor;
    type.shape = Shape(shape.size());
    model.graph().set_type(input, std::move(type));
  }
  const Shape before = *input.type().shape;
  if (before.size() != shape.size()) {
    throw Error(ErrorCode::kUsage, "input " + name + " has shape " + to_string(before) + " of rank " +
                                       std::to_string(before.size()) + ", and " + to_string(shape) + " has rank " +
                                       std::to_string(shape.size()));
  }
  std::vector<dims::AxisChange> changes;
  for (size_t axis = 0; axis < shape.size(); ++axis) changes.push_back({&input, axis, shape[axis]});
  EditReport report =
      dims::change_dims(model, changes, {.force = context.force, .evaluator = context.evaluator}, *context.facts);
  const bool is_there = to_string(before) == to_string(shape);
  report.notes.insert(report.notes.begin(),
                      is_there ? "input " + name + " has shape " + to_string(shape) + " already"
                               : "input " + name + ": shape " + to_string(before) + " -> " + to_string(shape));
  return report;
}

}  // namespace surgery::edits
