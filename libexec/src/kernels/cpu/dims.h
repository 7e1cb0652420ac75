#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "exec/kernel.h"

namespace exec::cpu {

using Dims = std::vector<int64_t>;

/// "[2, 3, 4]".
std::string dims_text(std::span<const int64_t> dims);

/// Axis `axis` of a tensor of rank `rank`, counted from the end when negative. Fails unless -rank <= axis < rank.
int64_t normal_axis(const KernelContext& context, int64_t axis, int64_t rank);
/// The same for a list. Fails for an axis that is listed twice.
Dims normal_axes(const KernelContext& context, Dims axes, int64_t rank);

/// Product of dims[first], ..., dims[last - 1], which belong to an existing tensor. 0 where any dim of the tensor that
/// is in the range is 0.
int64_t product(std::span<const int64_t> dims);
inline int64_t product(const Dims& dims, int64_t first, int64_t last) {
  return product(std::span(dims).subspan(static_cast<size_t>(first), static_cast<size_t>(last - first)));
}

/// Sums and products of sizes that a model gives. Fail on overflow.
int64_t checked_add(const KernelContext& context, int64_t a, int64_t b);
int64_t checked_mul(const KernelContext& context, int64_t a, int64_t b);

/// Row-major strides in elements.
Dims contiguous_strides(std::span<const int64_t> dims);

/// The shape that all `shapes` broadcast to. Fails, naming the shapes, when they do not.
Dims broadcast_dims(const KernelContext& context, std::span<const Dims> shapes);

/// Strides with which a tensor of `dims` is read over the shape `target` that it broadcasts to: 0 where it is repeated.
Dims broadcast_strides(std::span<const int64_t> dims, std::span<const int64_t> target);

/// Fails unless the tensor has that rank: "input 1 has rank 3, expected 2".
void require_rank(const KernelContext& context, size_t input, int64_t rank);

}  // namespace exec::cpu
