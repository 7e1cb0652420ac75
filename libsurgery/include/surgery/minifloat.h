#pragma once

#include <cstdint>

#include "surgery/data_type.h"

namespace surgery {

/// A sign bit, `exponent_bits` and `mantissa_bits`. Codes are without sign.
struct MinifloatFormat {
  int exponent_bits;
  int mantissa_bits;
  int bias;
  uint16_t largest;   ///< code of the largest finite number
  uint16_t overflow;  ///< code of what is beyond it: infinity, NaN, or the largest number again
  uint16_t nan;       ///< code of NaN, sign bit included where that is its only form
  bool has_negative_zero;
};

/// Of a floating-point type of 4 to 16 bits, float8e8m0 excepted, which has neither sign nor mantissa.
MinifloatFormat minifloat_format(DataType type);

/// The value of the bits of a floating-point type of 4 to 16 bits.
float decode_minifloat(uint16_t bits, DataType type);

}  // namespace surgery
