#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "surgery/model.h"

namespace surgery {

enum class Severity { kError, kWarning };

/// One thing that is wrong with a model.
struct Finding {
  std::string_view rule;  ///< id of the rule: "undefined-input"
  Severity severity;
  std::string place;    ///< "graph/node[12] 'conv_3'/attribute 'pads'"
  std::string message;  ///< what was found and what it should be, one sentence; Rule::description says it in general
};

struct Rule {
  std::string_view id;
  Severity severity;
  std::string_view description;  ///< one sentence
};

/// Every rule that check() knows.
std::span<const Rule> all_rules();
/// Requires the id of a rule.
const Rule& find_rule(std::string_view id);

struct CheckOptions {
  bool payloads = true;  ///< tensors: dims against payload, external data in bounds (opens data files, reads none)
  /// Types and shapes too: nodes that cannot work on what they are given, and declared types that contradict inferred
  /// ones. Reads the elements of small weights.
  bool inference = false;
  /// With inference: a warning for each operator whose results could not be inferred, so that what depends on them is
  /// not checked.
  bool coverage = false;
};

/// All findings in one run, in the order of the model. Never throws on an invalid model.
std::vector<Finding> check(const Model& model, const CheckOptions& options = {});

/// Throws Error(kRead) with the first error among the findings (and how many more there are), if there is any. Nodes
/// that are merely not sorted pass: nothing here relies on their order, and save() writes them sorted.
void require_valid(const Model& model, const CheckOptions& options = {});

}  // namespace surgery
