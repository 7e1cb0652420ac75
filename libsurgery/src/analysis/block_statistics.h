#pragma once

#include <array>
#include <cstdint>

#include "analysis/element_blocks.h"
#include "surgery/statistics.h"

namespace surgery::analysis {

inline constexpr size_t kNumBins = TensorStatistics::kNumBins;

/// Of the numbers of one block, all finite. Sums are of distances from `shift`.
struct BlockSums {
  double shift = 0;
  double min = 0;
  double max = 0;
  double sum = 0;
  double squares = 0;
  int64_t num_zeros = 0;
};

/// Bin of a number: its half minus `half_min`, times `scale`, rounded down.
struct Binning {
  double half_min = 0;
  double scale = 0;
};

// The hot loops, in vector code; the same bits on every machine. `count` is 1 to kBlock.
bool all_finite(const float* numbers, int64_t count);
bool all_finite(const double* numbers, int64_t count);
BlockSums sum_block(const float* numbers, int64_t count);
BlockSums sum_block(const double* numbers, int64_t count);
/// Adds the number of elements in each bin.
void count_bins(const float* numbers, int64_t count, const Binning& binning, std::array<int64_t, kNumBins>& histogram);
void count_bins(const double* numbers, int64_t count, const Binning& binning, std::array<int64_t, kNumBins>& histogram);

}  // namespace surgery::analysis
