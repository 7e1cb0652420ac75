#pragma once

#include "kernels/cpu/dims.h"

namespace exec::cpu {

/// Fails unless the tensor has that shape: "input 1 has shape [1], expected [2]".
void require_shape(const KernelContext& context, size_t input, const Dims& dims);
/// Fails unless the tensor has that type: "input 1 is int32, expected int64".
void require_type(const KernelContext& context, size_t input, DataType type);
/// Fails unless inputs first to last (those that are there) have the type of input `first`.
void require_same_type(const KernelContext& context, size_t first, size_t last);

/// Error(kUnsupported) naming node and shape where such a tensor is over the memory limit: bounds the time, too, of
/// what goes over that many elements without keeping them.
void require_bounded(const KernelContext& context, DataType type, const Dims& dims);

/// Zeros that a kernel needs beside its outputs. Error(kUnsupported) naming node and shape where they are over the
/// memory limit.
Tensor scratch(const KernelContext& context, DataType type, Dims dims);

}  // namespace exec::cpu
