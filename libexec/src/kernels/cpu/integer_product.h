#pragma once

#include <cstdint>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/matmul_dims.h"
#include "kernels/cpu/matrix_product.h"

namespace exec::cpu {

// Products of 8-bit integers by floating-point arithmetic that is exact: differences of two 8-bit values are at most
// 255 in magnitude, so sums of 256 products of them stay below 2^24, in whatever order they are added up. Longer sums
// are taken in parts, which 32-bit integers collect (and wrap, as the specification allows).

/// Products of such differences that a float can sum up.
inline constexpr int64_t kExactTerms = 256;

/// One tile (of num_tiles(product)) of sums = A * B; product.c and ldc describe nothing here. `sums` is [m, n],
/// contiguous.
void multiply_exact_tile(const MatrixProduct<float>& product, int64_t tile, int32_t* sums);

/// sums = A * B for matrices that place_matrices() has not placed yet, contiguous.
void multiply_exactly(MatMulDims& dims, const Tensor& a, const Tensor& b, int32_t* sums);

/// Input `data`, of 8 bits, minus its zero point (input `zero_point`, which may be absent or omitted), as float.
/// `points` are the dims that the zero point is taken to have: those of its tensor, or a shape that lets it broadcast.
/// Fails where it does not broadcast to the data or has another type.
Tensor centred(const KernelContext& context, size_t data, size_t zero_point, const Dims& points);

/// saturate(round(value) + zero_point), rounded half to even.
template <typename T>
T requantized(float value, float zero_point);

/// Fails unless the input is uint8 or int8.
void require_8_bits(const KernelContext& context, size_t input);

}  // namespace exec::cpu
