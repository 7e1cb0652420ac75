// Where: condition ? x : y, the three broadcast to one shape.

#include "kernels/cpu/binary.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

void where(KernelContext& context) {
  const Tensor& condition = context.input(0);
  const Tensor& x = context.input(1);
  const Tensor& y = context.input(2);
  if (condition.type() != DataType::kBool) context.fail("the condition is not bool");
  if (x.type() != y.type()) context.fail("inputs 1 and 2 have different element types");
  const Dims shapes[] = {condition.dims(), x.dims(), y.dims()};
  const Dims dims = broadcast_dims(context, shapes);
  const Dims condition_strides = broadcast_strides(condition.dims(), dims);
  const Dims x_strides = broadcast_strides(x.dims(), dims);
  const Dims y_strides = broadcast_strides(y.dims(), dims);
  const Dims target_strides = contiguous_strides(dims);
  const LoopNest nest(dims, {condition_strides, x_strides, y_strides, target_strides});
  Tensor& output = context.output(0, x.type(), dims);
  dispatch_movable(context, x.type(), [&]<typename T>() {
    const uint8_t* conditions = condition.values<uint8_t>().data();
    const T* xs = elements<T>(x).data();
    const T* ys = elements<T>(y).data();
    T* target = mutable_elements<T>(output).data();
    nest.for_each_run_parallel([&](const LoopNest::Offsets& offsets, int64_t count) {
      const int64_t condition_step = nest.run_stride(0);
      const int64_t x_step = nest.run_stride(1);
      const int64_t y_step = nest.run_stride(2);
      for (int64_t i = 0; i < count; ++i) {
        target[offsets[3] + i] = conditions[offsets[0] + i * condition_step] != 0 ? xs[offsets[1] + i * x_step]
                                                                                  : ys[offsets[2] + i * y_step];
      }
    });
  });
}

constexpr Kernel kKernels[] = {
    {"Where", "", 9, kLatest, kMovableTypes, 1, where},
    {"Where", "", 9, kLatest, kPackedTypes, 1, unpacked<where>},
};

}  // namespace

std::span<const Kernel> where_kernels() { return kKernels; }

}  // namespace exec::cpu
