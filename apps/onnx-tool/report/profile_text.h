#pragma once

#include <string>

#include "exec/profile.h"
#include "report/json.h"

namespace app {

/// "12 runs: median 31.2 ms, 30.9 to 33 ms"
std::string timing_text(const exec::Profile& profile);

/// A table of operators and one of the slowest nodes, with their share of the time.
std::string profile_text(const exec::Profile& profile);

/// Both as an object (docs/json.md); every node in the order of execution where `with_nodes`.
Json profile_json(const exec::Profile& profile, bool with_nodes);

}  // namespace app
