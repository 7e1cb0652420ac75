#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "kernels/cpu/convolution.h"
#include "runtime/simd.h"
#include "runtime/threads.h"

#define EXEC_INLINE inline __attribute__((always_inline))  // into each version of a vectorised function

namespace exec::cpu {
namespace {

/// The part of a convolution that one row of outputs sees: for each row of taps the row of the input that it reads,
/// which begins with what tap 0 reads at output 0, and its weights.
template <typename T>
struct RowTaps {
  std::vector<const T*> sources{};
  std::vector<const T*> weights{};
  int64_t kernel = 0;    ///< taps in a row
  int64_t dilation = 1;  ///< elements between taps
  int64_t stride = 1;    ///< elements between outputs
  T bias = 0;
};

// Each output is bias + tap + tap + ..., in the order of the taps, in every one of the loops below: how many are made
// at once cannot be told from the results.

template <typename T, int64_t kLanes>
struct Lanes {
  typedef T Vector __attribute__((vector_size(kLanes * sizeof(T))));  // NOLINT: `using` drops the attribute
};

/// Every second one of 2 * kLanes - 1 numbers. Reads no others.
template <int64_t kLanes, typename T, size_t... kIndex>
EXEC_INLINE void load_even(const T* source, typename Lanes<T, kLanes>::Vector& target,
                           std::index_sequence<kIndex...> /*indices*/) {
  typename Lanes<T, kLanes>::Vector low;
  typename Lanes<T, kLanes>::Vector high;  // begins one before the middle
  std::memcpy(&low, source, sizeof low);
  std::memcpy(&high, source + kLanes - 1, sizeof high);
  target = __builtin_shufflevector(low, high, (2 * kIndex < kLanes ? 2 * kIndex : 2 * kIndex + 1)...);
}

/// source[0], source[stride], source[2 * stride], ...; kStride 0: any stride.
template <int64_t kLanes, int64_t kStride, typename T>
EXEC_INLINE void load(const T* source, int64_t stride, typename Lanes<T, kLanes>::Vector& target) {
  if constexpr (kStride == 1) {
    std::memcpy(&target, source, sizeof target);
  } else if constexpr (kStride == 2) {
    load_even<kLanes>(source, target, std::make_index_sequence<static_cast<size_t>(kLanes)>());
  } else {
    for (int64_t j = 0; j < kLanes; ++j) target[j] = source[j * stride];
  }
}

/// `kLanes` outputs from `first` on, of which no tap reads padding.
template <int64_t kLanes, int64_t kStride, typename T>
EXEC_INLINE void convolve_lanes(const RowTaps<T>& taps, int64_t first, T* target) {
  typename Lanes<T, kLanes>::Vector sums = taps.bias - typename Lanes<T, kLanes>::Vector{};
  for (size_t row = 0; row < taps.sources.size(); ++row) {
    const T* source = taps.sources[row] + first * taps.stride;
    const T* weights = taps.weights[row];
    for (int64_t k = 0; k < taps.kernel; ++k, source += taps.dilation) {
      typename Lanes<T, kLanes>::Vector numbers;
      load<kLanes, kStride>(source, taps.stride, numbers);
      sums += weights[k] * numbers;
    }
  }
  std::memcpy(target + first, &sums, sizeof sums);
}

/// Outputs first, ..., last - 1 in blocks of kLanes, where there are so many; gives where the next would begin. The
/// last block overlaps the one before it.
template <int64_t kLanes, int64_t kStride, typename T>
EXEC_INLINE int64_t convolve_blocks(const RowTaps<T>& taps, int64_t first, int64_t last, T* target) {
  if (last - first < kLanes) return first;
  int64_t at = first;
  for (; at + kLanes <= last; at += kLanes) convolve_lanes<kLanes, kStride>(taps, at, target);
  if (at < last) convolve_lanes<kLanes, kStride>(taps, last - kLanes, target);
  return last;
}

template <int64_t kStride, typename T>
EXEC_INLINE void convolve_range(const RowTaps<T>& taps, int64_t count, T* target) {
  int64_t first = convolve_blocks<16, kStride>(taps, 0, count, target);
  first = convolve_blocks<8, kStride>(taps, first, count, target);
  first = convolve_blocks<4, kStride>(taps, first, count, target);
  for (; first < count; ++first) {
    T sum = taps.bias;
    for (size_t row = 0; row < taps.sources.size(); ++row) {
      const T* source = taps.sources[row] + first * taps.stride;
      for (int64_t k = 0; k < taps.kernel; ++k) sum += taps.weights[row][k] * source[k * taps.dilation];
    }
    target[first] = sum;
  }
}

/// A row of `count` outputs.
template <typename T>
EXEC_INLINE void convolve_row_of(const RowTaps<T>& taps, int64_t count, T* target) {
  if (taps.stride == 1) {
    convolve_range<1>(taps, count, target);
  } else if (taps.stride == 2) {
    convolve_range<2>(taps, count, target);
  } else {
    convolve_range<0>(taps, count, target);
  }
}

EXEC_VECTORIZED void convolve_row(const RowTaps<float>& taps, int64_t count, float* target) {
  convolve_row_of(taps, count, target);
}

EXEC_VECTORIZED void convolve_row(const RowTaps<double>& taps, int64_t count, double* target) {
  convolve_row_of(taps, count, target);
}

constexpr double kMaxRows = 1 << 20;  // elements

/// Input extents that a window covers along an axis.
int64_t extent(const Window& window, size_t axis) { return (window.kernel[axis] - 1) * window.dilations[axis] + 1; }

/// What the last output of a row reads and the whole row, from the padding in front on.
int64_t padded_width(const Window& window) {
  return std::max((window.output[2] - 1) * window.strides[2] + extent(window, 2),
                  window.pads_begin[2] + window.input[2]);
}

/// Whether the rows that a window covers at once take little memory. Far dilations in wide padding do not.
bool rows_are_few(const Window& window) {
  return static_cast<double>(extent(window, 0)) * static_cast<double>(extent(window, 1)) *
             static_cast<double>(padded_width(window)) <=
         kMaxRows;
}

/// Rows of an image with the zeros on both sides that padding is, as many as a window covers at once.
template <typename T>
class PaddedRows {
 public:
  explicit PaddedRows(const Window& window)
      : window_(window),
        depth_(extent(window, 0)),
        height_(extent(window, 1)),
        width_(padded_width(window)),
        lines_(static_cast<size_t>(depth_ * height_)),
        values_(static_cast<size_t>(depth_ * height_ * width_)) {}

