#include "kernels/cpu/binary.h"

#include <string>

namespace exec::cpu {

void run_binary(BinaryRun run, const Tensor& a, const Dims& a_dims, const Tensor& b, const Dims& b_dims,
                Tensor& target) {
  const Dims a_strides = broadcast_strides(a_dims, target.dims());
  const Dims b_strides = broadcast_strides(b_dims, target.dims());
  const Dims target_strides = contiguous_strides(target.dims());
  const LoopNest nest(target.dims(), {a_strides, b_strides, target_strides});
  const int64_t input_size = surgery::bit_width(a.type()) / 8;
  const int64_t output_size = surgery::bit_width(target.type()) / 8;
  const std::byte* a_data = a.bytes().data();
  const std::byte* b_data = b.bytes().data();
  std::byte* target_data = target.mutable_bytes().data();
  nest.for_each_run_parallel([&](const LoopNest::Offsets& offsets, int64_t count) {
    run(a_data + offsets[0] * input_size, nest.run_stride(0), b_data + offsets[1] * input_size, nest.run_stride(1),
        target_data + offsets[2] * output_size, count);
  });
}

Dims second_dims(const KernelContext& context) {
  const Dims& a = context.input(0).dims();
  const Dims& b = context.input(1).dims();
  if (context.opset() >= 7) return b;
  const bool broadcast = context.attr_int("broadcast", 0) != 0;
  if (!broadcast) {
    if (a != b) {
      context.fail("inputs have shapes " + dims_text(a) + " and " + dims_text(b) +
                   ", expected equal ones without the attribute broadcast");
    }
    return b;
  }
  const auto rank_a = static_cast<int64_t>(a.size());
  const auto rank_b = static_cast<int64_t>(b.size());
  int64_t axis = context.attr_int("axis", rank_a - rank_b);
  if (axis < 0 && axis >= -rank_a) axis += rank_a;
  Dims dims = b;
  bool fits = rank_b <= rank_a && axis >= 0 && axis <= rank_a - rank_b;
  for (int64_t i = 0; fits && i < rank_b; ++i) {
    const int64_t dim = b[static_cast<size_t>(i)];
    fits = dim == 1 || dim == a[static_cast<size_t>(axis + i)];
  }
  if (!fits) {
    context.fail("input 1 of shape " + dims_text(b) + " does not fit into " + dims_text(a) + " at axis " +
                 std::to_string(axis));
  }
  dims.resize(static_cast<size_t>(rank_a - axis), 1);
  return dims;
}

void binary_kernel(KernelContext& context, BinaryRun run, DataType type) {
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  const Dims b_dims = second_dims(context);
  const Dims shapes[] = {a.dims(), b_dims};
  Tensor& target = context.output_to_fill(0, type, broadcast_dims(context, shapes));
  run_binary(run, a, a.dims(), b, b_dims, target);
}

void require_same_types(const KernelContext& context) {
  const DataType a = context.input(0).type();
  const DataType b = context.input(1).type();
  if (a != b) {
    context.fail("inputs have element types " + std::string(surgery::to_string(a)) + " and " +
                 std::string(surgery::to_string(b)) + ", expected one");
  }
}

}  // namespace exec::cpu
