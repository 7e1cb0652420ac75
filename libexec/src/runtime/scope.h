#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "exec/kernel.h"
#include "exec/session.h"
#include "runtime/memory.h"
#include "runtime/node_inputs.h"
#include "runtime/oracle_node.h"
#include "runtime/plan.h"
#include "runtime/resident_weights.h"

namespace exec {

/// What all graphs of one run share.
struct Run {
  const surgery::Model& model;
  Plans& plans;
  const MemoryMeter& meter;
  int64_t max_iterations;
  ResidentWeights* weights = nullptr;  ///< nullptr: weights are read where they lie, and let go after their last use
  OracleNodes* oracle = nullptr;       ///< in oracle mode
  int depth = 0;                       ///< of subgraphs and calls, bounded
};

/// One graph being executed, node by node: the main graph, a subgraph inside its outer scope, or the body of a
/// function.
class Scope final : public SubgraphRunner {
 public:
  /// `outer` is the scope of the graph that a subgraph's node sits in, nullptr for main graphs and functions.
  Scope(Run& run, const GraphPlan& plan, Scope* outer, const CallFrame* frame);

  /// Gives a graph input its value; an undefined one leaves it to the initializer, or omitted.
  void bind(size_t input, Datum value);
  bool is_done() const { return position_ == plan_.nodes.size(); }
  const NodePlan& next() const { return plan_.nodes[position_]; }
  /// Executes the next node; `observer` may be nullptr.
  void step(Observer* observer);
  void run_all();
  /// Output `index` of the graph; undefined for one that a function call left out.
  Datum output(size_t index) const;

  std::vector<Datum> run_subgraph(const surgery::Graph& graph, std::vector<Datum> inputs) override;

 private:
  const Tensor* find_tensor(const ValueRef& ref) const;
  const Datum& find(const ValueRef& ref) const;
  /// Forgets a value that nothing reads any more.
  void let_go(uint32_t slot);
  NodeInputs collect_inputs(const NodePlan& step);
  std::vector<Datum> execute(const NodePlan& step, NodeInputs& inputs);
  std::vector<Datum> call(const NodePlan& step, const NodeInputs& inputs);
  /// The value as this mode keeps it. `what` is named where there is no memory for it.
  Datum kept(Datum value, std::string_view what) const;
  /// In oracle mode: makes the initializer that `ref` means a value, which goes when the last node has read it.
  void keep_initializer(const ValueRef& ref);

  Run& run_;
  const GraphPlan& plan_;
  Scope* outer_;
  const CallFrame* frame_;
  std::vector<Datum> slots_;
  size_t position_ = 0;
};

}  // namespace exec
