#pragma once

#include <vector>

#include "exec/kernel.h"

namespace exec {

/// What a node reads, in the form that KernelContext takes.
struct NodeInputs {
  std::vector<const Tensor*> tensors;
  std::vector<Datum> others;            ///< empty where all inputs are tensors
  std::vector<DataType> model_types{};  ///< in oracle mode: Datum::model_type() of each

  /// Input `index` as a value, undefined where it is omitted.
  Datum value(size_t index) const;
  /// The element type of each input that is a tensor, kUndefined of the others.
  std::vector<DataType> tensor_types() const;
};

/// Executes an operator by its kernel. Unaligned inputs are copied for as long as it takes. Throws Error naming the
/// node.
std::vector<Datum> run_kernel(const surgery::Node& node, NodeInputs& inputs, const KernelEnvironment& environment);
/// The same by this kernel.
std::vector<Datum> run_kernel(const Kernel& kernel, const surgery::Node& node, NodeInputs& inputs,
                              const KernelEnvironment& environment);

}  // namespace exec
