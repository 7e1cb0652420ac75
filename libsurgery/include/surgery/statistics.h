#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "surgery/tensor.h"

namespace surgery {

/// What the elements of a tensor are like. Infinities and NaNs are counted and left out of everything else.
struct TensorStatistics {
  static constexpr size_t kNumBins = 8;

  int64_t num_elements = 0;
  int64_t num_zeros = 0;
  int64_t num_nan = 0;
  int64_t num_inf = 0;
  // Of the finite elements; 0 when there are none.
  double min = 0;
  double max = 0;
  double mean = 0;
  double stddev = 0;  ///< of the population: divided by their number
  std::array<int64_t, kNumBins> histogram =
      {};  ///< bins of equal width from min to max; all in the first if they equal

  int64_t num_finite() const { return num_elements - num_nan - num_inf; }
};

/// The statistics of each tensor, in the same order; nothing for strings, complex and 6-bit types. Elements are read
/// piece by piece where they are, by up to `threads` threads (0: one per processor); the result does not depend on
/// their number. Throws Error(kRead) when the elements of a tensor cannot be had.
std::vector<std::optional<TensorStatistics>> statistics_of(std::span<const Tensor* const> tensors, int threads = 0);

}  // namespace surgery
