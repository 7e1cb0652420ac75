// CumSum and CumProd: running sums and products along an axis.

#include <string>

#include "kernels/cpu/axis_lines.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

struct Plus {
  static constexpr int kStart = 0;
  template <typename T>
  static T apply(T a, T b) {
    return a + b;
  }
};
struct Times {
  static constexpr int kStart = 1;
  template <typename T>
  static T apply(T a, T b) {
    return a * b;
  }
};

template <typename Op>
void cumulate(KernelContext& context) {
  const Tensor& data = context.input(0);
  const std::vector<int64_t> axis_values = context.int_values(1);
  if (axis_values.size() != 1) {
    context.fail("the axis has " + std::to_string(axis_values.size()) + " elements, expected 1");
  }
  const int64_t axis = normal_axis(context, axis_values[0], data.rank());
  const bool exclusive = context.attr_int("exclusive", 0) != 0;
  const bool reverse = context.attr_int("reverse", 0) != 0;
  Tensor& output = context.output(0, data.type(), data.dims());
  if (data.num_elements() == 0) return;
  const AxisLines lines(data.dims(), axis);
  dispatch<float, double, int32_t, int64_t, uint32_t, uint64_t>(context, data.type(), [&]<typename T>() {
    // Floats add up in double, integers wrap around.
    using Total = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;
    const T* source = data.values<T>().data();
    T* target = output.mutable_values<T>().data();
    lines.for_each_parallel([&](int64_t line) {
      const int64_t step = reverse ? -lines.stride : lines.stride;
      int64_t position = lines.offset(line) + (reverse ? (lines.length - 1) * lines.stride : 0);
      Total total = Op::kStart;
      for (int64_t i = 0; i < lines.length; ++i, position += step) {
        const Total next = Op::apply(total, static_cast<Total>(source[position]));
        target[position] = static_cast<T>(exclusive ? total : next);
        total = next;
      }
    });
  });
}

constexpr TypeMask kTypes =
    kFullFloats | type_mask({DataType::kInt32, DataType::kInt64, DataType::kUint32, DataType::kUint64});

constexpr Kernel kKernels[] = {
    {"CumProd", "", 26, kLatest, kTypes, 0, cumulate<Times>},
    {"CumProd", "", 26, kLatest, kHalfFloats, 0, widened<cumulate<Times>>},
    {"CumSum", "", 11, kLatest, kTypes, 0, cumulate<Plus>},
    {"CumSum", "", 11, kLatest, kHalfFloats, 0, widened<cumulate<Plus>>},
};

}  // namespace

std::span<const Kernel> cumulative_kernels() { return kKernels; }

}  // namespace exec::cpu
