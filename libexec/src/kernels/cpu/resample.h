#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace exec::cpu {

/// How an output position is mapped to the input along one axis (Resize's coordinate_transformation_mode).
enum class Coordinates {
  kHalfPixel,
  kHalfPixelSymmetric,
  kPytorchHalfPixel,
  kAlignCorners,
  kAsymmetric,
  kCropAndResize,
  kTfHalfPixelForNearest,  ///< versions 11 and 12 alone
};

/// How a nearest neighbour is chosen. kSimple: what Upsample and Resize-10 do, down when enlarging, up when shrinking.
enum class NearestMode { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil, kSimple };

enum class Interpolation { kNearest, kLinear, kCubic };

/// One axis of a resize.
struct AxisResize {
  int64_t input_length = 0;
  int64_t output_length = 0;
  float scale = 1;         ///< output over input
  double exact_scale = 1;  ///< the same in double, where it comes from two lengths
  float roi_start = 0;     ///< of kCropAndResize, in 0..1 of the axis
  float roi_end = 1;
};

struct ResizeOptions {
  Interpolation interpolation = Interpolation::kNearest;
  Coordinates coordinates = Coordinates::kHalfPixel;
  NearestMode nearest = NearestMode::kRoundPreferFloor;
  double cubic_a = -0.75;
  bool exclude_outside = false;
  bool antialias = false;
};

/// For each output position the input position that it copies, -1 where kCropAndResize looks outside of the input.
/// Computed in float as exporters and other runtimes do: at ties one bit decides which neighbour it is.
std::vector<int64_t> nearest_positions(const AxisResize& axis, const ResizeOptions& options);

/// For each output position `width` input positions with their weights (row by row).
struct Taps {
  int64_t width = 0;
  std::vector<int64_t> positions;
  std::vector<double> weights;
  std::vector<bool> is_outside;  ///< per output position: kCropAndResize looks outside of the input
};
Taps interpolation_taps(const AxisResize& axis, const ResizeOptions& options);

}  // namespace exec::cpu
