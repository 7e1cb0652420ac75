#pragma once

#include <cstdint>

#include "surgery/model.h"

namespace surgery {

/// A hash of everything a rewrite can change but the elements of tensors: operators, attributes, names, wiring,
/// initializers and their types, inputs and outputs of every graph. Reads the whole model.
uint64_t fingerprint(const Model& model);

}  // namespace surgery
