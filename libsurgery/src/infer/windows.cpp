#include "infer/windows.h"

#include <algorithm>

#include "surgery/text.h"

namespace surgery::infer {
namespace {

/// The attribute, or `count` times the default; fails the node when it has another length or a value below `least`.
std::optional<std::vector<int64_t>> read_list(InferContext& c, std::string_view name, size_t count, int64_t fallback,
                                              int64_t least) {
  const std::vector<int64_t>* values = c.ints(name);
  if (values == nullptr || (values->empty() && count > 0)) return std::vector<int64_t>(count, fallback);
  if (values->size() != count) {
    c.fail(std::string(name) + " has " + std::to_string(values->size()) + " entries, expected " +
           std::to_string(count));
    return std::nullopt;
  }
  for (const int64_t value : *values) {
    if (value < least || value > INT32_MAX) {
      c.fail(std::string(name) + " holds " + std::to_string(value) + ", expected at least " + std::to_string(least));
      return std::nullopt;
    }
  }
  return *values;
}

}  // namespace

std::optional<Windows> read_windows(InferContext& c, size_t rank, const std::vector<Dim>& kernel) {
  Windows windows;
  windows.kernel = kernel;
  if (const std::vector<int64_t>* given = c.ints("kernel_shape"); given != nullptr && !given->empty()) {
    if (given->size() != rank) {
      c.fail("kernel_shape has " + std::to_string(given->size()) + " entries, expected " + std::to_string(rank));
      return std::nullopt;
    }
    for (size_t i = 0; i < rank; ++i) {
      if (i < kernel.size() && proven_different(kernel[i], Dim((*given)[i]))) {
        c.fail("kernel_shape holds " + std::to_string((*given)[i]) + " where the weights have " +
               escape(kernel[i].to_string()));
        return std::nullopt;
      }
    }
    windows.kernel.assign(given->begin(), given->end());
  }
  windows.kernel.resize(rank);
  for (const Dim& size : windows.kernel) {
    if (size.is_known() && (size.value() < 1 || size.value() > INT32_MAX)) {
      c.fail("the kernel has size " + size.to_string());
      return std::nullopt;
    }
  }
  const std::optional<std::vector<int64_t>> strides = read_list(c, "strides", rank, 1, 1);
  const std::optional<std::vector<int64_t>> dilations = read_list(c, "dilations", rank, 1, 1);
  const std::optional<std::vector<int64_t>> pads = read_list(c, "pads", 2 * rank, 0, INT32_MIN);
  if (!strides || !dilations || !pads) return std::nullopt;
  windows.strides = *strides;
  windows.dilations = *dilations;
  windows.pads = *pads;
  windows.auto_pad = c.string_or("auto_pad", "NOTSET");
  if (windows.auto_pad.empty()) windows.auto_pad = "NOTSET";
  if (windows.auto_pad != "NOTSET") std::fill(windows.pads.begin(), windows.pads.end(), 0);
  windows.ceil_mode = c.int_or("ceil_mode", 0) != 0;
  return windows;
}

Dim window_positions(InferContext& c, const Windows& windows, size_t axis, const Dim& size) {
  const Dim stride = windows.strides[axis];
  if (windows.auto_pad == "SAME_UPPER" || windows.auto_pad == "SAME_LOWER") return ceil_div(size, stride);
  const Dim span = (windows.kernel[axis] - Dim(1)) * Dim(windows.dilations[axis]) + Dim(1);
  const int64_t begin = windows.pads[axis];
  const Dim pads = Dim(begin) + Dim(windows.pads[axis + windows.kernel.size()]);
  const Dim room = size + pads - span;
  if (room.is_known() && room.value() < 0) {
    c.fail("a window of " + span.to_string() + " does not fit into " + size.to_string() + " with " + pads.to_string() +
           " of padding");
    return {};
  }
  if (!windows.ceil_mode) return floor_div(room, stride) + Dim(1);
  // Rounded up, but every window has to start inside the image or the padding in front of it.
  const Dim rounded = room + stride - Dim(1);
  const Dim inside = size + Dim(begin - 1);
  return floor_div(min(rounded, inside), stride) + Dim(1);
}

}  // namespace surgery::infer