  /// Forgets the rows of another image.
  void start(const T* image) {
    image_ = image;
    std::fill(lines_.begin(), lines_.end(), -1);
  }

  /// Row [z, y, :] from its padding on; there until a row that the window never covers together with it is asked for.
  const T* row(int64_t z, int64_t y) {
    const int64_t line = z * window_.input[1] + y;
    const int64_t slot = z % depth_ * height_ + y % height_;
    T* values = values_.data() + slot * width_;
    if (lines_[static_cast<size_t>(slot)] != line) {
      lines_[static_cast<size_t>(slot)] = line;
      std::copy_n(image_ + line * window_.input[2], window_.input[2], values + window_.pads_begin[2]);
    }
    return values;
  }

 private:
  const Window& window_;
  int64_t depth_;
  int64_t height_;
  int64_t width_;
  const T* image_ = nullptr;
  std::vector<int64_t> lines_;  // by slot: z * H + y of the row that it holds
  std::vector<T> values_;       // [slot, width_]
};

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
template <typename T>
class PlaneConvolution {
 public:
  explicit PlaneConvolution(const Window& window)
      : window_(window),
        inside_{ranges_of(window, 0), ranges_of(window, 1)},
        rows_(window),
        taps_{.kernel = window.kernel[2], .dilation = window.dilations[2], .stride = window.strides[2]} {}

  /// image [D, H, W], weights [kD, kH, kW] -> target [D', H', W'].
  void run(const T* image, const T* weights, T bias, T* target) {
    rows_.start(image);
    taps_.bias = bias;
    for (int64_t z = 0; z < window_.output[0]; ++z) {
      for (int64_t y = 0; y < window_.output[1]; ++y, target += window_.output[2]) {
        set_rows(weights, z, y);
        convolve_row(taps_, window_.output[2], target);
      }
    }
  }

 private:
  /// Collects the taps that outputs [z, y, :] see.
  void set_rows(const T* weights, int64_t z, int64_t y) {
    taps_.sources.clear();
    taps_.weights.clear();
    const TapRange depth = inside_[0][static_cast<size_t>(z)];
    const TapRange height = inside_[1][static_cast<size_t>(y)];
    for (int64_t kz = depth.first; kz < depth.last; ++kz) {
      for (int64_t ky = height.first; ky < height.last; ++ky) {
        taps_.sources.push_back(rows_.row(window_.at(0, z, kz), window_.at(1, y, ky)));
        taps_.weights.push_back(weights + (kz * window_.kernel[1] + ky) * window_.kernel[2]);
      }
    }
  }

  const Window& window_;
  std::array<std::vector<TapRange>, 2> inside_;  // by axis and position
  PaddedRows<T> rows_;
  RowTaps<T> taps_;
};

template <typename T>
void convolve_planes(const Convolution<T>& conv) {
  const Window window = conv.window.in_3d();
  if (!rows_are_few(window)) return convolve_reference(conv);
  const int64_t planes = conv.batch * conv.groups * conv.outputs;
  const int64_t positions = window.output_size();
  if (positions == 0) return;
  parallel_for(planes, std::max<int64_t>(16384 / positions, 1), [&](int64_t begin, int64_t end) {
    PlaneConvolution<T> convolution(window);
    for (int64_t plane = begin; plane < end; ++plane) {
      const int64_t output = plane % (conv.groups * conv.outputs);
      convolution.run(conv.x + plane / conv.outputs * window.input_size(), conv.weights + output * window.kernel_size(),
                      conv.bias == nullptr ? T{0} : conv.bias[output], conv.y + plane * positions);
    }
  });
}

}  // namespace

void convolve_depthwise(const Convolution<float>& convolution) { convolve_planes(convolution); }

void convolve_depthwise(const Convolution<double>& convolution) { convolve_planes(convolution); }

}  // namespace exec::cpu
