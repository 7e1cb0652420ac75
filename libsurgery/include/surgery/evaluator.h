#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "surgery/graph.h"
#include "surgery/tensor.h"

namespace surgery {

/// Computes single nodes: what the graph library needs of an executor to fold constants. libexec implements it.
class Evaluator {
 public:
  virtual ~Evaluator() = default;

  /// Whether evaluate() can compute the node on inputs of these types and shapes.
  virtual bool supports(const Node& node, std::span<const Tensor* const> inputs) const = 0;

  /// The outputs of the node, an undefined Tensor for an omitted one. `inputs` has one entry per input of the node,
  /// nullptr for omitted ones. Throws Error (kUnsupported, kRead) when the node cannot be computed; a request for more
  /// than the limit given to the evaluator is refused before it is made.
  virtual std::vector<Tensor> evaluate(const Node& node, std::span<const Tensor* const> inputs) const = 0;
};

}  // namespace surgery
