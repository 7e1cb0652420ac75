#pragma once

#include <cstdint>

#include "kernels/cpu/window.h"

namespace exec::cpu {

/// Fills rows of the matrix that turns a convolution into a matrix product: row r = (channel, tap) holds what the tap
/// reads at the output positions [first, first + count); padding is 0. `window` has three spatial axes.
/// `image` is [channels, input...] of one sample; `columns` is [channels * taps, count].
template <typename T>
void im2col_rows(const Window& window, const T* image, int64_t first_row, int64_t last_row, int64_t first,
                 int64_t count, T* columns);

/// The way back, for a transposed convolution: adds `columns`, [taps, output_size()] of one channel, to where the taps
/// read in `plane`, [input...].
void col2im_add(const Window& window, const float* columns, float* plane);

}  // namespace exec::cpu
