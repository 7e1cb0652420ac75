#include "infer/einsum_equation.h"

namespace surgery::infer {

std::optional<EinsumEquation> parse_einsum(std::string_view equation) {
  EinsumEquation einsum;
  std::string text;
  for (const char letter : equation) {
    if (letter != ' ') text += letter;
  }
  const size_t arrow = text.find("->");
  std::string operands = text.substr(0, arrow);
  if (arrow != std::string::npos) {
    einsum.has_output = true;
    einsum.output = text.substr(arrow + 2);
  }
  size_t begin = 0;
  while (true) {
    const size_t comma = operands.find(',', begin);
    einsum.operands.push_back(operands.substr(begin, comma == std::string::npos ? comma : comma - begin));
    if (comma == std::string::npos) break;
    begin = comma + 1;
  }
  const auto is_valid = [](const std::string& term) {
    size_t dots = 0;
    for (const char letter : term) {
      const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
      if (letter == '.') ++dots;
      if (!is_letter && letter != '.') return false;
    }
    return dots == 0 || (dots == 3 && term.find("...") != std::string::npos);
  };
  for (const std::string& operand : einsum.operands) {
    if (!is_valid(operand)) return std::nullopt;
  }
  return is_valid(einsum.output) ? std::optional(einsum) : std::nullopt;
}

}  // namespace surgery::infer
