#pragma once

#include <cstdint>
#include <vector>

#include "kernels/cpu/dims.h"

namespace exec::cpu {

/// Input `input`, a tensor of int32 or int64 indices into an axis of length `dim`, with negative ones counted from the
/// end. Fails naming the first index outside of the axis.
std::vector<int64_t> read_indices(const KernelContext& context, size_t input, int64_t dim);

/// Fails unless `indices` has data's rank and, off `axis`, dims no larger than data's.
void require_indices_fit(const KernelContext& context, const Tensor& data, const Tensor& indices, int64_t axis);

/// What the N-dimensional forms of gathering and scattering pick: blocks of `inner` elements.
struct IndexTuples {
  int64_t length = 0;            ///< indices per tuple
  int64_t inner = 0;             ///< elements of the block that a tuple names
  std::vector<int64_t> offsets;  ///< of each tuple's block in the data, in elements
};

/// Reads input `input` [batch dims..., ..., length] as tuples of indices into `data` [batch dims..., ...].
IndexTuples read_index_tuples(const KernelContext& context, const Tensor& data, size_t input, int64_t batch_dims);

}  // namespace exec::cpu
