#pragma once

#include <optional>
#include <vector>

#include "infer/infer_context.h"

namespace surgery::infer {

/// The attributes that convolutions and pools share, one entry per spatial axis (two for pads).
struct Windows {
  std::vector<Dim> kernel;
  std::vector<int64_t> strides;
  std::vector<int64_t> dilations;
  std::vector<int64_t> pads;  ///< all begins, then all ends; zeros where auto_pad decides
  std::string auto_pad;
  bool ceil_mode = false;
};

/// Reads them for `rank` spatial axes; `kernel` is what kernel_shape defaults to (the weights' dims). Fails the node
/// and gives nothing when a list has the wrong length or a stride or dilation is below 1.
std::optional<Windows> read_windows(InferContext& c, size_t rank, const std::vector<Dim>& kernel);

/// Size of one spatial axis after sliding a window over it. Fails the node when the window does not fit.
Dim window_positions(InferContext& c, const Windows& windows, size_t axis, const Dim& size);

}  // namespace surgery::infer
