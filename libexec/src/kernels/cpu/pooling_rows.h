#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/cpu/window.h"
#include "runtime/threads.h"

namespace exec::cpu {

/// Pools a plane row by row, for a window of three spatial axes: combine(target, source, count, stride) takes the
/// elements source[i * stride] under one tap into target[i]. `target` must hold the neutral element before.
template <typename T, typename Combine>
void pool_plane(const Window& window, const T* plane, T* target, const Combine& combine) {
  const int64_t lines = window.output[0] * window.output[1];
  for (int64_t line = 0; line < lines; ++line, target += window.output[2]) {
    const int64_t z = line / window.output[1];
    const int64_t y = line % window.output[1];
    const TapRange depth = taps_inside(window, 0, z);
    const TapRange rows = taps_inside(window, 1, y);
    for (int64_t kz = depth.first; kz < depth.last; ++kz) {
      for (int64_t ky = rows.first; ky < rows.last; ++ky) {
        const T* source = plane + (window.at(0, z, kz) * window.input[1] + window.at(1, y, ky)) * window.input[2];
        for (int64_t kx = 0; kx < window.kernel[2]; ++kx) {
          const PositionRange inside = positions_inside(window, 2, kx);
          if (inside.first >= inside.last) continue;
          combine(target + inside.first, source + window.at(2, inside.first, kx), inside.last - inside.first,
                  window.strides[2]);
        }
      }
    }
  }
}

/// Calls body(plane) for each plane, on several threads.
template <typename Body>
void for_each_plane(const Window& window, int64_t planes, Body&& body) {
  const int64_t plane_size = std::max<int64_t>({window.output_size(), window.input_size(), 1});
  parallel_for(planes, std::max<int64_t>(32768 / plane_size, 1), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) body(plane);
  });
}

}  // namespace exec::cpu
