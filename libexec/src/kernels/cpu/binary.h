#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/loops.h"

namespace exec::cpu {

/// target[i] = op(a[i * stride_a], b[i * stride_b]) for i < count; strides in elements, 0 for a repeated scalar.
using BinaryRun = void (*)(const std::byte* a, int64_t stride_a, const std::byte* b, int64_t stride_b,
                           std::byte* target, int64_t count);

template <typename In, typename Out, typename Op>
void binary_run(const std::byte* a_bytes, int64_t stride_a, const std::byte* b_bytes, int64_t stride_b,
                std::byte* target_bytes, int64_t count) {
  const In* a = reinterpret_cast<const In*>(a_bytes);
  const In* b = reinterpret_cast<const In*>(b_bytes);
  Out* target = reinterpret_cast<Out*>(target_bytes);
  if (stride_a == 1 && stride_b == 1) {
    for (int64_t i = 0; i < count; ++i) target[i] = Op::apply(a[i], b[i]);
  } else if (stride_a == 1 && stride_b == 0) {
    const In scalar = *b;
    for (int64_t i = 0; i < count; ++i) target[i] = Op::apply(a[i], scalar);
  } else if (stride_a == 0 && stride_b == 1) {
    const In scalar = *a;
    for (int64_t i = 0; i < count; ++i) target[i] = Op::apply(scalar, b[i]);
  } else {
    for (int64_t i = 0; i < count; ++i) target[i] = Op::apply(a[i * stride_a], b[i * stride_b]);
  }
}

/// Applies `run` over the shape of `target`, to which a and b (with the dims given, which may differ from their own by
/// 1s) broadcast. `target` may be a or b where that has its shape.
void run_binary(BinaryRun run, const Tensor& a, const Dims& a_dims, const Tensor& b, const Dims& b_dims,
                Tensor& target);

/// The dims of input 1 as they take part in broadcasting: its own, or before opset 7, where attributes `broadcast` and
/// `axis` rule, with 1s behind them so that they line up with input 0 from `axis` on. Fails when they do not fit.
Dims second_dims(const KernelContext& context);

/// The kernel body of a two-input operator: output 0 of `type` = run(input 0, input 1), broadcast.
void binary_kernel(KernelContext& context, BinaryRun run, DataType type);

/// Fails unless inputs 0 and 1 have one element type.
void require_same_types(const KernelContext& context);

}  // namespace exec::cpu
