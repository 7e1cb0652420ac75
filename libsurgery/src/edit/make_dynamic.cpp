#include "edit/arguments.h"
#include "edit/dims/change_dims.h"
#include "edit/edits.h"
#include "edit/find_input.h"
#include "surgery/text.h"

/// --make-dynamic INPUT:AXIS=NAME,...: frees dimensions of an input that are numbers to symbols, and mends what holds
/// the numbers. Other inputs that must have the same size follow. See dims::change_dims, for the claims too.
namespace surgery::edits {
namespace {

constexpr const char* kForm = "INPUT:AXIS=NAME,...";

size_t parse_axis(std::string_view text, const Value& input) {
  const auto rank = static_cast<int64_t>(input.type().shape->size());
  const auto number = parse_int(text);
  if (!number) throw expected("an axis", text);
  const int64_t axis = *number < 0 ? *number + rank : *number;
  if (axis < 0 || axis >= rank) {
    throw Error(ErrorCode::kUsage, "axis " + std::to_string(*number) + " is out of range for input " +
                                       quote(input.name()) + " " + to_string(*input.type().shape));
  }
  return static_cast<size_t>(axis);
}

}  // namespace

EditReport make_dynamic(Model& model, std::string_view argument, const EditContext& context) {
  const size_t colon = argument.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == argument.size()) throw expected(kForm, argument);
  Value& input = find_data_input(model, argument.substr(0, colon));
  if (!input.type().shape) {
    throw Error(ErrorCode::kUsage, "input " + quote(input.name()) + " has no declared shape; --set-shape gives it one");
  }
  const Shape shape = *input.type().shape;
  std::vector<dims::AxisChange> changes;
  std::string summary = "input " + quote(input.name()) + ":";
  std::string_view rest = argument.substr(colon + 1);
  while (true) {
    const size_t comma = rest.find(',');
    const auto [number, name] = split_assignment(trimmed(rest.substr(0, comma)), kForm);
    const size_t axis = parse_axis(number, input);
    const Dim target = parse_dim(name);
    if (!target.is_symbolic()) throw expected("a name for axis " + std::to_string(axis), name);
    for (const dims::AxisChange& change : changes) {
      if (change.axis != axis) continue;
      throw Error(ErrorCode::kUsage, "axis " + std::to_string(axis) + " is named twice");
    }
    if (shape[axis].is_symbolic() && !(shape[axis] == target)) {
      throw Error(ErrorCode::kUsage, "axis " + std::to_string(axis) + " of input " + quote(input.name()) +
                                         " is dynamic already: " + quote(shape[axis].to_string()) +
                                         "; --set-dim renames it");
    }
    changes.push_back({&input, axis, target});
    summary += (changes.size() == 1 ? " axis " : ", axis ") + std::to_string(axis) + " " +
               escape(shape[axis].to_string()) + " -> " + escape(target.to_string());
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  EditReport report =
      dims::change_dims(model, changes, {.force = context.force, .evaluator = context.evaluator}, *context.facts);
  report.notes.insert(report.notes.begin(), summary);
  return report;
}

}  // namespace surgery::edits
