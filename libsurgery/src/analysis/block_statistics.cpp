#include "analysis/block_statistics.h"

#include <algorithm>

// Compiled once per level of vector instructions, the best one chosen when the program starts. No sum is reordered and
// no multiply-add fused (see cmake/project_options.cmake), so that every level gives the same bits.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define SURGERY_VECTORIZED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SURGERY_VECTORIZED
#endif
#define SURGERY_INLINE inline __attribute__((always_inline))  // into each of those versions

namespace surgery::analysis {
namespace {

// Partial sums, for vector registers to hold.
constexpr int64_t kLanes = 16;

template <typename Number>
SURGERY_INLINE bool all_finite_in(const Number* numbers, int64_t count) {
  // A sum of products with 0 is NaN as soon as one factor is not finite, and this loop has no branch.
  Number lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int64_t j = 0; j < kLanes; ++j) lanes[j] += numbers[i + j] * Number{0};
  }
  for (; i < count; ++i) lanes[0] += numbers[i] * Number{0};
  Number sum = 0;
  for (const Number lane : lanes) sum += lane;
  return sum == Number{0};
}

template <typename Number>
SURGERY_INLINE BlockSums sum_block_of(const Number* numbers, int64_t count) {
  const auto shift = static_cast<double>(numbers[0]);  // near the mean, so that the squares do not cancel
  Number least[kLanes];
  Number most[kLanes];
  int32_t zeros[kLanes] = {};
  double sums[kLanes] = {};
  double squares[kLanes] = {};
  for (int64_t j = 0; j < kLanes; ++j) least[j] = most[j] = numbers[0];
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int64_t j = 0; j < kLanes; ++j) least[j] = numbers[i + j] < least[j] ? numbers[i + j] : least[j];
    for (int64_t j = 0; j < kLanes; ++j) most[j] = numbers[i + j] > most[j] ? numbers[i + j] : most[j];
    for (int64_t j = 0; j < kLanes; ++j) zeros[j] += numbers[i + j] == Number{0} ? 1 : 0;
    for (int64_t j = 0; j < kLanes; ++j) {
      const double distance = static_cast<double>(numbers[i + j]) - shift;
      sums[j] += distance;
      squares[j] += distance * distance;
    }
  }
  for (; i < count; ++i) {
    least[0] = std::min(least[0], numbers[i]);
    most[0] = std::max(most[0], numbers[i]);
    zeros[0] += numbers[i] == Number{0} ? 1 : 0;
    const double distance = static_cast<double>(numbers[i]) - shift;
    sums[0] += distance;
    squares[0] += distance * distance;
  }
  BlockSums block{.shift = shift,
                  .min = static_cast<double>(*std::min_element(least, least + kLanes)),
                  .max = static_cast<double>(*std::max_element(most, most + kLanes))};
  for (int64_t j = 0; j < kLanes; ++j) {
    block.num_zeros += zeros[j];
    block.sum += sums[j];
    block.squares += squares[j];
  }
  return block;
}

template <typename Number>
SURGERY_INLINE void count_bins_of(const Number* numbers, int64_t count, const Binning& binning,
                                  std::array<int64_t, kNumBins>& histogram) {
  int32_t bins[kBlock];
  for (int64_t i = 0; i < count; ++i) {
    const double place = (static_cast<double>(numbers[i]) * 0.5 - binning.half_min) * binning.scale;
    const auto bin = static_cast<int32_t>(place);
    bins[i] = bin < static_cast<int32_t>(kNumBins) ? bin : static_cast<int32_t>(kNumBins) - 1;
  }
  // A loop per bin that counts is many times faster than one loop that steps counters.
  for (size_t bin = 0; bin < kNumBins; ++bin) {
    int32_t found = 0;
    for (int64_t i = 0; i < count; ++i) found += bins[i] == static_cast<int32_t>(bin) ? 1 : 0;
    histogram[bin] += found;
  }
}

}  // namespace

SURGERY_VECTORIZED bool all_finite(const float* numbers, int64_t count) { return all_finite_in(numbers, count); }
SURGERY_VECTORIZED bool all_finite(const double* numbers, int64_t count) { return all_finite_in(numbers, count); }

SURGERY_VECTORIZED BlockSums sum_block(const float* numbers, int64_t count) { return sum_block_of(numbers, count); }
SURGERY_VECTORIZED BlockSums sum_block(const double* numbers, int64_t count) { return sum_block_of(numbers, count); }

SURGERY_VECTORIZED void count_bins(const float* numbers, int64_t count, const Binning& binning,
                                   std::array<int64_t, kNumBins>& histogram) {
  count_bins_of(numbers, count, binning, histogram);
}
SURGERY_VECTORIZED void count_bins(const double* numbers, int64_t count, const Binning& binning,
                                   std::array<int64_t, kNumBins>& histogram) {
  count_bins_of(numbers, count, binning, histogram);
}

}  // namespace surgery::analysis
