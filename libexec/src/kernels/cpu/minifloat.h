#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "surgery/data_type.h"

namespace exec::cpu {

// Branch-free forms of surgery::half_to_float and its kin, for loops that the compiler turns into vector code.

inline float half_to_float(uint16_t half) {
  // Exponent and mantissa moved into place read as a float that is 2^112 too small (subnormals too). Infinities and
  // NaNs, which come out at 2^16 or more, get their exponent back.
  const float magnitude = std::bit_cast<float>(static_cast<uint32_t>(half & 0x7fffU) << 13) * 0x1p112F;
  const uint32_t special = magnitude >= 0x1p16F ? 0x7f800000U : 0U;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | special |
                              (static_cast<uint32_t>(half & 0x8000U) << 16));
}

inline uint16_t float_to_half(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t magnitude = bits & 0x7fffffffU;
  // Normal result: round to nearest even at bit 13, then move the exponent's bias from 127 to 15.
  const uint32_t normal = (magnitude + 0xfffU + ((magnitude >> 13) & 1U) - 0x38000000U) >> 13;
  // Below 2^-14 the result counts units of 2^-24, which is what a float in [0.5, 1) counts: let the addition round.
  const uint32_t subnormal = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5F) - 0x3f000000U;
  uint32_t result = magnitude < 0x38800000U ? subnormal : normal;
  result = magnitude >= 0x477ff000U ? 0x7c00U : result;                                  // 65520 and up
  result = magnitude > 0x7f800000U ? (0x7e00U | ((magnitude >> 13) & 0x3ffU)) : result;  // NaN
  return static_cast<uint16_t>(result | ((bits >> 16) & 0x8000U));
}

inline float bfloat16_to_float(uint16_t value) { return std::bit_cast<float>(static_cast<uint32_t>(value) << 16); }

inline uint16_t float_to_bfloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
  const bool nan = (bits & 0x7fffffffU) > 0x7f800000U;
  return static_cast<uint16_t>(nan ? ((bits >> 16) | 0x40U) : rounded);
}

/// How values beyond the largest finite number, and which directions, are rounded into a small float.
struct MinifloatRounding {
  bool saturate = true;          ///< float8: to the largest finite number, where false to infinity or NaN
  std::string_view mode = "up";  ///< float8e8m0 alone: "up", "down", "nearest"
};

/// The bits of `value` in a floating-point type of 4 to 16 bits, rounded once, to nearest even (but see `rounding` for
/// float8e8m0). NaN keeps its sign where the type has room for it. Types without NaN (float4, float6) give -0 for it.
uint16_t encode_minifloat(double value, surgery::DataType type, const MinifloatRounding& rounding);
/// The value of such bits.
float decode_minifloat(uint16_t bits, surgery::DataType type);

}  // namespace exec::cpu
