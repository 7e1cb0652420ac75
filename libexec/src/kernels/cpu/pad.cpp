// Pad: elements added around a tensor, or cut off where a pad is negative.

#include <algorithm>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/copy.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

enum class Mode { kConstant, kReflect, kEdge, kWrap };

Mode mode_of(const KernelContext& context) {
  const std::string mode = context.attr_string("mode", "constant");
  if (mode == "constant") return Mode::kConstant;
  if (mode == "reflect") return Mode::kReflect;
  if (mode == "edge") return Mode::kEdge;
  if (mode == "wrap" && context.opset() >= 19) return Mode::kWrap;
  context.fail("mode is '" + mode + "', expected constant, reflect, edge or wrap");
}

struct Pads {
  Dims begin;
  Dims end;
};

Pads pads_of(const KernelContext& context, int64_t rank) {
  Dims values;
  if (context.opset() < 2) {
    values = context.attr_ints("paddings");
  } else if (context.opset() < 11) {
    values = context.attr_ints("pads");
  } else {
    values = context.int_values(1);
  }
  Dims axes;
  if (context.opset() >= 18 && context.has_input(3)) {
    axes = normal_axes(context, context.int_values(3), rank);
  } else {
    for (int64_t axis = 0; axis < rank; ++axis) axes.push_back(axis);
  }
  if (values.size() != 2 * axes.size()) {
    context.fail("there are " + std::to_string(values.size()) + " pads for " + std::to_string(axes.size()) +
                 " axes, expected twice as many");
  }
  constexpr int64_t kLimit = int64_t{1} << 40;
  for (const int64_t value : values) {
    if (value < -kLimit || value > kLimit) context.fail("pad " + std::to_string(value) + " is too large");
  }
  Pads pads{Dims(static_cast<size_t>(rank), 0), Dims(static_cast<size_t>(rank), 0)};
  for (size_t i = 0; i < axes.size(); ++i) {
    pads.begin[static_cast<size_t>(axes[i])] = values[i];
    pads.end[static_cast<size_t>(axes[i])] = values[axes.size() + i];
  }
  return pads;
}

/// The input position that output position `i` of an axis copies. `length` is at least 1; the part of the input that a
/// negative pad cuts off takes no part in reflection and wrapping.
int64_t source_position(Mode mode, int64_t i, int64_t begin, int64_t end, int64_t length) {
  const int64_t first = std::max<int64_t>(-begin, 0);
  const int64_t kept = length - first - std::max<int64_t>(-end, 0);
  int64_t offset = i - std::max<int64_t>(begin, 0);
  if (mode == Mode::kEdge) {
    offset = std::clamp<int64_t>(offset, 0, kept - 1);
  } else if (mode == Mode::kWrap) {
    offset = ((offset % kept) + kept) % kept;
  } else if (kept == 1) {
    offset = 0;
  } else {
    const int64_t period = 2 * (kept - 1);
    offset = ((offset % period) + period) % period;
    offset = std::min(offset, period - offset);
  }
  return first + offset;
}

template <typename T>
void pad_constant(const Tensor& data, const Pads& pads, const T& value, Tensor& output) {
  const std::span<T> target = mutable_elements<T>(output);
  std::fill(target.begin(), target.end(), value);
  // The box that both share.
  const Dims source_strides = contiguous_strides(data.dims());
  const Dims target_strides = contiguous_strides(output.dims());
  Dims extents;
  int64_t source_offset = 0;
  int64_t target_offset = 0;
  for (size_t i = 0; i < data.dims().size(); ++i) {
    const int64_t cut = std::max<int64_t>(-pads.begin[i], 0);
    extents.push_back(data.dims()[i] - cut - std::max<int64_t>(-pads.end[i], 0));
    if (extents.back() <= 0) return;
    source_offset += cut * source_strides[i];
    target_offset += std::max<int64_t>(pads.begin[i], 0) * target_strides[i];
  }
  copy_strided(extents, elements<T>(data).data() + source_offset, source_strides, target.data() + target_offset,
               target_strides);
}

