#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "runtime/opsets.h"
#include "surgery/model.h"

namespace exec {

/// Where a value is kept while graphs run: slot number `slot` of the scope `levels_up` outside the present one.
struct ValueRef {
  static constexpr uint32_t kAbsent = UINT32_MAX;

  uint32_t levels_up = 0;
  uint32_t slot = kAbsent;

  bool is_absent() const { return slot == kAbsent; }
};

/// One node, ready to be executed.
struct NodePlan {
  const surgery::Node* node = nullptr;
  const surgery::Function* function = nullptr;  ///< the function it calls, or nullptr
  int64_t opset = 0;                            ///< version of its domain; 0 for a call
  std::vector<ValueRef> inputs;
  std::vector<uint32_t> outputs;  ///< slots of this scope, ValueRef::kAbsent where omitted
  std::vector<uint32_t> release;  ///< slots of this scope that nothing reads after this node
};

/// The order in which a graph runs, and where its values are kept.
struct GraphPlan {
  const surgery::Graph* graph = nullptr;
  Opsets opsets;
  std::vector<NodePlan> nodes;
  std::vector<const surgery::Value*> values;  ///< by slot
  std::vector<uint32_t> inputs;               ///< slots of the graph inputs
  std::vector<ValueRef> outputs;
};

/// Plans of a model's graphs, each made when first asked for. Outer graphs have to be asked for before inner ones.
class Plans {
 public:
  explicit Plans(const surgery::Model& model);

  /// Throws Error: kRead for a cycle or a value that nothing produces, kUnsupported for a node without a kernel.
  const GraphPlan& plan(const surgery::Graph& graph, const Opsets& opsets);

 private:
  void place_values(GraphPlan& plan);
  ValueRef refer_to(const surgery::Graph& from, const surgery::Value& value) const;
  NodePlan plan_node(const surgery::Node& node, const GraphPlan& plan) const;
  void plan_releases(GraphPlan& plan) const;

  const surgery::Model& model_;
  std::vector<uint32_t> slot_of_;  // by value id
  std::unordered_map<const surgery::Graph*, std::unique_ptr<GraphPlan>> plans_;
};

}  // namespace exec
