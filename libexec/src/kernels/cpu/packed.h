#pragma once

#include <cstddef>
#include <cstdint>

namespace exec::cpu {

/// Element `index` of packed data with `width` bits an element (2, 4 or 6), lowest bits first. An element of 6 bits may
/// lie across two bytes.
inline uint8_t read_packed(const std::byte* data, int64_t index, int width) {
  const int64_t bit = index * width;
  const int shift = static_cast<int>(bit % 8);
  auto bits = std::to_integer<unsigned>(data[bit / 8]) >> shift;
  if (shift + width > 8) bits |= std::to_integer<unsigned>(data[bit / 8 + 1]) << (8 - shift);
  return static_cast<uint8_t>(bits & ((1U << width) - 1U));
}

/// Sets an element of data that is 0 there.
inline void write_packed(std::byte* data, int64_t index, int width, unsigned value) {
  const int64_t bit = index * width;
  const int shift = static_cast<int>(bit % 8);
  const unsigned bits = (value & ((1U << width) - 1U)) << shift;
  data[bit / 8] |= static_cast<std::byte>(bits & 0xffU);
  if (shift + width > 8) data[bit / 8 + 1] |= static_cast<std::byte>(bits >> 8U);
}

}  // namespace exec::cpu
