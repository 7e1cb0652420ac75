#include "kernels/cpu/minifloat.h"

#include <algorithm>
#include <cmath>

#include "surgery/minifloat.h"

namespace exec::cpu {
namespace {

using surgery::DataType;

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
  const surgery::MinifloatFormat format = surgery::minifloat_format(type);
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

float decode_minifloat(uint16_t bits, DataType type) { return surgery::decode_minifloat(bits, type); }

}  // namespace exec::cpu
