#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace surgery::infer {

/// The terms of Einsum's equation without blanks, an ellipsis as three points.
struct EinsumEquation {
  std::vector<std::string> operands;
  std::string output;
  bool has_output = false;
};

/// "ij,jk->ik"; nothing when it is malformed.
std::optional<EinsumEquation> parse_einsum(std::string_view equation);

}  // namespace surgery::infer
