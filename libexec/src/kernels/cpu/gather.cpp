// Gather, GatherElements, GatherND: elements picked by index tensors. Negative indices count from the end.

#include <string>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/indices.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

void gather(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Tensor& index_tensor = context.input(1);
  const int64_t axis = normal_axis(context, context.attr_int("axis", 0), data.rank());
  const int64_t dim = data.dims()[static_cast<size_t>(axis)];
  const std::vector<int64_t> indices = read_indices(context, 1, dim);
  Dims dims(data.dims().begin(), data.dims().begin() + axis);
  dims.insert(dims.end(), index_tensor.dims().begin(), index_tensor.dims().end());
  dims.insert(dims.end(), data.dims().begin() + axis + 1, data.dims().end());
  Tensor& output = context.output(0, data.type(), dims);
  if (output.num_elements() == 0) return;
  const int64_t rows = product(data.dims(), 0, axis);
  const int64_t inner = product(data.dims(), axis + 1, data.rank());
  const auto count = static_cast<int64_t>(indices.size());
  dispatch_movable(context, data.type(), [&]<typename T>() {
    const T* source = elements<T>(data).data();
    T* target = mutable_elements<T>(output).data();
    parallel_for(rows * count, std::max<int64_t>(1, LoopNest::kGrain / inner), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t index = indices[static_cast<size_t>(i % count)];
        std::copy_n(source + (i / count * dim + index) * inner, inner, target + i * inner);
      }
    });
  });
}

void gather_elements(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Tensor& index_tensor = context.input(1);
  const int64_t axis = normal_axis(context, context.attr_int("axis", 0), data.rank());
  require_indices_fit(context, data, index_tensor, axis);
  const auto index_axis = static_cast<size_t>(axis);
  const std::vector<int64_t> indices = read_indices(context, 1, data.dims()[index_axis]);
  const Dims& dims = index_tensor.dims();
  Dims strides = contiguous_strides(data.dims());
  const int64_t axis_stride = strides[index_axis];
  strides[index_axis] = 0;
  Tensor& output = context.output(0, data.type(), dims);
  const LoopNest nest(dims, {strides, contiguous_strides(dims)});
  dispatch_movable(context, data.type(), [&]<typename T>() {
    const T* source = elements<T>(data).data();
    T* target = mutable_elements<T>(output).data();
    const int64_t step = nest.run_stride(0);
    nest.for_each_run_parallel([&](const LoopNest::Offsets& offsets, int64_t count) {
      for (int64_t i = 0; i < count; ++i) {
        const int64_t index = indices[static_cast<size_t>(offsets[1] + i)];
        target[offsets[1] + i] = source[offsets[0] + i * step + index * axis_stride];
      }
    });
  });
}

void gather_nd(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Tensor& index_tensor = context.input(1);
  const int64_t batch_dims = context.opset() < 12 ? 0 : context.attr_int("batch_dims", 0);
  const IndexTuples tuples = read_index_tuples(context, data, 1, batch_dims);
  Dims dims(index_tensor.dims().begin(), index_tensor.dims().end() - 1);
  dims.insert(dims.end(), data.dims().begin() + batch_dims + tuples.length, data.dims().end());
  Tensor& output = context.output(0, data.type(), dims);
  if (output.num_elements() == 0) return;
  const auto count = static_cast<int64_t>(tuples.offsets.size());
  dispatch_movable(context, data.type(), [&]<typename T>() {
    const T* source = elements<T>(data).data();
    T* target = mutable_elements<T>(output).data();
    parallel_for(count, std::max<int64_t>(1, LoopNest::kGrain / tuples.inner), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        std::copy_n(source + tuples.offsets[static_cast<size_t>(i)], tuples.inner, target + i * tuples.inner);
      }
    });
  });
}

constexpr Kernel kKernels[] = {
    {"Gather", "", 1, kLatest, kMovableTypes, 0, gather},
    {"Gather", "", 1, kLatest, kPackedTypes, 0, unpacked<gather>},
    {"GatherElements", "", 11, kLatest, kMovableTypes, 0, gather_elements},
    {"GatherElements", "", 11, kLatest, kPackedTypes, 0, unpacked<gather_elements>},
    {"GatherND", "", 11, kLatest, kMovableTypes, 0, gather_nd},
    {"GatherND", "", 11, kLatest, kPackedTypes, 0, unpacked<gather_nd>},
};

}  // namespace

std::span<const Kernel> gather_kernels() { return kKernels; }

}  // namespace exec::cpu
