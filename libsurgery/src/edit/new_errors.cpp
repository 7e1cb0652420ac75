#include "edit/new_errors.h"

namespace surgery {
namespace {

/// "node 'm' (MatMul)" of "node 'm' (MatMul): ...". Names may hold ": " too; what follows the type's bracket does not.
std::string node_of(const std::string& message) { return message.substr(0, message.find("): ")); }

}  // namespace

NewErrors::NewErrors(const Model& model) : before_(model, {.use_declared = false}) {
  before_.run();
  for (const std::string& message : before_.errors()) nodes_.insert(node_of(message));
}

void NewErrors::require_none(const Inference& after) const {
  for (const std::string& message : after.errors()) {
    if (nodes_.contains(node_of(message))) continue;
    throw Error(ErrorCode::kAnswerIsNo, message + "; the model does not work with these shapes");
  }
}

}  // namespace surgery
