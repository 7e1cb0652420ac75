#pragma once

#include "exec/kernel.h"

namespace exec::cpu {

/// Runs `kernel` with its float16 and bfloat16 inputs widened to float. Of its float outputs, those in the bit set
/// `outputs` are rounded to the type of the first such input; one rounding, so for a kernel that rounds correctly in
/// float the result is what arithmetic in float would round to.
void run_widened(KernelContext& context, KernelFunction kernel, uint32_t outputs);

/// Runs `kernel`, which only moves elements, with its inputs of packed types spread to one element per byte, and packs
/// the outputs again.
void run_unpacked(KernelContext& context, KernelFunction kernel);

template <KernelFunction kernel, uint32_t outputs = ~uint32_t{0}>
void widened(KernelContext& context) {
  run_widened(context, kernel, outputs);
}

template <KernelFunction kernel>
void unpacked(KernelContext& context) {
  run_unpacked(context, kernel);
}

/// The entry of a kernel that takes double in oracle mode, though the standard has none there.
constexpr Kernel takes_double(Kernel kernel) {
  kernel.widening = Widening::kAlways;
  return kernel;
}

/// float16 and bfloat16 to float, exactly.
Tensor widen(const Tensor& half);
/// float to float16 or bfloat16, rounded to nearest even.
Tensor narrow(const Tensor& values, DataType type);
/// A tensor of a packed type as bytes (uint8) holding the element's bits, and back.
Tensor unpack(const Tensor& packed);
Tensor pack(const Tensor& bytes, DataType type);

}  // namespace exec::cpu
