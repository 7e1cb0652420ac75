#include "kernels/cpu/resample.h"

#include <algorithm>
#include <cmath>

namespace exec::cpu {
namespace {

/// The input coordinate of output position `x`. Real is float or double.
template <typename Real>
Real source_coordinate(const AxisResize& axis, const ResizeOptions& options, Real scale, int64_t position) {
  const auto x = static_cast<Real>(position);
  const auto input = static_cast<Real>(axis.input_length);
  // The length as the scale has it, which need not be a whole number.
  const Real output = scale * input;
  switch (options.coordinates) {
    case Coordinates::kHalfPixel:
      return (x + Real{0.5}) / scale - Real{0.5};
    case Coordinates::kHalfPixelSymmetric: {
      const Real adjustment = static_cast<Real>(axis.output_length) / output;
      return input / 2 * (1 - adjustment) + (x + Real{0.5}) / scale - Real{0.5};
    }
    case Coordinates::kPytorchHalfPixel:
      return axis.output_length > 1 ? (x + Real{0.5}) / scale - Real{0.5} : Real{0};
    case Coordinates::kAlignCorners:
      return output == 1 ? Real{0} : x * (input - 1) / (output - 1);
    case Coordinates::kAsymmetric:
      return x / scale;
    case Coordinates::kTfHalfPixelForNearest:
      return (x + Real{0.5}) / scale;
    case Coordinates::kCropAndResize: {
      const auto start = static_cast<Real>(axis.roi_start);
      const auto end = static_cast<Real>(axis.roi_end);
      const Real step = output == 1 ? (end - start) * (input - 1) / 2 : x * (end - start) * (input - 1) / (output - 1);
      return step + start * (input - 1);
    }
  }
  return 0;
}

bool is_outside(const AxisResize& axis, const ResizeOptions& options, double coordinate) {
  return options.coordinates == Coordinates::kCropAndResize &&
         !(coordinate >= 0 && coordinate <= static_cast<double>(axis.input_length - 1));
}

float nearest(float x, NearestMode mode, bool shrinks) {
  switch (mode) {
    case NearestMode::kRoundPreferFloor:
      return std::ceil(x - 0.5F);
    case NearestMode::kRoundPreferCeil:
      return std::floor(x + 0.5F);
    case NearestMode::kFloor:
      return std::floor(x);
    case NearestMode::kCeil:
      return std::ceil(x);
    case NearestMode::kSimple:
      return shrinks ? std::ceil(x) : std::floor(x);
  }
  return x;
}

double cubic_kernel(double x, double a) {
  x = std::abs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

double linear_kernel(double x) { return std::max(0.0, 1 - std::abs(x)); }

}  // namespace

std::vector<int64_t> nearest_positions(const AxisResize& axis, const ResizeOptions& options) {
  std::vector<int64_t> positions(static_cast<size_t>(axis.output_length));
  for (size_t i = 0; i < positions.size(); ++i) {
    const float x = source_coordinate(axis, options, axis.scale, static_cast<int64_t>(i));
    if (is_outside(axis, options, static_cast<double>(x))) {
      positions[i] = -1;
      continue;
    }
    const auto rounded = static_cast<double>(nearest(x, options.nearest, axis.scale < 1));
    const auto last = static_cast<double>(axis.input_length - 1);
    positions[i] = rounded > 0 ? static_cast<int64_t>(std::min(rounded, last)) : 0;  // a NaN is 0
  }
  return positions;
}

Taps interpolation_taps(const AxisResize& axis, const ResizeOptions& options) {
  const bool is_cubic = options.interpolation == Interpolation::kCubic;
  // Shrinking with antialias stretches the kernel over as many more input positions.
  const double stretch = options.antialias ? std::min(axis.exact_scale, 1.0) : 1.0;
  const auto first_tap = static_cast<int64_t>(std::floor((is_cubic ? -2.0 : -1.0) / stretch)) + 1;
  Taps taps;
  taps.width = 2 - 2 * first_tap;
  const auto count = static_cast<size_t>(axis.output_length);
  const auto width = static_cast<size_t>(taps.width);
  taps.positions.resize(count * width);
  taps.weights.resize(count * width);
  taps.is_outside.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const double x = source_coordinate(axis, options, axis.exact_scale, static_cast<int64_t>(i));
    taps.is_outside[i] = is_outside(axis, options, x);
    if (taps.is_outside[i]) continue;
    const double base = std::ceil(x) - 1;  // the position on the left; a whole x counts as the right end of its cell
    double sum = 0;
    for (size_t k = 0; k < width; ++k) {
      const double offset = static_cast<double>(first_tap) + static_cast<double>(k);
      const double position = base + offset;
      const double clamped = std::clamp(position, 0.0, static_cast<double>(axis.input_length - 1));
      const double distance = (offset - (x - base)) * stretch;
      double weight = is_cubic ? cubic_kernel(distance, options.cubic_a) : linear_kernel(distance);
      if (options.exclude_outside && position != clamped) weight = 0;
      taps.positions[i * width + k] = static_cast<int64_t>(clamped);
      taps.weights[i * width + k] = weight;
      sum += weight;
    }
    if ((options.antialias || options.exclude_outside) && sum != 0) {
      for (size_t k = 0; k < width; ++k) taps.weights[i * width + k] /= sum;
    }
  }
  return taps;
}

}  // namespace exec::cpu
