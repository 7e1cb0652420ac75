#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "surgery/model.h"

namespace surgery {

/// Two nodes that are the same one in both models, and what differs: "attribute 'pads': [1, 1, 1, 1] -> absent".
struct NodeDifference {
  const Node* a = nullptr;
  const Node* b = nullptr;
  std::vector<std::string> changes;
};

/// Two weights of one name with other elements or of another type, or two of other names with the same elements; one
/// of them is nullptr for a weight that one side alone has.
struct WeightDifference {
  const Value* a = nullptr;
  const Value* b = nullptr;
  /// Of equal type and dims: how many elements differ, and by how much at most (nothing for types without numbers, and
  /// NaN where one side alone is NaN).
  int64_t num_different = 0;
  std::optional<double> max_abs{};

  bool is_renamed() const { return a != nullptr && b != nullptr && a->name() != b->name(); }
};

/// What differs between two models, subgraphs and functions included.
struct ModelDiff {
  std::vector<std::string> header;     ///< IR version, opsets, producer, metadata: "opset of ai.onnx: 13 -> 17"
  std::vector<std::string> interface;  ///< inputs and outputs: "output 'y': float[1, 10] -> float[N, 10]"
  std::vector<NodeDifference> changed;
  std::vector<const Node*> only_a;
  std::vector<const Node*> only_b;
  std::vector<WeightDifference> weights;
  int64_t num_equal_nodes = 0;
  int64_t num_equal_weights = 0;

  bool is_equal() const {
    return header.empty() && interface.empty() && changed.empty() && only_a.empty() && only_b.empty() &&
           weights.empty();
  }
};

/// Nodes are matched by name, then by what they compute, then by their neighbours; weights by name, then by a hash of
/// their content. Reads all weights. Throws Error(kRead) when the elements of one cannot be had.
ModelDiff diff_models(const Model& a, const Model& b);

}  // namespace surgery
