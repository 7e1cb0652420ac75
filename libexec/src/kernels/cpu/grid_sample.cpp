// GridSample, for any number of spatial axes: X [N, C, ...], grid [N, ..., spatial rank].

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/sample_taps.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"
#include "surgery/text.h"

namespace exec::cpu {
namespace {

enum class Mode { kNearest, kLinear, kCubic };
enum class Padding { kZeros, kBorder, kReflection };

/// Elements that one point may read: cubic interpolation over six axes.
constexpr int64_t kMaxTaps = 4096;

struct Sampling {
  Mode mode;
  Padding padding;
  bool align_corners;
};

Sampling read_sampling(const KernelContext& context, size_t rank) {
  Sampling sampling{};
  const std::string mode = context.attr_string("mode", context.opset() < 20 ? "bilinear" : "linear");
  const bool old = context.opset() < 20;
  if (mode == "nearest") {
    sampling.mode = Mode::kNearest;
  } else if (mode == (old ? "bilinear" : "linear")) {
    sampling.mode = Mode::kLinear;
  } else if (mode == (old ? "bicubic" : "cubic")) {
    sampling.mode = Mode::kCubic;
  } else {
    context.fail("attribute 'mode' is " + surgery::quote(mode) + ", expected " +
                 (old ? "'bilinear', 'nearest' or 'bicubic'" : "'linear', 'nearest' or 'cubic'"));
  }
  const std::string padding = context.attr_string("padding_mode", "zeros");
  if (padding == "zeros") {
    sampling.padding = Padding::kZeros;
  } else if (padding == "border") {
    sampling.padding = Padding::kBorder;
  } else if (padding == "reflection") {
    sampling.padding = Padding::kReflection;
  } else {
    context.fail("attribute 'padding_mode' is " + surgery::quote(padding) +
                 ", expected 'zeros', 'border' or 'reflection'");
  }
  sampling.align_corners = context.attr_int("align_corners", 0) != 0;
  const double taps = sampling.mode == Mode::kNearest ? 1 : sampling.mode == Mode::kLinear ? 2 : 4;
  if (std::pow(taps, static_cast<double>(rank)) > static_cast<double>(kMaxTaps)) {
    context.unsupported("interpolation over " + std::to_string(rank) + " axes reads more than " +
                        std::to_string(kMaxTaps) + " elements per point");
  }
  return sampling;
}

/// One spatial axis of X.
class Axis {
 public:
  Axis(const Sampling& sampling, int64_t extent)
      : sampling_(sampling),
        extent_(extent),
        low_(sampling.align_corners ? 0 : -0.5),
        high_(sampling.align_corners ? static_cast<double>(extent) - 1 : static_cast<double>(extent) - 0.5) {}

  /// What the normalised coordinate `x` reads. G is the grid's type, in which the coordinate is calculated.
  template <typename G>
  AxisTaps taps(G x) const {
    const G length = static_cast<G>(extent_);
    const G at = sampling_.align_corners ? (x + G{1}) / G{2} * (length - G{1}) : ((x + G{1}) * length - G{1}) / G{2};
    double coordinate = static_cast<double>(at);
    if (std::isnan(coordinate)) coordinate = -1;  // as near outside as a number can be
    if (sampling_.mode == Mode::kNearest) coordinate = std::nearbyint(coordinate);
    if (coordinate < low_ || coordinate > high_) coordinate = brought_inside(coordinate);
    // Beyond any index: only where padding is 0, or where no bound exists.
    coordinate = std::clamp(coordinate, -4.0, static_cast<double>(extent_) + 4.0);
    AxisTaps result;
    if (sampling_.mode == Mode::kNearest) {
      result.add(index(static_cast<int64_t>(coordinate)), 1);
      return result;
    }
    const double below = std::floor(coordinate);
    const double t = coordinate - below;
    const auto first = static_cast<int64_t>(below);
    if (sampling_.mode == Mode::kLinear) {
      result.add(index(first), 1 - t);
      result.add(index(first + 1), t);
      return result;
    }
    result.add(index(first - 1), cubic_far(1 + t));
    result.add(index(first), cubic_near(t));
    result.add(index(first + 1), cubic_near(1 - t));
    result.add(index(first + 2), cubic_far(2 - t));
    return result;
  }

 private:
  // Keys' convolution with alpha = -0.75, for distances below 1 and from 1 to 2.
  static constexpr double kAlpha = -0.75;
  static double cubic_near(double x) { return ((kAlpha + 2) * x - (kAlpha + 3)) * x * x + 1; }
  static double cubic_far(double x) { return ((kAlpha * x - 5 * kAlpha) * x + 8 * kAlpha) * x - 4 * kAlpha; }

  double brought_inside(double x) const {
    if (sampling_.padding == Padding::kBorder) return std::clamp(x, 0.0, static_cast<double>(extent_) - 1);
    if (sampling_.padding == Padding::kReflection) return reflected(x);
    return x;
  }

