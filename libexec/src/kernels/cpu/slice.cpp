// Slice: per axis a start, an end and a step.

#include <string>

#include "kernels/cpu/copy.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

struct Request {
  Dims starts;
  Dims ends;
  Dims axes;
  Dims steps;
};

Request read_request(const KernelContext& context) {
  Request request;
  if (context.opset() < 10) {
    request.starts = context.attr_ints("starts");
    request.ends = context.attr_ints("ends");
    request.axes = context.attr_ints("axes");
  } else {
    request.starts = context.int_values(1);
    request.ends = context.int_values(2);
    if (context.has_input(3)) request.axes = context.int_values(3);
    if (context.has_input(4)) request.steps = context.int_values(4);
  }
  if (request.axes.empty()) {
    for (size_t i = 0; i < request.starts.size(); ++i) request.axes.push_back(static_cast<int64_t>(i));
  }
  if (request.steps.empty()) request.steps.assign(request.starts.size(), 1);
  const size_t count = request.starts.size();
  if (request.ends.size() != count || request.axes.size() != count || request.steps.size() != count) {
    context.fail("there are " + std::to_string(count) + " starts, " + std::to_string(request.ends.size()) + " ends, " +
                 std::to_string(request.axes.size()) + " axes and " + std::to_string(request.steps.size()) +
                 " steps, expected as many of each");
  }
  return request;
}

/// Index `value`, counted from the end when negative, cut to [low, high].
int64_t cut(int64_t value, int64_t dim, int64_t low, int64_t high) {
  if (value < 0) value = value < -dim ? -1 : value + dim;
  return std::clamp(value, low, high);
}

void slice(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Request request = read_request(context);
  const Dims axes = normal_axes(context, request.axes, data.rank());
  const Dims strides = contiguous_strides(data.dims());
  Dims dims = data.dims();
  Dims source_strides = strides;
  int64_t offset = 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(axes[i]);
    const int64_t dim = data.dims()[axis];
    const int64_t step = request.steps[i];
    if (step == 0) context.fail("the step of axis " + std::to_string(axis) + " is 0");
    int64_t start = 0;
    int64_t length = 0;
    if (step > 0) {
      start = cut(request.starts[i], dim, 0, dim);
      const int64_t end = cut(request.ends[i], dim, 0, dim);
      length = end > start ? (end - start - 1) / step + 1 : 0;
    } else {
      // A start in front of the axis is its first element, other than in Python; of an empty axis nothing is taken.
      start = cut(request.starts[i], dim, std::min<int64_t>(dim - 1, 0), dim - 1);
      const int64_t end = cut(request.ends[i], dim, -1, dim - 1);
      // Unsigned: the smallest number has no negative.
      length =
          start > end
              ? static_cast<int64_t>(static_cast<uint64_t>(start - end - 1) / (0 - static_cast<uint64_t>(step))) + 1
              : 0;
    }
    dims[axis] = length;
    if (length > 0 && data.num_elements() > 0) offset += start * strides[axis];
    source_strides[axis] = length > 1 && data.num_elements() > 0 ? strides[axis] * step : 0;
  }
  if (dims == data.dims() && request.steps == Dims(request.steps.size(), 1)) return context.set_output(0, data);
  Tensor& output = context.output(0, data.type(), dims);
  if (output.num_elements() == 0) return;
  dispatch_movable(context, data.type(), [&]<typename T>() {
    copy_strided(dims, elements<T>(data).data() + offset, source_strides, mutable_elements<T>(output).data(),
                 contiguous_strides(dims));
  });
}

constexpr Kernel kKernels[] = {
    {"Slice", "", 1, kLatest, kMovableTypes, 0, slice},
    {"Slice", "", 1, kLatest, kPackedTypes, 0, unpacked<slice>},
};

}  // namespace

std::span<const Kernel> slice_kernels() { return kKernels; }

}  // namespace exec::cpu
