#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace exec::cpu {

/// What a coordinate on one axis reads: up to four elements, each with a weight.
struct AxisTaps {
  static constexpr int64_t kOutside = -1;  ///< an index that reads 0

  int count = 0;
  std::array<int64_t, 4> index{};
  std::array<double, 4> weight{};

  void add(int64_t at, double with) {
    index[static_cast<size_t>(count)] = at;
    weight[static_cast<size_t>(count)] = with;
    ++count;
  }
};

/// Linear interpolation between the neighbours of `coordinate`, elements outside of [0, extent) being 0.
AxisTaps linear_taps(double coordinate, int64_t extent);

struct WeightedOffset {
  int64_t offset;
  double weight;
};

/// The elements that a point reads, as offsets with the product of their axes' weights; those that read 0 are left out.
/// `strides` has one entry per axis. Replaces `taps`.
void combine_taps(std::span<const AxisTaps> axes, std::span<const int64_t> strides, std::vector<WeightedOffset>& taps);

}  // namespace exec::cpu
