#pragma once

#include <string>

#include "report/json.h"
#include "surgery/cost.h"

namespace app {

/// A line per node of the main graph, then the totals.
std::string to_text(const surgery::ModelCost& cost);

/// {"macs", "num_parameters", "parameter_bytes", "activation_bytes", "peak_bytes", "peak_node", "num_unknown_macs",
/// "num_unknown_bytes", "nodes"}; what is an expression over symbols is a string, what is not known null.
Json to_json(const surgery::ModelCost& cost);

}  // namespace app
