#include "edit/edits.h"
#include "surgery/text.h"

/// --set-doc TEXT: sets the doc_string of the model; every other byte of it stays as it is.
/// Meaning   kKept: nothing that is computed changes.
namespace surgery::edits {

EditReport set_doc(Model& model, std::string_view argument, const EditContext& /*context*/) {
  EditReport report;
  report.notes.push_back("documentation " + quote(argument) +
                         (model.doc_string().empty() ? "" : ", was " + quote(model.doc_string())));
  model.set_doc_string(std::string(argument));
  return report;
}

}  // namespace surgery::edits
