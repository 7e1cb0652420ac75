#pragma once

#include <string>

#include "report/json.h"
#include "surgery/infer.h"
#include "surgery/model.h"

namespace app {

/// --tensors: every value of the main graph, of subgraphs and functions with what it is, its declared type, what makes
/// it and how many read it. No inference.
std::string tensors_text(const surgery::Model& model);
Json tensors_json(const surgery::Model& model);

/// --shapes: the inferred type of every value that a node makes and of every input; the contents of small integer ones,
/// and the declared type where it says something else.
std::string shapes_text(const surgery::Model& model, const surgery::Inference& inference);
Json shapes_json(const surgery::Model& model, const surgery::Inference& inference);

}  // namespace app
