// TopK: the k largest or smallest along an axis and where they are. Of equal ones the lower index comes first.

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "kernels/cpu/axis_lines.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// Whether a comes before b. NaNs count as largest, as in numpy.
template <typename T>
bool comes_first(T a, T b, bool largest) {
  if (is_nan(a) || is_nan(b)) return largest ? is_nan(a) && !is_nan(b) : !is_nan(a) && is_nan(b);
  return largest ? a > b : a < b;
}

void top_k(KernelContext& context) {
  const Tensor& data = context.input(0);
  const int64_t axis = normal_axis(context, context.attr_int("axis", -1), data.rank());
  const bool largest = context.opset() < 11 || context.attr_int("largest", 1) != 0;
  int64_t k = 0;
  if (context.opset() < 10) {
    k = context.attr_int("k", -1);
  } else {
    const std::vector<int64_t> values = context.int_values(1);
    if (values.size() != 1) context.fail("k has " + std::to_string(values.size()) + " elements, expected 1");
    k = values[0];
  }
  const AxisLines lines(data.dims(), axis);
  if (k < 0 || k > lines.length) {
    context.fail("k is " + std::to_string(k) + ", expected 0 to the " + std::to_string(lines.length) + " of axis " +
                 std::to_string(axis));
  }
  Dims dims = data.dims();
  dims[static_cast<size_t>(axis)] = k;
  Tensor& values = context.output(0, data.type(), dims);
  Tensor unwanted = Tensor::zeros(DataType::kInt64, context.has_output(1) ? Dims{0} : dims);
  Tensor& indices = context.has_output(1) ? context.output(1, DataType::kInt64, dims) : unwanted;
  if (values.num_elements() == 0) return;
  dispatch_numbers(context, data.type(), [&]<typename T>() {
    const T* source = data.values<T>().data();
    T* top_values = values.mutable_values<T>().data();
    int64_t* top_indices = indices.mutable_values<int64_t>().data();
    lines.for_each_parallel([&](int64_t line) {
      const T* from = source + lines.offset(line);
      std::vector<int64_t> order(static_cast<size_t>(lines.length));
      std::iota(order.begin(), order.end(), 0);
      const auto before = [&](int64_t a, int64_t b) {
        const T x = from[a * lines.stride];
        const T y = from[b * lines.stride];
        if (comes_first(x, y, largest)) return true;
        return !comes_first(y, x, largest) && a < b;
      };
      std::partial_sort(order.begin(), order.begin() + k, order.end(), before);
      const int64_t target = lines.offset(line, k);
      for (int64_t i = 0; i < k; ++i) {
        const int64_t index = order[static_cast<size_t>(i)];
        top_values[target + i * lines.stride] = from[index * lines.stride];
        top_indices[target + i * lines.stride] = index;
      }
    });
  });
}

constexpr Kernel kKernels[] = {
    {"TopK", "", 1, kLatest, kFullFloats | kInts, 0, top_k},
    {"TopK", "", 1, kLatest, kHalfFloats, 0, widened<top_k>},
};

}  // namespace

std::span<const Kernel> top_k_kernels() { return kKernels; }

}  // namespace exec::cpu
