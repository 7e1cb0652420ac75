#pragma once

#include <string>
#include <vector>

#include "report/json.h"
#include "surgery/infer.h"
#include "surgery/model.h"

namespace app {

/// --node: all about one node: where it stands, its inputs with types and who makes them, its outputs with types and
/// who reads them, its attributes, those it leaves at their default included.
std::string node_text(const surgery::Node& node, const surgery::Inference& inference);
Json node_json(const surgery::Node& node, const surgery::Inference& inference);

}  // namespace app
