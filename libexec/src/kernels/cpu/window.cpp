#include "kernels/cpu/window.h"

#include <algorithm>
#include <string>

namespace exec::cpu {
namespace {

// Bounds under which no sum or product of extents and attributes overflows.
constexpr int64_t kMaxAttribute = int64_t{1} << 20;
constexpr int64_t kMaxExtent = int64_t{1} << 40;

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
int64_t ceil_div(int64_t a, int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

/// SAME_UPPER and SAME_LOWER: as many outputs as strides fit, padding as even as can be, the odd one at the end or
/// begin.
void pad_same(Window& window, size_t axis, bool upper) {
  const int64_t extent = (window.kernel[axis] - 1) * window.dilations[axis] + 1;
  window.output[axis] = ceil_div(window.input[axis], window.strides[axis]);
  const int64_t total =
      std::max<int64_t>((window.output[axis] - 1) * window.strides[axis] + extent - window.input[axis], 0);
  window.pads_begin[axis] = upper ? total / 2 : total - total / 2;
  window.pads_end[axis] = total - window.pads_begin[axis];
}

void count_positions(const KernelContext& context, Window& window, size_t axis, WindowFit fit) {
  const int64_t extent = (window.kernel[axis] - 1) * window.dilations[axis] + 1;
  const int64_t padded = window.input[axis] + window.pads_begin[axis] + window.pads_end[axis];
  const int64_t room = padded - extent;
  const int64_t stride = window.strides[axis];
  int64_t& output = window.output[axis];
  output = (fit == WindowFit::kPartially ? ceil_div(room, stride) : floor_div(room, stride)) + 1;
  if (output < 0 || (output == 0 && fit == WindowFit::kSome)) {
    if (window.input[axis] > 0) {
      context.fail("the window covers " + std::to_string(extent) + " of spatial axis " + std::to_string(axis) +
                   ", which has " + std::to_string(padded) + " with padding");
    }
    output = 0;
  }
  const int64_t last_start = (output - 1) * stride;
  const bool starts_in_end_padding = last_start >= window.input[axis] + window.pads_begin[axis];
  if (fit == WindowFit::kPartially && output > 0 && starts_in_end_padding) --output;
}

}  // namespace

Window Window::in_3d() const {
  SURGERY_ASSERT(rank() <= 3, "at most three spatial axes");
  Window result = *this;
  const size_t missing = 3 - rank();
  const auto extend = [&](Dims& dims, int64_t value) { dims.insert(dims.begin(), missing, value); };
  extend(result.input, 1);
  extend(result.output, 1);
  extend(result.kernel, 1);
  extend(result.strides, 1);
  extend(result.dilations, 1);
  extend(result.pads_begin, 0);
  extend(result.pads_end, 0);
  return result;
}

TapRange taps_inside(const Window& window, size_t axis, int64_t position) {
  const int64_t start = window.at(axis, position, 0);
  const int64_t dilation = window.dilations[axis];
  return {std::max<int64_t>(ceil_div(-start, dilation), 0),
          std::min(ceil_div(window.input[axis] - start, dilation), window.kernel[axis])};
}

PositionRange positions_inside(const Window& window, size_t axis, int64_t tap) {
  const int64_t start = window.at(axis, 0, tap);
  const int64_t stride = window.strides[axis];
  const int64_t first = std::clamp<int64_t>(ceil_div(-start, stride), 0, window.output[axis]);
  return {first, std::clamp(ceil_div(window.input[axis] - start, stride), first, window.output[axis])};
}

bool TapWalk::seek(int64_t position) {
  bool any = true;
  for (size_t axis = window_.rank(); axis-- > 0;) {
    const int64_t at = position % window_.output[axis];
    position /= window_.output[axis];
    ranges_[axis] = taps_inside(window_, axis, at);
    starts_[axis] = window_.at(axis, at, 0);
    any = any && ranges_[axis].first < ranges_[axis].last;
  }
  return any;
}

Dims read_axis_values(const KernelContext& context, std::string_view name, size_t count, int64_t fallback,
                      int64_t minimum) {
  Dims values = context.attr_ints(name);
  if (values.empty()) return Dims(count, fallback);
  if (values.size() != count) {
    context.fail("attribute '" + std::string(name) + "' has " + std::to_string(values.size()) + " values, expected " +
                 std::to_string(count));
  }
  for (const int64_t value : values) {
    if (value < minimum || value > kMaxAttribute) {
      context.fail("attribute '" + std::string(name) + "' is " + dims_text(values) + ", expected " +
                   std::to_string(minimum) + " to " + std::to_string(kMaxAttribute) + " each");
    }
  }
  return values;
}

void require_window(const KernelContext& context, const Dims& kernel, const Dims& extents) {
  for (size_t axis = 0; axis < extents.size(); ++axis) {
    if (kernel[axis] < 1 || kernel[axis] > kMaxAttribute || extents[axis] > kMaxExtent) {
      context.fail("a window of shape " + dims_text(kernel) + " cannot slide over extents " + dims_text(extents));
    }
  }
}

Dims spatial_dims(const KernelContext& context) {
  const Dims& dims = context.input(0).dims();
  if (dims.size() < 3) {
    context.fail("input 0 has shape " + dims_text(dims) + ", expected [N, C, ...] with at least one spatial axis");
  }
  return {dims.begin() + 2, dims.end()};
}

Window read_window(const KernelContext& context, Dims input, Dims kernel, WindowFit fit) {
  const size_t rank = input.size();
  Window window;
  window.input = std::move(input);
  window.kernel = std::move(kernel);
  window.output.resize(rank);
  window.strides = read_axis_values(context, "strides", rank, 1, 1);
  window.dilations = read_axis_values(context, "dilations", rank, 1, 1);
  require_window(context, window.kernel, window.input);

  const std::string auto_pad = context.attr_string("auto_pad", "NOTSET");
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    window.pads_begin.resize(rank);
    window.pads_end.resize(rank);
    for (size_t axis = 0; axis < rank; ++axis) pad_same(window, axis, auto_pad == "SAME_UPPER");
    return window;
  }
  Dims pads(2 * rank, 0);
  if (auto_pad == "NOTSET") {
    pads = read_axis_values(context, "pads", 2 * rank, 0, 0);
  } else if (auto_pad != "VALID") {
    context.fail("attribute 'auto_pad' is '" + auto_pad + "', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID");
  }
  window.pads_begin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(rank));
  window.pads_end.assign(pads.begin() + static_cast<std::ptrdiff_t>(rank), pads.end());
  if (auto_pad == "VALID" && fit == WindowFit::kPartially) fit = WindowFit::kWhole;
  for (size_t axis = 0; axis < rank; ++axis) count_positions(context, window, axis, fit);
  return window;
}

}  // namespace exec::cpu
