#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "surgery/data_type.h"

namespace surgery::analysis {

/// Elements that are looked at together: few enough for the first-level cache, a multiple of those in a byte.
inline constexpr int64_t kBlock = 2048;

/// Real types of 2, 4, and 8 to 64 bits.
bool has_numbers(DataType type);
/// Types whose numbers a float does not hold exactly.
bool needs_double(DataType type);

/// `count` elements (at most kBlock) from element `first` on, a multiple of kBlock, of raw data, as numbers. `bytes`
/// need not be aligned. Requires has_numbers(type) and, for floats, not needs_double(type).
void read_block(DataType type, std::span<const std::byte> bytes, int64_t first, int64_t count, float* numbers);
void read_block(DataType type, std::span<const std::byte> bytes, int64_t first, int64_t count, double* numbers);

}  // namespace surgery::analysis
