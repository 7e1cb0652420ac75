#pragma once

#include <cstdint>
#include <vector>

#include "kernels/cpu/dims.h"

namespace exec::cpu {

/// numpy.matmul taken apart into products of an [m, k] and a [k, n] matrix, one behind the other in the result.
struct MatMulDims {
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  Dims output;
  std::vector<int64_t> a_offsets;  ///< first element of A for each product, in elements
  std::vector<int64_t> b_offsets;

  int64_t num_products() const { return static_cast<int64_t>(a_offsets.size()); }
  /// Fills the offsets: one per product, so the result's memory should have been asked for before.
  void place_matrices();

  Dims a_leading;
  Dims b_leading;
  Dims batch;  ///< what the leading dims broadcast to
};

/// Leading dims broadcast; a vector counts as a row (A) or a column (B), and that axis is left out of the result. Fails
/// for scalars and for dims that do not fit.
MatMulDims matmul_dims(const KernelContext& context, Dims a, Dims b);

}  // namespace exec::cpu
