#include "edit/arguments.h"
#include "edit/dims/change_dims.h"
#include "edit/dims/set_before.h"
#include "edit/edits.h"
#include "surgery/text.h"

/// --set-dim NAME=N|OTHER: a symbol gets a value, or another name, everywhere in the model. The name of another symbol
/// makes the two one.
/// Meaning   kInterface: what is computed stays, for fewer shapes where a value is given. kKept where nothing changes.
namespace surgery::edits {

EditReport set_dim(Model& model, std::string_view argument, const EditContext& context) {
  const auto [name, value] = split_assignment(argument, "NAME=N or NAME=OTHER");
  const Dim target = parse_dim(value);
  const std::set<std::string, std::less<>> symbols = dims::declared_symbols(model);
  EditReport report;
  if (!symbols.contains(name)) {
    const std::optional<Dim> earlier = dims::set_before(model, name);
    if (!earlier) {
      const std::vector<std::string> known(symbols.begin(), symbols.end());
      throw Error(ErrorCode::kUsage, "the model has no dimension " + quote(name) + suggestion(name, known));
    }
    if (!(*earlier == target)) {
      throw Error(ErrorCode::kUsage, "dimension " + quote(name) + " was set to " + escape(earlier->to_string()) +
                                         " before, and cannot be " + escape(value) + " too");
    }
  }
  if (!symbols.contains(name) || name == value) {
    report.notes.push_back("dimension " + quote(name) + " is " + escape(value) + " already");
    return report;
  }
  const bool joins = target.is_symbolic() && symbols.contains(value);
  report = dims::bind_symbols(model, {{std::string(name), target}},
                              {.force = context.force, .evaluator = context.evaluator}, *context.facts);
  report.notes.insert(report.notes.begin(), "dimension " + quote(name) + " -> " + escape(value) +
                                                (joins ? ", which the model had already: the two are one now" : ""));
  return report;
}

}  // namespace surgery::edits
