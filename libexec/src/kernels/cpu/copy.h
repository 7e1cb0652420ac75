#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "kernels/cpu/loops.h"

namespace exec::cpu {

/// Copies a box of elements: target[sum i_k * target_strides[k]] = source[sum i_k * source_strides[k]] for every index
/// i below `extents`. A stride of 0 in the source repeats. Spread over threads.
template <typename T>
void copy_strided(std::span<const int64_t> extents, const T* source, std::span<const int64_t> source_strides, T* target,
                  std::span<const int64_t> target_strides) {
  const LoopNest nest(extents, {source_strides, target_strides});
  const int64_t source_step = nest.run_stride(0);
  const int64_t target_step = nest.run_stride(1);
  nest.for_each_run_parallel([&](const LoopNest::Offsets& offsets, int64_t count) {
    const T* from = source + offsets[0];
    T* to = target + offsets[1];
    if (source_step == 1 && target_step == 1) {
      std::copy_n(from, count, to);
    } else if (source_step == 0 && target_step == 1) {
      std::fill_n(to, count, *from);
    } else {
      for (int64_t i = 0; i < count; ++i) to[i * target_step] = from[i * source_step];
    }
  });
}

}  // namespace exec::cpu
