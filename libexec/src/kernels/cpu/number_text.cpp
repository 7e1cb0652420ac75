#include "kernels/cpu/number_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "kernels/cpu/minifloat.h"

namespace exec::cpu {
namespace {

using surgery::DataType;

/// The shortest form d.ddde[+-]dd that names `value` among the values of `type`.
std::string shortest_scientific(double value, DataType type) {
  char buffer[64];
  std::to_chars_result end{};
  if (type == DataType::kDouble) {
    end = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
  } else if (type == DataType::kFloat) {
    end = std::to_chars(buffer, buffer + sizeof(buffer), static_cast<float>(value), std::chars_format::scientific);
  } else {
    for (int digits = 0; digits < 10; ++digits) {
      end = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific, digits);
      double read = 0;
      std::from_chars(buffer, end.ptr, read);
      if (encode_minifloat(read, type, {}) == encode_minifloat(value, type, {})) break;
    }
  }
  return {buffer, end.ptr};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  if (text.size() != lower_case.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lower_case[i]) return false;
  }
  return true;
}

}  // namespace

std::string number_text(double value, DataType type) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-INF" : "INF";
  const std::string scientific = shortest_scientific(value, type);
  const size_t mark = scientific.find('e');
  const int exponent = std::atoi(scientific.c_str() + mark + 1);
  const bool negative = scientific[0] == '-';
  std::string digits;
  for (const char c : std::string_view(scientific).substr(0, mark)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  const std::string sign = negative ? "-" : "";
  if (exponent < -4 || exponent >= 16) {
    std::string text = sign + digits.substr(0, 1);
    if (digits.size() > 1) text += "." + digits.substr(1);
    return text + scientific.substr(mark);
  }
  if (exponent < 0) return sign + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
  const auto whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0') + ".0";
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::optional<double> parse_number(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  double value = 0;
  if (equals_ignoring_case(text, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) {
    value = std::numeric_limits<double>::infinity();
  } else {
    // A second sign would be taken by from_chars.
    if (text.empty() || text.front() == '-') return std::nullopt;
    const std::from_chars_result result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ptr != text.data() + text.size()) return std::nullopt;
    if (result.ec == std::errc::result_out_of_range) {
      // Too large or too small: strtod tells which.
      value = std::strtod(std::string(text).c_str(), nullptr);
    } else if (result.ec != std::errc()) {
      return std::nullopt;
    }
  }
  return negative ? -value : value;
}

}  // namespace exec::cpu
