#pragma once

#include <string_view>

#include "surgery/model.h"

namespace surgery {

/// The data input of that name. Throws Error(kUsage) with the nearest names for one that is not there, and for a weight
/// or a value that is no tensor.
Value& find_data_input(Model& model, std::string_view name);

}  // namespace surgery
