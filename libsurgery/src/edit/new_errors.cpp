#include "edit/new_errors.h"

namespace surgery {
namespace {

/// "node 'm' (MatMul)" of "node 'm' (MatMul): ...". Names may hold ": " too; what follows the type's bracket does not.
std::string node_of(const std::string& message) { return message.substr(0, message.find("): ")); }

}  // namespace

NewErrors::NewErrors(const Inference& before) {
  for (const std::string& message : before.errors()) nodes_.insert(node_of(message));
}

void NewErrors::require_none(const Inference& after, ErrorCode code) const {
  for (const std::string& message : after.errors()) {
    if (nodes_.contains(node_of(message))) continue;
    throw Error(code, message + "; the model does not work with these shapes");
  }
}

}  // namespace surgery
