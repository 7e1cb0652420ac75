// OneHot: a new axis in which all places hold the off-value, and the one that the index names the on-value.

#include <cmath>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"

namespace exec::cpu {
namespace {

/// Indices and depth may be of any numeric type.
int64_t depth_of(const KernelContext& context) {
  const Tensor depth = cast_tensor(context, 1, DataType::kInt64);
  if (depth.num_elements() != 1 || depth.values<int64_t>()[0] < 1) {
    context.fail("the depth is no single number above 0");
  }
  return depth.values<int64_t>()[0];
}

void one_hot(KernelContext& context) {
  const Tensor indices = cast_tensor(context, 0, DataType::kInt64);
  const int64_t depth = depth_of(context);
  const Tensor& values = context.input(2);
  if (values.dims() != Dims{2}) context.fail("the values have shape " + dims_text(values.dims()) + ", expected [2]");
  const int64_t axis = normal_axis(context, context.attr_int("axis", -1), indices.rank() + 1);
  Dims dims = indices.dims();
  dims.insert(dims.begin() + axis, depth);
  Tensor& output = context.output(0, values.type(), dims);
  const int64_t inner = product(dims, axis + 1, static_cast<int64_t>(dims.size()));
  dispatch_movable(context, values.type(), [&]<typename T>() {
    const T off = elements<T>(values)[0];
    const T on = elements<T>(values)[1];
    const std::span<T> target = mutable_elements<T>(output);
    std::fill(target.begin(), target.end(), off);
    const std::span<const int64_t> numbers = indices.values<int64_t>();
    for (int64_t i = 0; i < indices.num_elements(); ++i) {
      int64_t index = numbers[static_cast<size_t>(i)];
      if (index < -depth || index >= depth) continue;  // such a line is off everywhere
      if (index < 0) index += depth;
      target[static_cast<size_t>((i / inner * depth + index) * inner + i % inner)] = on;
    }
  });
}

constexpr Kernel kKernels[] = {{"OneHot", "", 9, kLatest, kFloats | kInts, 0, one_hot}};

}  // namespace

std::span<const Kernel> one_hot_kernels() { return kKernels; }

}  // namespace exec::cpu
