#include "kernels/cpu/sample_taps.h"

#include <cmath>

namespace exec::cpu {

AxisTaps linear_taps(double coordinate, int64_t extent) {
  AxisTaps taps;
  // Also refuses NaN; beyond these bounds both neighbours are outside.
  if (!(coordinate > -1 && coordinate < static_cast<double>(extent))) return taps;
  const double below = std::floor(coordinate);
  const auto first = static_cast<int64_t>(below);
  const double fraction = coordinate - below;
  if (first >= 0) taps.add(first, 1 - fraction);
  if (first + 1 < extent) taps.add(first + 1, fraction);
  return taps;
}

void combine_taps(std::span<const AxisTaps> axes, std::span<const int64_t> strides, std::vector<WeightedOffset>& taps) {
  taps.assign(1, {0, 1.0});
  std::vector<WeightedOffset> wider;
  for (size_t axis = 0; axis < axes.size(); ++axis) {
    wider.clear();
    for (const WeightedOffset& tap : taps) {
      for (size_t i = 0; i < static_cast<size_t>(axes[axis].count); ++i) {
        if (axes[axis].index[i] == AxisTaps::kOutside) continue;
        wider.push_back({tap.offset + axes[axis].index[i] * strides[axis], tap.weight * axes[axis].weight[i]});
      }
    }
    taps.swap(wider);
  }
}

}  // namespace exec::cpu
