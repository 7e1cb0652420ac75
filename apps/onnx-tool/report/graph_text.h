#pragma once

#include <string>

#include "report/json.h"
#include "surgery/infer.h"
#include "surgery/model.h"

namespace app {

/// --graph: the model in a form to read,
///
///   graph(%x : Float(10,3,224,224)) {
///     %w : Float(64,3,7,7)
///     %y = Conv[strides=[2,2]](%x, %w)  # Float(10,64,112,112)
///     return %y
///   }
///
/// weights first, subgraphs indented below their node, functions at the end.
std::string graph_text(const surgery::Model& model, const surgery::Inference& inference);

/// What a picture needs: {"nodes": [{"id", "name", "op_type", "domain", "scopes", "graph"}], "edges": [{"tensor",
/// "from", "to", "input", "type", "shape"}]}, subgraphs included; "from" is null for inputs and weights, "to" for
/// outputs.
Json graph_json(const surgery::Model& model, const surgery::Inference& inference);

}  // namespace app
