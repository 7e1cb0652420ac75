#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "exec/session.h"
#include "surgery/model.h"

namespace exec {

/// How many samples a fixed-batch model is asked to take at once, and how many there are.
struct BatchPlan {
  int64_t batch = 0;    ///< first dim that the model declares; 0: no splitting is needed
  int64_t samples = 0;  ///< first dim of the tensors given
};

/// Splitting is needed where every data input declares one and the same first dim B and is given another one, the same
/// for all. Throws Error(kUsage) where inputs disagree.
BatchPlan plan_batches(const surgery::Model& model, const Values& inputs);

/// Runs a model on any number of samples. Where its batch is fixed at B and the inputs hold another number M, they are
/// run in groups of B, the last one filled up with copies of its last sample; results whose first dim is B are joined
/// and cut to M. Gives the tensors named by `wanted` (graph outputs or intermediate tensors of the main graph; empty:
/// all graph outputs), in oracle mode as double (exec/oracle.h), and adds to `in_own_type` the nodes that did not work
/// in it. Throws Error(kUsage) for a name that does not exist, kUnsupported for a result without that first dim.
Values run_batched(const surgery::Model& model, Values inputs, const std::vector<std::string>& wanted,
                   const RunOptions& options, NodeCounts* in_own_type = nullptr);

/// A row of one of several tensors.
struct RowOf {
  size_t tensor = 0;
  int64_t row = 0;
};

/// Rows of several tensors of one type, which differ in no other axis, put together along this one. As below.
Tensor pick_rows(std::span<const Tensor> tensors, const std::vector<RowOf>& rows, size_t axis);

/// The rows of these numbers along an axis, in their order. Requires a rank above `axis` and numbers of rows that are
/// there. Throws Error(kUnsupported) for types whose elements are no whole bytes.
Tensor pick_rows(const Tensor& tensor, const std::vector<int64_t>& rows, size_t axis = 0);

/// Rows `first` to `first + count`, the last row repeated past the end. Requires a rank above 0 and rows > 0.
Tensor take_rows(const Tensor& tensor, int64_t first, int64_t count);

/// Tensors of one type and row shape, one after the other along axis 0.
Tensor join_rows(const std::vector<Tensor>& parts);

}  // namespace exec
