#include "surgery/minifloat.h"

#include <cmath>
#include <limits>

#include "surgery/error.h"
#include "surgery/tensor.h"

namespace surgery {

MinifloatFormat minifloat_format(DataType type) {
  switch (type) {
    case DataType::kFloat16:
      return {5, 10, 15, 0x7bff, 0x7c00, 0x7e00, true};
    case DataType::kBfloat16:
      return {8, 7, 127, 0x7f7f, 0x7f80, 0x7fc0, true};
    case DataType::kFloat8E4M3Fn:
      return {4, 3, 7, 0x7e, 0x7f, 0x7f, true};
    case DataType::kFloat8E4M3Fnuz:
      return {4, 3, 8, 0x7f, 0x80, 0x80, false};
    case DataType::kFloat8E5M2:
      return {5, 2, 15, 0x7b, 0x7c, 0x7e, true};
    case DataType::kFloat8E5M2Fnuz:
      return {5, 2, 16, 0x7f, 0x80, 0x80, false};
    case DataType::kFloat4E2M1:
      return {2, 1, 1, 0x7, 0x7, 0x8, true};
    case DataType::kFloat6E2M3:
      return {2, 3, 1, 0x1f, 0x1f, 0x20, true};
    case DataType::kFloat6E3M2:
      return {3, 2, 3, 0x1f, 0x1f, 0x20, true};
    default:
      break;
  }
  SURGERY_ASSERT(false, "a small floating-point type");
  return {};
}

float decode_minifloat(uint16_t bits, DataType type) {
  if (type == DataType::kFloat16) return half_to_float(bits);
  if (type == DataType::kBfloat16) return bfloat16_to_float(bits);
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  if (type == DataType::kFloat8E8M0) return bits == 255 ? kNan : std::scalbn(1.0F, static_cast<int>(bits) - 127);
  const MinifloatFormat format = minifloat_format(type);
  const int sign_shift = format.exponent_bits + format.mantissa_bits;
  const bool negative = (bits >> sign_shift & 1U) != 0;
  const auto code = static_cast<uint16_t>(bits & ((1U << sign_shift) - 1U));
  float magnitude = 0;
  if (!format.has_negative_zero && bits == format.nan) {
    magnitude = kNan;
  } else if (code > format.largest) {
    magnitude =
        code == format.overflow && format.overflow != format.nan ? std::numeric_limits<float>::infinity() : kNan;
  } else {
    const int mantissa = code & ((1 << format.mantissa_bits) - 1);
    const int exponent = code >> format.mantissa_bits;
    magnitude = exponent == 0 ? std::scalbn(static_cast<float>(mantissa), 1 - format.bias - format.mantissa_bits)
                              : std::scalbn(static_cast<float>(mantissa + (1 << format.mantissa_bits)),
                                            exponent - format.bias - format.mantissa_bits);
  }
  return negative ? -magnitude : magnitude;
}

}  // namespace surgery
