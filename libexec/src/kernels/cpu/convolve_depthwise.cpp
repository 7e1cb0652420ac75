#include <algorithm>
#include <array>
#include <vector>

#include "kernels/cpu/convolution.h"
#include "runtime/simd.h"
#include "runtime/threads.h"

#define EXEC_INLINE inline __attribute__((always_inline))  // into each version of a vectorised function

namespace exec::cpu {
namespace {

/// The part of a convolution that one row of outputs sees: for each row of taps the row of the input that it reads, and
/// its weights.
struct RowTaps {
  std::vector<const float*> sources{};
  std::vector<const float*> weights{};
  int64_t start = 0;     ///< element of the input's row that tap 0 reads at output 0; negative in padding
  int64_t kernel = 0;    ///< taps in a row
  int64_t dilation = 1;  ///< elements between taps
  int64_t stride = 1;    ///< elements between outputs
  float bias = 0;
};

// Each output is bias + tap + tap + ..., in the order of the taps, in every one of the loops below: how many are made
// at once cannot be told from the results.

/// `kLanes` outputs from `first` on, of which no tap reads padding. kStride 0: any stride.
template <int64_t kLanes, int64_t kStride>
EXEC_INLINE void convolve_lanes(const RowTaps& taps, int64_t first, float* target) {
  const int64_t stride = kStride == 0 ? taps.stride : kStride;
  float sums[kLanes];
  for (int64_t j = 0; j < kLanes; ++j) sums[j] = taps.bias;
  for (size_t row = 0; row < taps.sources.size(); ++row) {
    const float* source = taps.sources[row] + (taps.start + first * stride);
    const float* weights = taps.weights[row];
    for (int64_t k = 0; k < taps.kernel; ++k, source += taps.dilation) {
      const float weight = weights[k];
      for (int64_t j = 0; j < kLanes; ++j) sums[j] += weight * source[j * stride];
    }
  }
  for (int64_t j = 0; j < kLanes; ++j) target[first + j] = sums[j];
}

/// Outputs first, ..., last - 1 in blocks of kLanes, as far as they go; gives where the next would begin. The last
/// block overlaps the one before it.
template <int64_t kLanes, int64_t kStride>
EXEC_INLINE int64_t convolve_blocks(const RowTaps& taps, int64_t first, int64_t last, float* target) {
  if (last - first < kLanes) return first;
  int64_t at = first;
  for (; at + kLanes <= last; at += kLanes) convolve_lanes<kLanes, kStride>(taps, at, target);
  if (at < last) convolve_lanes<kLanes, kStride>(taps, last - kLanes, target);
  return last;
}

template <int64_t kStride>
EXEC_INLINE void convolve_range(const RowTaps& taps, int64_t first, int64_t last, float* target) {
  first = convolve_blocks<32, kStride>(taps, first, last, target);
  first = convolve_blocks<16, kStride>(taps, first, last, target);
  first = convolve_blocks<8, kStride>(taps, first, last, target);
  first = convolve_blocks<4, kStride>(taps, first, last, target);
  convolve_blocks<1, kStride>(taps, first, last, target);
}

EXEC_VECTORIZED void convolve_inside(const RowTaps& taps, int64_t first, int64_t last, float* target) {
  if (taps.stride == 1) {
    convolve_range<1>(taps, first, last, target);
  } else if (taps.stride == 2) {
    convolve_range<2>(taps, first, last, target);
  } else {
    convolve_range<0>(taps, first, last, target);
  }
}

/// Outputs at which some taps of a row read padding.
void convolve_border(const RowTaps& taps, const std::vector<TapRange>& inside, int64_t first, int64_t last,
                     float* target) {
  for (int64_t x = first; x < last; ++x) {
    const auto [begin, end] = inside[static_cast<size_t>(x)];
    float sum = taps.bias;
    for (size_t row = 0; row < taps.sources.size(); ++row) {
      for (int64_t k = begin; k < end; ++k) {
        sum += taps.weights[row][k] * taps.sources[row][taps.start + x * taps.stride + k * taps.dilation];
      }
    }
    target[x] = sum;
  }
}

/// The outputs along a row at which no tap reads padding.
PositionRange positions_of_all_taps(const Window& window) {
  const PositionRange of_first = positions_inside(window, 2, 0);
  const PositionRange of_last = positions_inside(window, 2, window.kernel[2] - 1);
  return {of_first.first, std::max(of_first.first, of_last.last)};
}

/// taps_inside() of each position along an axis.
std::vector<TapRange> ranges_of(const Window& window, size_t axis) {
  std::vector<TapRange> ranges;
  ranges.reserve(static_cast<size_t>(window.output[axis]));
  for (int64_t position = 0; position < window.output[axis]; ++position) {
    ranges.push_back(taps_inside(window, axis, position));
  }
  return ranges;
}

/// Depthwise convolution of one plane after the other under the same window.
class PlaneConvolution {
 public:
  explicit PlaneConvolution(const Window& window)
      : window_(window),
        all_inside_(positions_of_all_taps(window)),
        inside_{ranges_of(window, 0), ranges_of(window, 1), ranges_of(window, 2)},
        taps_{.start = window.at(2, 0, 0),
              .kernel = window.kernel[2],
              .dilation = window.dilations[2],
              .stride = window.strides[2]} {}

