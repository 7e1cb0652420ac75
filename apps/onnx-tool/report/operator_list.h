#pragma once

#include <string>

#include "report/json.h"

namespace app {

/// What the executor has kernels for, from the table that dispatches: a line per operator, span of versions and types.
std::string operator_list_text();

/// The same as an object (docs/json.md).
Json operator_list_json();

}  // namespace app
