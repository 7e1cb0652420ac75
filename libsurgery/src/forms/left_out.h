#pragma once

#include <string>
#include <vector>

#include "forms/form.h"

namespace surgery {

/// What of the model the form has no place for, in sentences for the user: unknown fields in every text, and in the
/// textual syntax documentation, metadata and the rest that its grammar does not have.
std::vector<std::string> sentences_about_left_out(Form form, const onnx::ModelProto& model);

}  // namespace surgery
