#pragma once

#include <cstdint>
#include <vector>

#include "surgery/dim.h"
#include "surgery/infer.h"
#include "surgery/model.h"

namespace surgery {

/// What one node of the main graph costs, subgraphs and called functions included. Dims are expressions where shapes
/// are symbolic ("4089184256*N"), and unknown where shapes are.
struct NodeCost {
  const Node* node = nullptr;
  /// Multiply-accumulate operations of convolutions, matrix products, recurrent layers and attention; 0 for every
  /// other operator. Of an If the costlier branch; of a Loop or Scan the body times the number of iterations.
  Dim macs = 0;
  int64_t num_parameters = 0;   ///< elements of the weights and constants it reads, each once per node
  int64_t parameter_bytes = 0;  ///< of those
  Dim activation_bytes = 0;     ///< what its results take; 0 for a Constant
  /// Results and inputs that are alive while it runs, its own results included, weights not. No result takes the place
  /// of another one.
  Dim live_bytes = 0;
};

struct ModelCost {
  std::vector<NodeCost> nodes;  ///< of the main graph, in topological order
  Dim macs = 0;                 ///< the sum over the nodes with known shapes
  Dim activation_bytes = 0;     ///< likewise
  int64_t num_parameters = 0;   ///< each weight and constant of the model once, read or not
  int64_t parameter_bytes = 0;
  Dim peak_bytes;                 ///< the largest live_bytes; unknown when they are not all integers
  const Node* peak = nullptr;     ///< the first node where it is reached
  int64_t num_unknown_macs = 0;   ///< nodes of which the macs are not known
  int64_t num_unknown_bytes = 0;  ///< nodes of which some result has no known size
};

/// `inference` must have run on the model. Symbols in `bindings` are replaced by numbers.
ModelCost cost_of(const Model& model, const Inference& inference, const Dim::Bindings& bindings = {});

}  // namespace surgery
