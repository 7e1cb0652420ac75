#pragma once

#include <cstdint>
#include <span>

namespace exec::cpu {

struct DynamicQuantization {
  float scale;
  uint8_t zero_point;
};

/// DynamicQuantizeLinear-11: the scale that makes 8 bits span the values and 0, and the values in it.
DynamicQuantization quantize_dynamically(std::span<const float> values, std::span<uint8_t> target);

}  // namespace exec::cpu
