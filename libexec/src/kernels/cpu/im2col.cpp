#include "kernels/cpu/im2col.h"

#include <algorithm>

namespace exec::cpu {
namespace {

/// What one tap reads along the innermost axis at positions [begin, end) of it.
template <typename T>
void gather_line(const Window& window, const PositionRange& inside, const T* line, int64_t tap, int64_t begin,
                 int64_t end, T* target) {
  const int64_t first = std::clamp(inside.first, begin, end);
  const int64_t last = std::clamp(inside.last, first, end);
  target = std::fill_n(target, first - begin, T{0});
  const T* source = line + window.at(2, first, tap);
  const int64_t stride = window.strides[2];
  if (stride == 1) {
    target = std::copy_n(source, last - first, target);
  } else {
    for (int64_t i = 0; i < last - first; ++i) *target++ = source[i * stride];
  }
  std::fill_n(target, end - last, T{0});
}

/// Numbers of a tap along the three axes.
struct Taps {
  int64_t depth;
  int64_t row;
  int64_t column;
};

Taps taps_of(const Window& window, int64_t tap) {
  return {tap / (window.kernel[1] * window.kernel[2]), tap / window.kernel[2] % window.kernel[1],
          tap % window.kernel[2]};
}

bool is_inside(const Window& window, size_t axis, int64_t x) { return x >= 0 && x < window.input[axis]; }

}  // namespace

template <typename T>
void im2col_rows(const Window& window, const T* image, int64_t first_row, int64_t last_row, int64_t first,
                 int64_t count, T* columns) {
  const int64_t num_taps = window.kernel_size();
  const int64_t width = window.output[2];
  for (int64_t row = first_row; row < last_row; ++row) {
    const T* channel = image + row / num_taps * window.input_size();
    const Taps taps = taps_of(window, row % num_taps);
    const PositionRange inside = positions_inside(window, 2, taps.column);
    T* target = columns + row * count;
    for (int64_t position = first; position < first + count;) {
      const int64_t line = position / width;
      const int64_t begin = position % width;
      const int64_t end = std::min(width, begin + first + count - position);
      const int64_t z = window.at(0, line / window.output[1], taps.depth);
      const int64_t y = window.at(1, line % window.output[1], taps.row);
      if (is_inside(window, 0, z) && is_inside(window, 1, y)) {
        const T* source = channel + (z * window.input[1] + y) * window.input[2];
        gather_line(window, inside, source, taps.column, begin, end, target);
      } else {
        std::fill_n(target, end - begin, T{0});
      }
      target += end - begin;
      position += end - begin;
    }
  }
}

template void im2col_rows(const Window& window, const float* image, int64_t first_row, int64_t last_row, int64_t first,
                          int64_t count, float* columns);
template void im2col_rows(const Window& window, const double* image, int64_t first_row, int64_t last_row, int64_t first,
                          int64_t count, double* columns);

void col2im_add(const Window& window, const float* columns, float* plane) {
  const int64_t num_taps = window.kernel_size();
  const int64_t num_lines = window.output[0] * window.output[1];
  for (int64_t tap = 0; tap < num_taps; ++tap) {
    const Taps taps = taps_of(window, tap);
    const PositionRange inside = positions_inside(window, 2, taps.column);
    for (int64_t line = 0; line < num_lines; ++line, columns += window.output[2]) {
      const int64_t z = window.at(0, line / window.output[1], taps.depth);
      const int64_t y = window.at(1, line % window.output[1], taps.row);
      if (!is_inside(window, 0, z) || !is_inside(window, 1, y)) continue;
      float* target = plane + (z * window.input[1] + y) * window.input[2] + window.at(2, 0, taps.column);
      for (int64_t x = inside.first; x < inside.last; ++x) target[x * window.strides[2]] += columns[x];
    }
  }
}

}  // namespace exec::cpu
