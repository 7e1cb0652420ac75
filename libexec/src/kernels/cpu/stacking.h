#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cpu/dims.h"

namespace exec::cpu {

/// Elements `first` to `first + count` of a tensor along `axis`. Any type but the packed ones.
Tensor slice_along(const Tensor& tensor, int64_t axis, int64_t first, int64_t count);

/// Element `index` of a tensor along `axis`, which the result does not have. Any type but the packed ones.
Tensor slice_at(const Tensor& tensor, int64_t axis, int64_t index);

/// Tensors of one type and shape side by side along a new axis, as output `output` of the node. `axis` may count from
/// the end of the result's axes. With `reversed`, the last one comes first. Fails where types or shapes differ, or for
/// a packed type; `empty` gives type and shape where there is no tensor.
Tensor& stack_output(KernelContext& context, size_t output, std::span<const Tensor> tensors, int64_t axis,
                     bool reversed, const Tensor& empty);

/// Tensors of one type that agree in all axes but `axis`, one after the other along it, as output `output` of the node.
/// Fails where they do not agree, where there is none, or for a packed type.
Tensor& join_output(KernelContext& context, size_t output, std::span<const Tensor> tensors, int64_t axis);

/// A tensor without elements of the declared type of a subgraph's output, unknown dims taken as 0. Fails where not even
/// the element type is declared.
Tensor empty_of_declared(const KernelContext& context, const surgery::Value& value);

}  // namespace exec::cpu