  /// Mirrored at the borders until it lies between them.
  double reflected(double x) const {
    const double range = high_ - low_;
    if (range <= 0 || std::isinf(x)) return low_;
    if (x >= low_ && x <= high_) return x;
    const double beyond = x < low_ ? low_ - x : x - high_;
    const double times = std::floor(beyond / range);
    const double rest = beyond - times * range;
    const bool is_even = std::fmod(times, 2) == 0;
    return (x < low_) == is_even ? low_ + rest : high_ - rest;
  }

  /// The element that stands for index i.
  int64_t index(int64_t i) const {
    if (i >= 0 && i < extent_) return i;
    if (sampling_.padding == Padding::kZeros) return AxisTaps::kOutside;
    if (sampling_.padding == Padding::kBorder) return std::clamp<int64_t>(i, 0, extent_ - 1);
    return std::clamp<int64_t>(static_cast<int64_t>(reflected(static_cast<double>(i))), 0, extent_ - 1);
  }

  Sampling sampling_;
  int64_t extent_;
  double low_;
  double high_;
};

/// Calls visit(image, point, taps) for every point of every image, spread over threads.
template <typename Visit>
void for_each_point(KernelContext& context, const Sampling& sampling, Visit&& visit) {
  const Tensor& x = context.input(0);
  const Tensor grid_tensor = is_half(context.input(1).type()) ? widen(context.input(1)) : context.input(1);
  const Dims spatial(x.dims().begin() + 2, x.dims().end());
  const auto rank = static_cast<int64_t>(spatial.size());
  std::vector<Axis> axes;
  for (const int64_t extent : spatial) axes.emplace_back(sampling, extent);
  const Dims strides = contiguous_strides(spatial);
  const int64_t images = x.dims()[0];
  const int64_t points = images == 0 ? 0 : grid_tensor.num_elements() / (images * rank);
  dispatch_floats(context, grid_tensor.type(), [&]<typename G>() {
    const G* grid = grid_tensor.values<G>().data();
    parallel_for(images * points, 64, [&](int64_t begin, int64_t end) {
      std::vector<AxisTaps> along(axes.size());
      std::vector<WeightedOffset> taps;
      for (int64_t i = begin; i < end; ++i) {
        // The grid lists the innermost axis first.
        for (size_t axis = 0; axis < axes.size(); ++axis) {
          along[axis] = axes[axis].taps<G>(grid[(i + 1) * rank - 1 - static_cast<int64_t>(axis)]);
        }
        combine_taps(along, strides, taps);
        visit(i / points, i % points, std::as_const(taps));
      }
    });
  });
}

/// Where planes of X and Y lie.
struct Planes {
  int64_t channels;
  int64_t input;
  int64_t output;
};

/// `parts` numbers per element: 2 for complex ones.
template <typename T>
void interpolate(KernelContext& context, const Sampling& sampling, const Planes& planes, int64_t parts, const T* x,
                 T* y) {
  for_each_point(context, sampling, [&](int64_t image, int64_t point, const std::vector<WeightedOffset>& taps) {
    for (int64_t channel = 0; channel < planes.channels; ++channel) {
      const int64_t plane = image * planes.channels + channel;
      for (int64_t part = 0; part < parts; ++part) {
        double sum = 0;
        for (const WeightedOffset& tap : taps) {
          sum += tap.weight * static_cast<double>(x[(plane * planes.input + tap.offset) * parts + part]);
        }
        y[(plane * planes.output + point) * parts + part] = static_cast<T>(sum);
      }
    }
  });
}

template <typename T>
void pick(KernelContext& context, const Sampling& sampling, const Planes& planes, const T* x, T* y) {
  for_each_point(context, sampling, [&](int64_t image, int64_t point, const std::vector<WeightedOffset>& taps) {
    if (taps.empty()) return;
    for (int64_t channel = 0; channel < planes.channels; ++channel) {
      const int64_t plane = image * planes.channels + channel;
      y[plane * planes.output + point] = x[plane * planes.input + taps[0].offset];
    }
  });
}

Dims output_dims(const KernelContext& context) {
  const Dims& x = context.input(0).dims();
  const Dims& grid = context.input(1).dims();
  if (x.size() < 3) context.fail("X has shape " + dims_text(x) + ", expected [N, C, ...]");
  if (grid.size() != x.size() || grid[0] != x[0] || grid.back() != static_cast<int64_t>(x.size()) - 2) {
    context.fail("grid has shape " + dims_text(grid) + ", expected [" + std::to_string(x[0]) + ", ..., " +
                 std::to_string(x.size() - 2) + "] of rank " + std::to_string(x.size()));
  }
  if (context.opset() < 20 && x.size() != 4) context.fail("X has shape " + dims_text(x) + ", expected rank 4");
  Dims dims = {x[0], x[1]};
  dims.insert(dims.end(), grid.begin() + 1, grid.end() - 1);
  return dims;
}

void grid_sample(KernelContext& context) {
  const Tensor& x = context.input(0);
  const Dims dims = output_dims(context);
  if ((kFloats & type_bit(context.input(1).type())) == 0) context.fail("the grid is no floating-point tensor");
  const Sampling sampling = read_sampling(context, dims.size() - 2);
  const auto rank = static_cast<int64_t>(dims.size());
  const Planes planes{dims[1], product(x.dims(), 2, rank), product(dims, 2, rank)};
  Tensor& y = context.output(0, x.type(), dims);
  if (y.num_elements() == 0) return;
  if (planes.input == 0) context.fail("X has shape " + dims_text(x.dims()) + ", which has nothing to sample");
  if (sampling.mode == Mode::kNearest) {
    return dispatch_movable(context, x.type(), [&]<typename T>() {
      pick<T>(context, sampling, planes, elements<T>(x).data(), mutable_elements<T>(y).data());
    });
  }
  if (x.type() == DataType::kString) context.unsupported("strings cannot be interpolated");
  const bool is_complex = (kComplexes & type_bit(x.type())) != 0;
  if (is_complex) {
    const auto components = [&]<typename T>() {
      interpolate<T>(context, sampling, planes, 2, reinterpret_cast<const T*>(x.bytes().data()),
                     reinterpret_cast<T*>(y.mutable_bytes().data()));
    };
    return x.type() == DataType::kComplex64 ? components.operator()<float>() : components.operator()<double>();
  }
  if (x.type() == DataType::kFloat) {
    return interpolate<float>(context, sampling, planes, 1, elements<float>(x).data(),
                              mutable_elements<float>(y).data());
  }
  // Integers, booleans and halves: floating-point numbers until the end.
  const Tensor wide = cast_tensor(context, x, DataType::kDouble);
  Tensor result = Tensor::zeros(DataType::kDouble, dims);
  interpolate<double>(context, sampling, planes, 1, elements<double>(wide).data(),
                      mutable_elements<double>(result).data());
  context.set_output(0, cast_tensor(context, result, x.type()));
}

/// AffineGrid-20: grid[n, ..., :] = theta[n] * (x, y, (z,) 1), the positions evenly spaced from -1 to 1.
void affine_grid(KernelContext& context) {
  const Tensor& theta = context.input(0);
  const Dims size = context.int_values(1);
  if (size.size() != 4 && size.size() != 5) {
    context.fail("size has " + std::to_string(size.size()) + " elements, expected [N, C, H, W] or [N, C, D, H, W]");
  }
  for (const int64_t extent : size) {
    if (extent < 0) context.fail("size has " + std::to_string(extent) + ", expected at least 0");
  }
  const auto rank = static_cast<int64_t>(size.size()) - 2;
  if (theta.dims() != Dims{size[0], rank, rank + 1}) {
    context.fail("theta has shape " + dims_text(theta.dims()) + ", expected " +
                 dims_text(Dims{size[0], rank, rank + 1}));
  }
  const bool align_corners = context.attr_int("align_corners", 0) != 0;
  Dims dims{size[0]};
  dims.insert(dims.end(), size.begin() + 2, size.end());
  dims.push_back(rank);
  Tensor& grid = context.output(0, theta.type(), dims);
  const int64_t points = grid.num_elements() == 0 ? 0 : grid.num_elements() / (size[0] * rank);
  // Where a point lies along one axis. A single one is at the start of the range where corners are aligned.
  const auto position = [&](int64_t i, int64_t extent) {
    const auto length = static_cast<double>(extent);
    if (align_corners) return extent == 1 ? -1.0 : -1 + 2 * static_cast<double>(i) / (length - 1);
    return (2 * static_cast<double>(i) + 1) / length - 1;
  };
  dispatch_floats(context, theta.type(), [&]<typename T>() {
    const T* matrices = theta.values<T>().data();
    T* to = grid.mutable_values<T>().data();
    parallel_for(size[0] * points, 1024, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T* matrix = matrices + i / points * rank * (rank + 1);
        double homogeneous[4] = {0, 0, 0, 1};  // x, y, (z)
        int64_t rest = i % points;
        for (int64_t axis = 0; axis < rank; ++axis) {
          const int64_t extent = size[static_cast<size_t>(rank + 1 - axis)];
          homogeneous[axis] = position(rest % extent, extent);
          rest /= extent;
        }
        for (int64_t row = 0; row < rank; ++row) {
          double sum = static_cast<double>(matrix[row * (rank + 1) + rank]);
          for (int64_t k = 0; k < rank; ++k) sum += static_cast<double>(matrix[row * (rank + 1) + k]) * homogeneous[k];
          to[i * rank + row] = static_cast<T>(sum);
        }
      }
    });
  });
}

constexpr Kernel kKernels[] = {
    {"AffineGrid", "", 20, kLatest, kFullFloats, 0, affine_grid},
    {"AffineGrid", "", 20, kLatest, kHalfFloats, 0, widened<affine_grid>},
    {"GridSample", "", 16, kLatest, kMovableTypes & ~kFloat8s, 0, grid_sample},
};

}  // namespace

std::span<const Kernel> grid_sample_kernels() { return kKernels; }

}  // namespace exec::cpu