  /// image [D, H, W], weights [kD, kH, kW] -> target [D', H', W'].
  void run(const float* image, const float* weights, float bias, float* target) {
    taps_.bias = bias;
    const int64_t width = window_.output[2];
    for (int64_t z = 0; z < window_.output[0]; ++z) {
      for (int64_t y = 0; y < window_.output[1]; ++y, target += width) {
        set_rows(image, weights, z, y);
        convolve_border(taps_, inside_[2], 0, all_inside_.first, target);
        convolve_inside(taps_, all_inside_.first, all_inside_.last, target);
        convolve_border(taps_, inside_[2], all_inside_.last, width, target);
      }
    }
  }

 private:
  /// Collects the taps that outputs [z, y, :] see of an image.
  void set_rows(const float* image, const float* weights, int64_t z, int64_t y) {
    taps_.sources.clear();
    taps_.weights.clear();
    const TapRange depth = inside_[0][static_cast<size_t>(z)];
    const TapRange rows = inside_[1][static_cast<size_t>(y)];
    for (int64_t kz = depth.first; kz < depth.last; ++kz) {
      for (int64_t ky = rows.first; ky < rows.last; ++ky) {
        const int64_t line = window_.at(0, z, kz) * window_.input[1] + window_.at(1, y, ky);
        taps_.sources.push_back(image + line * window_.input[2]);
        taps_.weights.push_back(weights + (kz * window_.kernel[1] + ky) * window_.kernel[2]);
      }
    }
  }

  const Window& window_;
  PositionRange all_inside_;
  std::array<std::vector<TapRange>, 3> inside_;  // by axis and position
  RowTaps taps_;
};

}  // namespace

void convolve_depthwise(const Convolution<float>& conv) {
  const Window window = conv.window.in_3d();
  const int64_t planes = conv.batch * conv.groups * conv.outputs;
  const int64_t positions = window.output_size();
  if (positions == 0) return;
  parallel_for(planes, std::max<int64_t>(16384 / positions, 1), [&](int64_t begin, int64_t end) {
    PlaneConvolution convolution(window);
    for (int64_t plane = begin; plane < end; ++plane) {
      const int64_t output = plane % (conv.groups * conv.outputs);
      convolution.run(conv.x + plane / conv.outputs * window.input_size(), conv.weights + output * window.kernel_size(),
                      conv.bias == nullptr ? 0.0F : conv.bias[output], conv.y + plane * positions);
    }
  });
}

}  // namespace exec::cpu
