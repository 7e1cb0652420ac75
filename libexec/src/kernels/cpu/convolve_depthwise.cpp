#include <algorithm>

#include "kernels/cpu/convolution.h"
#include "runtime/simd.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

/// target[i] += weight * source[i * stride].
EXEC_VECTORIZED void add_scaled(float* __restrict target, const float* __restrict source, int64_t count, int64_t stride,
                                float weight) {
  if (stride == 1) {
    for (int64_t i = 0; i < count; ++i) target[i] += weight * source[i];
  } else if (stride == 2) {
    for (int64_t i = 0; i < count; ++i) target[i] += weight * source[2 * i];
  } else {
    for (int64_t i = 0; i < count; ++i) target[i] += weight * source[stride * i];
  }
}

/// One row of one output channel. `taps` are the weights of the window's rows that this row of outputs sees.
void convolve_row(const Window& window, const float* image, const float* weights, int64_t z, int64_t y, float* target) {
  const TapRange depth = taps_inside(window, 0, z);
  const TapRange rows = taps_inside(window, 1, y);
  for (int64_t kz = depth.first; kz < depth.last; ++kz) {
    for (int64_t ky = rows.first; ky < rows.last; ++ky) {
      const float* source = image + (window.at(0, z, kz) * window.input[1] + window.at(1, y, ky)) * window.input[2];
      const float* line_weights = weights + (kz * window.kernel[1] + ky) * window.kernel[2];
      for (int64_t kx = 0; kx < window.kernel[2]; ++kx) {
        const PositionRange inside = positions_inside(window, 2, kx);
        if (inside.first >= inside.last) continue;
        add_scaled(target + inside.first, source + window.at(2, inside.first, kx), inside.last - inside.first,
                   window.strides[2], line_weights[kx]);
      }
    }
  }
}

}  // namespace

void convolve_depthwise(const Convolution<float>& conv) {
  const Window window = conv.window.in_3d();
  const int64_t planes = conv.batch * conv.groups * conv.outputs;
  const int64_t positions = window.output_size();
  const int64_t width = window.output[2];
  parallel_for(planes, std::max<int64_t>(16384 / std::max<int64_t>(positions, 1), 1), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      const int64_t output = plane % (conv.groups * conv.outputs);
      const float* image = conv.x + plane / conv.outputs * window.input_size();
      const float* weights = conv.weights + output * window.kernel_size();
      float* target = conv.y + plane * positions;
      std::fill_n(target, positions, conv.bias == nullptr ? 0.0F : conv.bias[output]);
      if (width == 0) continue;
      for (int64_t line = 0; line < positions / width; ++line) {
        convolve_row(window, image, weights, line / window.output[1], line % window.output[1], target + line * width);
      }
    }
  });
}

}  // namespace exec::cpu
