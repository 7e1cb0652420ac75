#include "edit/arguments.h"
#include "edit/dims/change_dims.h"
#include "edit/edits.h"
#include "edit/find_input.h"
#include "surgery/text.h"

/// --make-dynamic INPUT:AXIS=NAME,...[;INPUT:...]: frees dimensions of inputs that are numbers to symbols, all at once,
/// and mends what holds the numbers. Other inputs that must have the same size follow. See dims::change_dims, for the
/// claims too.
namespace surgery::edits {
namespace {

constexpr const char* kForm = "INPUT:AXIS=NAME,...";  // of each part between semicolons

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

/// Adds what is said of one input; a summary for the user.
std::string parse_input(Model& model, std::string_view text, std::vector<dims::AxisChange>& changes) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) throw expected(kForm, text);
  Value& input = find_data_input(model, text.substr(0, colon));
  if (!input.type().shape) {
    throw Error(ErrorCode::kUsage, "input " + quote(input.name()) + " has no declared shape; --set-shape gives it one");
  }
  const Shape shape = *input.type().shape;
  std::string summary = "input " + quote(input.name()) + ":";
  std::string_view rest = text.substr(colon + 1);
  for (bool is_first = true;; is_first = false) {
    const size_t comma = rest.find(',');
    const auto [number, name] = split_assignment(trimmed(rest.substr(0, comma)), kForm);
    const size_t axis = parse_axis(number, input);
    const Dim target = parse_dim(name);
    if (!target.is_symbolic()) throw expected("a name for axis " + std::to_string(axis), name);
    for (const dims::AxisChange& change : changes) {
      if (change.axis != axis || change.input != &input) continue;
      throw Error(ErrorCode::kUsage, "axis " + std::to_string(axis) + " is named twice");
    }
    if (shape[axis].is_symbolic() && !(shape[axis] == target)) {
      throw Error(ErrorCode::kUsage, "axis " + std::to_string(axis) + " of input " + quote(input.name()) +
                                         " is dynamic already: " + quote(shape[axis].to_string()) +
                                         "; --set-dim renames it");
    }
    changes.push_back({&input, axis, target});
    summary += (is_first ? " axis " : ", axis ") + std::to_string(axis) + " " + escape(shape[axis].to_string()) +
               " -> " + escape(target.to_string());
    if (comma == std::string_view::npos) return summary;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace

EditReport make_dynamic(Model& model, std::string_view argument, const EditContext& context) {
  std::vector<dims::AxisChange> changes;
  std::vector<std::string> summaries;
  for (std::string_view rest = argument;;) {
    const size_t semicolon = rest.find(';');
    summaries.push_back(parse_input(model, trimmed(rest.substr(0, semicolon)), changes));
    if (semicolon == std::string_view::npos) break;
    rest.remove_prefix(semicolon + 1);
  }
  const dims::MendOptions options{.force = context.force, .evaluator = context.evaluator};
  EditReport report = dims::change_dims(model, changes, options, *context.facts);
  report.notes.insert(report.notes.begin(), summaries.begin(), summaries.end());
  return report;
}

}  // namespace surgery::edits
