#pragma once

#include <cstdint>
#include <functional>

#include "kernels/cpu/attention_core.h"

namespace exec::cpu {

/// Rotary position embedding of [batch, heads, rows, size]: the first `rotated` elements of a row are turned pairwise
/// by angles whose cosines and sines are given, rotated / 2 each.
template <typename T>
struct Rotation {
  int64_t batch = 0;
  int64_t heads = 0;
  int64_t rows = 0;
  int64_t size = 0;
  int64_t rotated = 0;
  bool interleaved = false;  ///< pairs are neighbours; otherwise the halves of the rotated part
  HeadRows<const T> x;
  HeadRows<T> y;
  const T* cosines = nullptr;
  const T* sines = nullptr;
  /// Which row of the cosines and sines goes with a row of x.
  std::function<int64_t(int64_t batch, int64_t row)> angle;
};

template <typename T>
void rotate(const Rotation<T>& rotation);

}  // namespace exec::cpu
