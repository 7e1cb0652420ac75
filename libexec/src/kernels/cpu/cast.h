#pragma once

#include "exec/kernel.h"
#include "kernels/cpu/minifloat.h"

namespace exec::cpu {

/// Input 0 as `type`, as Cast does it, given as output 0. Floats go to integers by cutting the fraction; what does not
/// fit then gives what the usual processor instruction gives (the smallest 32- or 64-bit integer, cut to fewer bits).
/// Integers that do not fit lose their high bits. Throws Error(kUnsupported) for types that Cast does not have.
void cast_input(KernelContext& context, DataType type, const MinifloatRounding& rounding);

/// A numeric tensor as `type`, for kernels whose parameters may have another type than their data. Shared where it has
/// the type already. Throws Error(kUnsupported) for strings and complex numbers.
Tensor cast_tensor(const KernelContext& context, const Tensor& source, DataType type,
                   const MinifloatRounding& rounding = {});
inline Tensor cast_tensor(const KernelContext& context, size_t input, DataType type) {
  return cast_tensor(context, context.input(input), type);
}

}  // namespace exec::cpu
