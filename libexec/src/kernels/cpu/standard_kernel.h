#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "kernels/cpu/dims.h"

namespace exec::cpu {

/// Runs the kernel that an operator of ai.onnx has at version `opset` on `inputs` (entries may be nullptr), with the
/// attributes of this node: for operators that are a standard one and something more. Outputs are those that the node
/// lists. Error(kUnsupported) where the standard operator does not take the types.
std::vector<Tensor> run_standard(const KernelContext& context, std::string_view op_type, int64_t opset,
                                 std::span<const Tensor* const> inputs);

/// The tensor with its axes in another order. `order` names each axis once. Not for strings and packed types.
Tensor permuted(const KernelContext& context, const Tensor& tensor, const Dims& order);

}  // namespace exec::cpu
