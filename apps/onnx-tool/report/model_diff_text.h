#pragma once

#include <string>

#include "report/json.h"
#include "surgery/model_diff.h"

namespace app {

/// What differs, "- " in front of what the first model alone has, "+ " the second, "~ " what is in both; then the
/// count.
std::string to_text(const surgery::ModelDiff& diff);

/// {"equal", "header", "interface", "changed_nodes", "only_a", "only_b", "weights", "num_equal_nodes",
/// "num_equal_weights"}.
Json to_json(const surgery::ModelDiff& diff);

}  // namespace app
