#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/json.h"
#include "surgery/check.h"

namespace app {

struct FindingCount {
  int64_t errors = 0;
  int64_t warnings = 0;
};
FindingCount count_findings(const std::vector<surgery::Finding>& findings);

std::string to_text(const FindingCount& count);  ///< "2 errors, 1 warning"

/// Three lines for each finding: severity, rule and place; what was found; what the rule expects.
std::string to_text(const std::vector<surgery::Finding>& findings);
/// List of {"rule", "severity", "place", "found", "expected"}.
Json to_json(const std::vector<surgery::Finding>& findings);

/// Every rule of the checker, one line each.
std::string rules_text();
Json rules_json();

}  // namespace app
