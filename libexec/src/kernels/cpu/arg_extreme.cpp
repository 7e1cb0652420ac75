// ArgMax and ArgMin: where along an axis the extreme is; of equal ones the first, or the last where the node says so.

#include <string>

#include "kernels/cpu/axis_lines.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

template <bool largest>
void arg_extreme(KernelContext& context) {
  const Tensor& data = context.input(0);
  const int64_t axis = normal_axis(context, context.attr_int("axis", 0), data.rank());
  const bool takes_last = context.attr_int("select_last_index", 0) != 0;
  const AxisLines lines(data.dims(), axis);
  if (lines.length == 0) context.fail("axis " + std::to_string(axis) + " is empty");
  Dims dims = data.dims();
  if (context.attr_int("keepdims", 1) != 0) {
    dims[static_cast<size_t>(axis)] = 1;
  } else {
    dims.erase(dims.begin() + axis);
  }
  int64_t* target = context.output(0, DataType::kInt64, dims).mutable_values<int64_t>().data();
  if (data.num_elements() == 0) return;
  dispatch_numbers(context, data.type(), [&]<typename T>() {
    const T* source = data.values<T>().data();
    lines.for_each_parallel([&](int64_t line) {
      const T* from = source + lines.offset(line);
      int64_t best = 0;
      T extreme = from[0];
      for (int64_t i = 1; i < lines.length; ++i) {
        const T value = from[i * lines.stride];
        const bool beats = largest ? value > extreme : value < extreme;
        // The first NaN is the extreme, as in numpy.
        if (beats || (takes_last && value == extreme) || (is_nan(value) && !is_nan(extreme))) {
          best = i;
          extreme = value;
        }
      }
      target[line] = best;
    });
  });
}

constexpr Kernel kKernels[] = {
    {"ArgMax", "", 1, kLatest, kFullFloats | kInts, 0, arg_extreme<true>},
    {"ArgMax", "", 1, kLatest, kHalfFloats, 0, widened<arg_extreme<true>>},
    {"ArgMin", "", 1, kLatest, kFullFloats | kInts, 0, arg_extreme<false>},
    {"ArgMin", "", 1, kLatest, kHalfFloats, 0, widened<arg_extreme<false>>},
};

}  // namespace

std::span<const Kernel> arg_extreme_kernels() { return kKernels; }

}  // namespace exec::cpu
