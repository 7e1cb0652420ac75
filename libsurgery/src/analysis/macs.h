#pragma once

#include <unordered_map>

#include "surgery/infer.h"
#include "surgery/model.h"

namespace surgery::analysis {

/// Counts the multiply-accumulate operations of nodes, once for each function however often it is called.
class MacCounter {
 public:
  MacCounter(const Model& model, const Inference& inference) : model_(model), inference_(inference) {}

  /// 0 for an operator that multiplies no matrices; unknown where a shape or a number of iterations is.
  Dim of(const Node& node);

 private:
  Dim of(const Graph& graph);
  Dim of_subgraph(const Node& node, std::string_view attribute);
  Dim of_loop(const Node& node);
  Dim of_scan(const Node& node);
  Dim of_call(const Function& function);

  const Model& model_;
  const Inference& inference_;
  std::unordered_map<const Function*, Dim> functions_;
};

}  // namespace surgery::analysis
