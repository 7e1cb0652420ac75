#pragma once

#include <set>
#include <vector>

#include "exec/session.h"
#include "runtime/node_inputs.h"
#include "surgery/schema.h"

namespace exec {

/// Executes nodes in oracle mode (exec/oracle.h), and keeps account of those that did not work in double.
class OracleNodes {
 public:
  /// Executes an operator by its kernel, as run_kernel() does. Inputs and results are widened().
  std::vector<Datum> run(const surgery::Node& node, NodeInputs& inputs, KernelEnvironment environment);

  const NodeCounts& in_own_type() const { return in_own_type_; }

 private:
  std::vector<Datum> run_in_double(const Kernel& kernel, const surgery::Node& node, const surgery::schema::OpSchema* op,
                                   NodeInputs& inputs, KernelEnvironment environment);
  std::vector<Datum> run_in_own_type(const surgery::Node& node, NodeInputs& inputs,
                                     const KernelEnvironment& environment);
  void count_in_own_type(const surgery::Node& node);

  std::set<const surgery::Node*> counted_;
  NodeCounts in_own_type_;
};

}  // namespace exec
