#include "kernels/cpu/minifloat.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "surgery/error.h"

namespace exec::cpu {
namespace {

using surgery::DataType;

/// A sign bit, `exponent_bits` and `mantissa_bits`. Codes are without sign.
struct Format {
  int exponent_bits;
  int mantissa_bits;
  int bias;
  uint16_t largest;   ///< code of the largest finite number
  uint16_t overflow;  ///< code of what is beyond it: infinity, NaN, or the largest number again
  uint16_t nan;       ///< code of NaN, sign bit included where that is its only form
  bool has_negative_zero;
};

Format format_of(DataType type) {
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

bool is_float8(DataType type) {
  return type == DataType::kFloat8E4M3Fn || type == DataType::kFloat8E4M3Fnuz || type == DataType::kFloat8E5M2 ||
         type == DataType::kFloat8E5M2Fnuz;
}

/// float8e8m0 is 2^(code - 127) without sign or zero; 255 is NaN.
uint16_t encode_power(double value, const MinifloatRounding& rounding) {
  constexpr uint16_t kNan = 255;
  if (std::isnan(value)) return kNan;
  const double magnitude = std::abs(value);
  if (magnitude < 0x1p-127) return rounding.saturate ? 0 : kNan;
  if (std::isinf(magnitude)) return rounding.saturate ? 254 : kNan;
  int exponent = std::ilogb(magnitude);
  const double fraction = std::scalbn(magnitude, -exponent);  // in [1, 2)
  if (rounding.mode == "up" ? fraction > 1.0 : rounding.mode == "nearest" && fraction >= 1.5) ++exponent;
  if (exponent > 127) return rounding.saturate ? 254 : kNan;
  return static_cast<uint16_t>(exponent + 127);
}

}  // namespace

uint16_t encode_minifloat(double value, DataType type, const MinifloatRounding& rounding) {
  if (type == DataType::kFloat8E8M0) return encode_power(value, rounding);
  const Format format = format_of(type);
  const auto sign =
      static_cast<uint16_t>(std::signbit(value) ? 1U << (format.exponent_bits + format.mantissa_bits) : 0U);
  if (std::isnan(value)) return format.has_negative_zero ? static_cast<uint16_t>(format.nan | sign) : format.nan;
  uint32_t code = 0;
  if (std::isinf(value)) {
    code = format.largest + 1U;
  } else if (value != 0) {
    const double magnitude = std::abs(value);
    const int lowest = 1 - format.bias;  // exponent of the smallest normal number, and of all subnormal ones
    const int exponent = std::max(std::ilogb(magnitude), lowest);
    // In units of the last place; rounding up to the next power of two carries into the exponent by itself.
    const double units = std::nearbyint(std::scalbn(magnitude, format.mantissa_bits - exponent));
    code = exponent + format.bias > (1 << format.exponent_bits)
               ? format.largest + 1U
               : (static_cast<uint32_t>(exponent - lowest) << format.mantissa_bits) + static_cast<uint32_t>(units);
  }
  if (code > format.largest) {
    code = rounding.saturate && is_float8(type) ? format.largest : format.overflow;
    if (!format.has_negative_zero && code == format.nan) return format.nan;
  }
  if (code == 0 && !format.has_negative_zero) return 0;
  return static_cast<uint16_t>(code | sign);
}

float decode_minifloat(uint16_t bits, DataType type) {
  if (type == DataType::kFloat16) return half_to_float(bits);
  if (type == DataType::kBfloat16) return bfloat16_to_float(bits);
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  if (type == DataType::kFloat8E8M0) return bits == 255 ? kNan : std::scalbn(1.0F, static_cast<int>(bits) - 127);
  const Format format = format_of(type);
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

}  // namespace exec::cpu
