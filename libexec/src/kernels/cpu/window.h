#pragma once

#include <cstdint>
#include <vector>

#include "exec/kernel.h"
#include "kernels/cpu/dims.h"

namespace exec::cpu {

/// How a window slides over the spatial axes of a tensor [N, C, spatial...]: what Conv and the pooling operators share.
/// One entry per spatial axis.
struct Window {
  Dims input;       ///< extents of the input
  Dims output;      ///< extents of the output: positions of the window
  Dims kernel;      ///< extents of the window, in taps
  Dims strides;     ///< distance between positions
  Dims dilations;   ///< distance between taps
  Dims pads_begin;  ///< where position 0 starts: at -pads_begin
  Dims pads_end;

  size_t rank() const { return input.size(); }
  int64_t input_size() const { return product(input); }
  int64_t output_size() const { return product(output); }
  /// Taps of the window. Requires a kernel that is a tensor's shape: an attribute's product may overflow.
  int64_t kernel_size() const { return product(kernel); }
  /// Input coordinate that a tap reads at an output position; outside 0 <= x < input[axis] it is padding.
  int64_t at(size_t axis, int64_t position, int64_t tap) const {
    return position * strides[axis] - pads_begin[axis] + tap * dilations[axis];
  }
  /// The same window over three spatial axes: leading axes of extent 1 are added. Requires rank() <= 3.
  Window in_3d() const;
};

/// Which positions of a window count along an axis.
enum class WindowFit {
  kSome,       ///< where it fits; a window that fits nowhere is an error (convolutions)
  kWhole,      ///< where it fits; none if it is too large by less than a stride, which is what the formula says
  kPartially,  ///< ceil_mode: at the end also where it fits only in part, unless it would start in the end padding
};

/// Reads strides, dilations, pads and auto_pad of a node and gives the output extents (Conv-22, MaxPool-22).
/// Fails for attributes of a wrong length, non-positive strides, negative pads, and a window that is too large.
Window read_window(const KernelContext& context, Dims input, Dims kernel, WindowFit fit);

/// An attribute with one value per spatial axis, or `fallback` everywhere when it is absent; each at least `minimum`
/// and at most 2^20. Fails for another length.
Dims read_axis_values(const KernelContext& context, std::string_view name, size_t count, int64_t fallback,
                      int64_t minimum);

/// Fails unless the window has a tap along each axis and sums of its extents and `extents` cannot overflow.
void require_window(const KernelContext& context, const Dims& kernel, const Dims& extents);

/// Spatial extents of input 0: dims from axis 2 on. Fails for a rank below 3.
Dims spatial_dims(const KernelContext& context);

/// The taps along one axis that do not read padding: first, first + 1, ..., last - 1.
struct TapRange {
  int64_t first = 0;
  int64_t last = 0;
};
TapRange taps_inside(const Window& window, size_t axis, int64_t position);

/// The output positions along one axis at which a tap does not read padding.
struct PositionRange {
  int64_t first = 0;
  int64_t last = 0;
};
PositionRange positions_inside(const Window& window, size_t axis, int64_t tap);

/// Walks the taps of a window that do not read padding, at one output position after the other.
class TapWalk {
 public:
  explicit TapWalk(const Window& window) : window_(window), ranges_(window.rank()), starts_(window.rank()) {}

  /// Calls visit(tap, offset) for output position `position` (row-major): number of the tap and offset into the input's
  /// spatial extents, both row-major, taps ascending.
  template <typename Visit>
  void at(int64_t position, Visit&& visit) {
    if (seek(position)) walk(0, 0, 0, visit);
  }

 private:
  /// Sets ranges_ and starts_; false when every tap reads padding.
  bool seek(int64_t position);

  template <typename Visit>
  void walk(size_t axis, int64_t tap, int64_t offset, Visit& visit) const {
    if (axis == ranges_.size()) return visit(tap, offset);
    for (int64_t i = ranges_[axis].first; i < ranges_[axis].last; ++i) {
      walk(axis + 1, tap * window_.kernel[axis] + i,
           offset * window_.input[axis] + starts_[axis] + i * window_.dilations[axis], visit);
    }
  }

  const Window& window_;
  std::vector<TapRange> ranges_;
  Dims starts_;  // input coordinate of tap 0
};

}  // namespace exec::cpu