template <typename T>
void pad_from_input(const Tensor& data, const Pads& pads, Mode mode, Tensor& output) {
  const size_t rank = data.dims().size();
  const Dims strides = contiguous_strides(data.dims());
  std::vector<Dims> offsets(rank);
  for (size_t axis = 0; axis < rank; ++axis) {
    for (int64_t i = 0; i < output.dims()[axis]; ++i) {
      offsets[axis].push_back(strides[axis] *
                              source_position(mode, i, pads.begin[axis], pads.end[axis], data.dims()[axis]));
    }
  }
  const T* source = elements<T>(data).data();
  T* target = mutable_elements<T>(output).data();
  const auto count = static_cast<int64_t>(offsets.back().size());
  parallel_for(output.num_elements() / count, std::max<int64_t>(1, LoopNest::kGrain / count),
               [&](int64_t begin, int64_t end) {
                 for (int64_t row = begin; row < end; ++row) {
                   int64_t rest = row;
                   int64_t offset = 0;
                   for (size_t axis = rank - 1; axis-- > 0;) {
                     const auto length = static_cast<int64_t>(offsets[axis].size());
                     offset += offsets[axis][static_cast<size_t>(rest % length)];
                     rest /= length;
                   }
                   T* to = target + row * count;
                   for (int64_t i = 0; i < count; ++i) to[i] = source[offset + offsets.back()[static_cast<size_t>(i)]];
                 }
               });
}

/// The element to fill with, as a tensor of the data's type with one element.
Tensor fill_value(const KernelContext& context) {
  const Tensor& data = context.input(0);
  if (context.opset() >= 11 && context.has_input(2)) {
    const Tensor& value = context.input(2);
    if (value.type() != data.type() || value.num_elements() != 1) {
      context.fail("input 2 is no scalar of the type of input 0");
    }
    return value;
  }
  if (data.type() == DataType::kString) return Tensor::from_strings({}, {""});
  const float value = context.opset() < 11 ? context.attr_float("value", 0) : 0;
  if (value == 0) return Tensor::zeros(data.type(), {});
  return cast_tensor(context, Tensor::scalar(value), data.type());
}

void pad(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Mode mode = mode_of(context);
  const Pads pads = pads_of(context, data.rank());
  Dims dims = data.dims();
  for (size_t i = 0; i < dims.size(); ++i) {
    const int64_t dim = dims[i];
    dims[i] = checked_add(context, checked_add(context, dim, pads.begin[i]), pads.end[i]);
    const int64_t cut = std::max<int64_t>(-pads.begin[i], 0) + std::max<int64_t>(-pads.end[i], 0);
    if (dims[i] < 0 || (mode != Mode::kConstant && dims[i] > 0 && cut >= dim)) {
      context.fail("pads " + std::to_string(pads.begin[i]) + " and " + std::to_string(pads.end[i]) +
                   " leave nothing of the " + std::to_string(dim) + " elements of axis " + std::to_string(i));
    }
  }
  const Tensor value = fill_value(context);
  Tensor& output = context.output(0, data.type(), dims);
  if (output.num_elements() == 0) return;
  dispatch_movable(context, data.type(), [&]<typename T>() {
    if (mode == Mode::kConstant) {
      pad_constant(data, pads, elements<T>(value)[0], output);
    } else if (data.rank() == 0) {
      mutable_elements<T>(output)[0] = elements<T>(data)[0];
    } else {
      pad_from_input<T>(data, pads, mode, output);
    }
  });
}

constexpr Kernel kKernels[] = {
    {"Pad", "", 1, kLatest, kMovableTypes, 0, pad},
    {"Pad", "", 1, kLatest, kPackedTypes, 0, unpacked<pad>},
};

}  // namespace

std::span<const Kernel> pad_kernels() { return kKernels; }

}  // namespace exec::cpu
