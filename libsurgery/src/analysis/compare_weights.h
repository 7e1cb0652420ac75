#pragma once

#include "surgery/model_diff.h"

namespace surgery::analysis {

/// Fills in what differs between the initializers of two models, those of subgraphs included.
void compare_weights(const Model& a, const Model& b, ModelDiff& diff);

}  // namespace surgery::analysis
