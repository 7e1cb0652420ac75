// NonZero, Compress, ReverseSequence: elements picked by what they or a condition hold.

#include <algorithm>
#include <complex>
#include <string>

#include "kernels/cpu/axis_lines.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// The coordinates [rank, count] of the elements that are not 0, in row-major order. A scalar counts as [1] would: one
/// row with the index 0.
void put_coordinates(KernelContext& context, const std::vector<int64_t>& positions) {
  Dims dims = context.input(0).dims();
  if (dims.empty()) dims = {1};
  const Dims strides = contiguous_strides(dims);
  const auto count = static_cast<int64_t>(positions.size());
  int64_t* target =
      context.output(0, DataType::kInt64, {static_cast<int64_t>(dims.size()), count}).mutable_values<int64_t>().data();
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    for (const int64_t position : positions) *target++ = position / strides[axis] % dims[axis];
  }
}

void non_zero(KernelContext& context) {
  const Tensor& data = context.input(0);
  std::vector<int64_t> positions;
  const auto collect = [&](auto values) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i] != typename decltype(values)::value_type{}) positions.push_back(static_cast<int64_t>(i));
    }
  };
  if (data.type() == DataType::kBool) {
    collect(data.values<uint8_t>());
  } else if (data.type() == DataType::kString) {
    collect(data.strings());  // an empty one is zero, as numpy has it
  } else if (data.type() == DataType::kComplex64) {
    collect(data.values<std::complex<float>>());
  } else if (data.type() == DataType::kComplex128) {
    collect(data.values<std::complex<double>>());
  } else {
    dispatch_numbers(context, data.type(), [&]<typename T>() { collect(data.values<T>()); });
  }
  put_coordinates(context, positions);
}

void compress(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Tensor& condition = context.input(1);
  if (condition.type() != DataType::kBool || condition.rank() != 1) {
    context.fail("the condition is " + std::string(to_string(condition.type())) + dims_text(condition.dims()) +
                 ", expected a list of bool");
  }
  const bool flattens = context.attribute("axis") == nullptr;
  const Dims source_dims = flattens ? Dims{data.num_elements()} : data.dims();
  const int64_t axis =
      flattens ? 0 : normal_axis(context, context.attr_int("axis", 0), static_cast<int64_t>(source_dims.size()));
  const int64_t length = source_dims[static_cast<size_t>(axis)];
  std::vector<int64_t> kept;
  for (int64_t i = 0; i < condition.num_elements(); ++i) {
    if (condition.values<uint8_t>()[static_cast<size_t>(i)] == 0) continue;
    if (i >= length) {
      context.fail("condition " + std::to_string(i) + " is outside of axis " + std::to_string(axis) + " of length " +
                   std::to_string(length));
    }
    kept.push_back(i);
  }
  Dims dims = source_dims;
  dims[static_cast<size_t>(axis)] = static_cast<int64_t>(kept.size());
  Tensor& output = context.output(0, data.type(), dims);
  if (output.num_elements() == 0) return;
  const int64_t rows = product(source_dims, 0, axis);
  const int64_t inner = product(source_dims, axis + 1, static_cast<int64_t>(source_dims.size()));
  dispatch_movable(context, data.type(), [&]<typename T>() {
    const T* source = elements<T>(data).data();
    T* target = mutable_elements<T>(output).data();
    for (int64_t row = 0; row < rows; ++row) {
      for (const int64_t i : kept) target = std::copy_n(source + (row * length + i) * inner, inner, target);
    }
  });
}

void reverse_sequence(KernelContext& context) {
  const Tensor& data = context.input(0);
  const int64_t batch_axis = context.attr_int("batch_axis", 1);
  const int64_t time_axis = context.attr_int("time_axis", 0);
  const bool are_axes = (batch_axis == 0 && time_axis == 1) || (batch_axis == 1 && time_axis == 0);
  if (data.rank() < 2 || !are_axes) {
    context.fail("batch_axis " + std::to_string(batch_axis) + " and time_axis " + std::to_string(time_axis) +
                 " of a tensor of rank " + std::to_string(data.rank()) + ", expected 0 and 1 in some order");
  }
  const int64_t batches = data.dims()[static_cast<size_t>(batch_axis)];
  const int64_t times = data.dims()[static_cast<size_t>(time_axis)];
  const std::vector<int64_t> lengths = context.int_values(1);
  if (static_cast<int64_t>(lengths.size()) != batches) {
    context.fail("there are " + std::to_string(lengths.size()) + " lengths for " + std::to_string(batches) +
                 " sequences");
  }
  for (const int64_t length : lengths) {
    if (length < 0 || length > times) {
      context.fail("length " + std::to_string(length) + " is outside of 0 to " + std::to_string(times));
    }
  }
  Tensor& output = context.output(0, data.type(), data.dims());
  if (data.num_elements() == 0) return;
  const int64_t inner = product(data.dims(), 2, data.rank());
  dispatch_movable(context, data.type(), [&]<typename T>() {
    const T* source = elements<T>(data).data();
    T* target = mutable_elements<T>(output).data();
    const auto offset = [&](int64_t batch, int64_t time) {
      return (batch_axis == 0 ? batch * times + time : time * batches + batch) * inner;
    };
    for (int64_t batch = 0; batch < batches; ++batch) {
      const int64_t length = lengths[static_cast<size_t>(batch)];
      for (int64_t time = 0; time < times; ++time) {
        const int64_t from = time < length ? length - 1 - time : time;
        std::copy_n(source + offset(batch, from), inner, target + offset(batch, time));
      }
    }
  });
}

constexpr Kernel kKernels[] = {
    {"Compress", "", 9, kLatest, kMovableTypes, 0, compress},
    {"NonZero", "", 9, kLatest, kFullFloats | kInts | kBools | kStrings | kComplexes, 0, non_zero},
    {"NonZero", "", 9, kLatest, kHalfFloats, 0, widened<non_zero>},
    {"ReverseSequence", "", 10, kLatest, kMovableTypes, 0, reverse_sequence},
};

}  // namespace

std::span<const Kernel> select_kernels() { return kKernels; }

}  // namespace exec::cpu
