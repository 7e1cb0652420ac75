// Softmax, LogSoftmax, Hardmax. From version 13 on along one axis; before, over all axes from `axis` on together.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/minifloat.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

// Each works on a row of `count` neighbours, in place. An empty row stays empty; a NaN makes the whole row NaN.

template <typename T>
T largest(const T* row, int64_t count) {
  T result = -std::numeric_limits<T>::infinity();
  for (int64_t i = 0; i < count; ++i) result = row[i] > result ? row[i] : result;
  return result;
}

struct Softmax {
  template <typename T>
  static void apply(T* row, int64_t count) {
    const T top = largest(row, count);
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) {
      row[i] = std::exp(row[i] - top);
      sum += static_cast<double>(row[i]);
    }
    const T total = static_cast<T>(sum);
    for (int64_t i = 0; i < count; ++i) row[i] /= total;
  }
};

/// Softmax of a 16-bit type, which the function body of Softmax-13 calculates in that type: rounded after each step.
template <DataType type>
struct HalfSoftmax {
  template <typename T>
  static T rounded(T value) {
    const auto narrow = static_cast<float>(value);
    return static_cast<T>(type == DataType::kFloat16 ? half_to_float(float_to_half(narrow))
                                                     : bfloat16_to_float(float_to_bfloat16(narrow)));
  }
  template <typename T>
  static void apply(T* row, int64_t count) {
    const T top = largest(row, count);
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) {
      row[i] = rounded(std::exp(rounded(row[i] - top)));
      sum += static_cast<double>(row[i]);
    }
    const T total = rounded(static_cast<T>(sum));
    for (int64_t i = 0; i < count; ++i) row[i] = rounded(row[i] / total);
  }
};

struct LogSoftmax {
  template <typename T>
  static void apply(T* row, int64_t count) {
    const T top = largest(row, count);
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += std::exp(static_cast<double>(row[i] - top));
    const T log_sum = static_cast<T>(std::log(sum));
    for (int64_t i = 0; i < count; ++i) row[i] = row[i] - top - log_sum;
  }
};

struct Hardmax {
  template <typename T>
  static void apply(T* row, int64_t count) {
    const T* top = std::max_element(row, row + count);
    for (int64_t i = 0; i < count; ++i) {
      if (row + i != top) row[i] = T{0};
    }
    if (count > 0) row[top - row] = T{1};
  }
};

template <typename Op>
void along_axis(KernelContext& context) {
  const Tensor& input = context.input(0);
  const int64_t rank = input.rank();
  const bool flattens = context.opset() < 13;
  int64_t axis = context.attr_int("axis", flattens ? 1 : -1);
  if (!(flattens && axis == rank) && !(rank == 0 && (axis == 0 || axis == -1))) axis = normal_axis(context, axis, rank);
  axis = std::clamp<int64_t>(axis, 0, rank);
  const int64_t last = flattens ? rank : std::min(axis + 1, rank);
  const int64_t count = product(input.dims(), axis, last);
  const int64_t inner = product(input.dims(), last, rank);
  Tensor& output = context.output(0, input.type(), input.dims());
  if (input.num_elements() == 0) return;
  const int64_t rows = input.num_elements() / count;
  dispatch_floats(context, input.type(), [&]<typename T>() {
    const T* source = input.values<T>().data();
    T* target = output.mutable_values<T>().data();
    parallel_for(rows, std::max<int64_t>(1, 4096 / count), [&](int64_t begin, int64_t end) {
      std::vector<T> buffer(inner > 1 ? static_cast<size_t>(count) : 0);
      for (int64_t row = begin; row < end; ++row) {
        const int64_t offset = row / inner * count * inner + row % inner;
        if (inner == 1) {
          std::copy_n(source + offset, count, target + offset);
          Op::apply(target + offset, count);
          continue;
        }
        for (int64_t i = 0; i < count; ++i) buffer[static_cast<size_t>(i)] = source[offset + i * inner];
        Op::apply(buffer.data(), count);
        for (int64_t i = 0; i < count; ++i) target[offset + i * inner] = buffer[static_cast<size_t>(i)];
      }
    });
  });
}

constexpr Kernel kKernels[] = {
    {"Hardmax", "", 1, kLatest, kFullFloats, 0, along_axis<Hardmax>},
    {"Hardmax", "", 1, kLatest, kHalfFloats, 0, widened<along_axis<Hardmax>>},
    {"LogSoftmax", "", 1, kLatest, kFullFloats, 0, along_axis<LogSoftmax>},
    {"LogSoftmax", "", 1, kLatest, kHalfFloats, 0, widened<along_axis<LogSoftmax>>},
    {"Softmax", "", 1, kLatest, kFullFloats, 0, along_axis<Softmax>},
    {"Softmax", "", 1, kLatest, type_bit(DataType::kBfloat16), 0,
     widened<along_axis<HalfSoftmax<DataType::kBfloat16>>>},
    {"Softmax", "", 1, kLatest, type_bit(DataType::kFloat16), 0, widened<along_axis<HalfSoftmax<DataType::kFloat16>>>},
};

}  // namespace

std::span<const Kernel> softmax_kernels() { return kKernels; }

}  // namespace exec::cpu
