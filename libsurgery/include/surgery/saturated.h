#pragma once

#include <cstdint>
#include <limits>

namespace surgery {

/// a + b, and the largest int64 where that does not fit: for totals of sizes that a file claims. Neither is negative.
inline int64_t saturated_sum(int64_t a, int64_t b) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  return a > kMost - b ? kMost : a + b;
}

}  // namespace surgery
