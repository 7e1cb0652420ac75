#include "forms/float_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace surgery {

void append_repr(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "nan";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-inf" : "inf";
    return;
  }
  std::array<char, 40> buffer{};
  const auto written =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  std::string_view text(buffer.data(), static_cast<size_t>(written.ptr - buffer.data()));
  if (text[0] == '-') {
    out += '-';
    text.remove_prefix(1);
  }
  const size_t mark = text.find('e');
  std::string digits(1, text[0]);
  if (mark > 2) digits += text.substr(2, mark - 2);
  const int exponent = std::atoi(text.data() + mark + 1);
  const int count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= 16) {
    out += digits[0];
    if (count > 1) out += "." + digits.substr(1);
    std::snprintf(buffer.data(), buffer.size(), "e%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent));
    out += buffer.data();
  } else if (exponent < 0) {
    out += "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
  } else if (count <= exponent + 1) {
    out += digits + std::string(static_cast<size_t>(exponent + 1 - count), '0') + ".0";
  } else {
    const auto whole = static_cast<size_t>(exponent) + 1;
    out += digits.substr(0, whole) + "." + digits.substr(whole);
  }
}

double shortest_double_of(float value) {
  if (!std::isfinite(value)) return value;
  std::array<char, 40> buffer{};
  double rounded = value;
  for (int precision = 6; precision <= 9; ++precision) {
    std::snprintf(buffer.data(), buffer.size(), "%.*g", precision, static_cast<double>(value));
    rounded = std::strtod(buffer.data(), nullptr);
    if (static_cast<float>(rounded) == value) break;
  }
  return rounded;
}

}  // namespace surgery
