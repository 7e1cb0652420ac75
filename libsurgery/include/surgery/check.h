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
  std::string message;  ///< found and expected, one sentence
};

struct Rule {
  std::string_view id;
  Severity severity;
  std::string_view description;  ///< one sentence
};

/// Every rule that check() knows.
std::span<const Rule> all_rules();

struct CheckOptions {
  bool payloads = true;  ///< tensors: dims against payload, external data in bounds (opens data files, reads none)
};

/// All findings in one run, in the order of the model. Never throws on an invalid model.
std::vector<Finding> check(const Model& model, const CheckOptions& options = {});

/// Throws Error(kRead) with the first error among the findings (and how many more there are), if there is any.
void require_valid(const Model& model, const CheckOptions& options = {});

}  // namespace surgery
