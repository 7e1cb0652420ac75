#pragma once

#include <cstdint>
#include <span>

#include "kernels/cpu/elements.h"
#include "runtime/threads.h"

namespace exec::cpu {

// Elements that are worth a thread of their own.
constexpr int64_t kArithmeticGrain = 16384;
constexpr int64_t kFunctionGrain = 2048;  // of functions that take ten times as long: exp, tanh, ...

/// target[i] = op(source[i]), spread over threads.
template <typename In, typename Out, typename Op>
void map_elements(std::span<const In> source, std::span<Out> target, Op op, int64_t grain = kArithmeticGrain) {
  const In* from = source.data();
  Out* to = target.data();
  parallel_for(static_cast<int64_t>(target.size()), grain, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) to[i] = op(from[i]);
  });
}

/// Output 0 = op(input 0), of the same type T.
template <typename T, typename Op>
void map_input(KernelContext& context, Op op, int64_t grain = kArithmeticGrain) {
  const Tensor& input = context.input(0);
  Tensor& output = context.output_to_fill(0, input.type(), input.dims());
  map_elements(elements<T>(input), mutable_elements<T>(output), op, grain);
}

}  // namespace exec::cpu
