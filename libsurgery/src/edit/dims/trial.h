#pragma once

#include <map>
#include <memory>
#include <string>

#include "surgery/infer.h"

namespace surgery::dims {

/// What inference says of the model where symbols of its inputs have these sizes; the model stays as it is.
std::unique_ptr<Inference> infer_with(const Model& model, const std::map<std::string, Dim, std::less<>>& sizes);

}  // namespace surgery::dims
