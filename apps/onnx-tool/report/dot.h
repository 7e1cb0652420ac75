#pragma once

#include <string>
#include <vector>

#include "surgery/infer.h"
#include "surgery/model.h"

namespace app {

/// --dot: these nodes of the main graph and the tensors between them for Graphviz: scopes are clusters, edges carry
/// types; inputs and outputs are drawn where all of the graph is, other tensors from outside as dashed stubs. Weights
/// are left out.
std::string dot_text(const std::vector<const surgery::Node*>& nodes, const surgery::Inference& inference);

}  // namespace app
