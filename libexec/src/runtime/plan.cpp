#include "runtime/plan.h"

#include <algorithm>

#include "exec/kernel.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::Graph;
using surgery::Node;
using surgery::Value;

/// Calls `visit(value)` for each value of `graph` that the node reads, inside its subgraphs too.
template <typename Visit>
void for_each_read(const Graph& graph, const Node& node, Visit&& visit) {
  const auto visit_own = [&](const Value* value) {
    if (value != nullptr && &value->graph() == &graph) visit(*value);
  };
  for (const Value* input : node.inputs()) visit_own(input);
  for (const surgery::Attribute& attribute : node.attributes()) {
    for (const std::unique_ptr<Graph>& subgraph : attribute.graphs()) {
      for_each_graph(*subgraph, [&](Graph& inner) {
        for (const Node* each = inner.first_node(); each != nullptr; each = each->next()) {
          for (const Value* input : each->inputs()) visit_own(input);
        }
        for (const Value* output : inner.outputs()) visit_own(output);
      });
    }
  }
}

[[noreturn]] void fail_undefined(const std::string& reader, const Value& value) {
  for (const surgery::SparseInitializer& sparse : value.graph().model().sparse_initializers()) {
    if (sparse.name == value.name()) {
      throw surgery::Error(surgery::ErrorCode::kUnsupported,
                           reader + " " + surgery::quote(value.name()) + " is a sparse initializer");
    }
  }
  throw surgery::Error(surgery::ErrorCode::kRead,
                       reader + " " + surgery::quote(value.name()) + " is neither an input nor produced by a node");
}

}  // namespace

Plans::Plans(const surgery::Model& model) : model_(model), slot_of_(model.num_value_ids(), ValueRef::kAbsent) {}

const GraphPlan& Plans::plan(const Graph& graph, const Opsets& opsets) {
  std::unique_ptr<GraphPlan>& entry = plans_[&graph];
  if (entry != nullptr) return *entry;
  auto made = std::make_unique<GraphPlan>(GraphPlan{&graph, opsets, {}, {}, {}, {}});
  place_values(*made);

  const std::optional<std::vector<Node*>> order = graph.topological_order();
  if (!order) {
    throw surgery::Error(surgery::ErrorCode::kRead,
                         "graph " + surgery::quote(graph.name()) + " has nodes that read their own results (a cycle)");
  }
  made->nodes.reserve(order->size());
  for (const Node* node : *order) made->nodes.push_back(plan_node(*node, *made));
  for (const Value* output : graph.outputs()) {
    if (output->is_undefined()) fail_undefined("graph output", *output);
    made->outputs.push_back(refer_to(graph, *output));
  }
  plan_releases(*made);
  entry = std::move(made);
  return *entry;
}

void Plans::place_values(GraphPlan& plan) {
  for (const Value* value : plan.graph->values()) {
    slot_of_[value->id()] = static_cast<uint32_t>(plan.values.size());
    plan.values.push_back(value);
  }
  for (const Value* input : plan.graph->inputs()) plan.inputs.push_back(slot_of_[input->id()]);
}

ValueRef Plans::refer_to(const Graph& from, const Value& value) const {
  ValueRef ref{0, slot_of_[value.id()]};
  for (const Graph* graph = &from; graph != &value.graph(); graph = graph->parent()) {
    SURGERY_ASSERT(graph != nullptr, "a node reads values of its own graph or of those around it");
    ++ref.levels_up;
  }
  SURGERY_ASSERT(!ref.is_absent(), "outer graphs are planned before inner ones");
  return ref;
}

NodePlan Plans::plan_node(const Node& node, const GraphPlan& plan) const {
  NodePlan result;
  result.node = &node;
  result.function = called_function(model_, node);
  if (result.function == nullptr) {
    const std::optional<int64_t> version = plan.opsets.version(node.domain());
    if (!version || !has_kernel(node.domain(), node.op_type(), *version)) fail_without_kernel(node, version);
    result.opset = *version;
  }
  for (const Value* input : node.inputs()) {
    if (input == nullptr) {
      result.inputs.emplace_back();
      continue;
    }
    if (input->is_undefined()) fail_undefined(describe(node) + ": input", *input);
    result.inputs.push_back(refer_to(*plan.graph, *input));
  }
  for (const Value* output : node.outputs()) {
    result.outputs.push_back(output == nullptr ? ValueRef::kAbsent : slot_of_[output->id()]);
  }
  return result;
}

void Plans::plan_releases(GraphPlan& plan) const {
  constexpr size_t kNever = SIZE_MAX;
  std::vector<size_t> last_use(plan.values.size(), kNever);
  for (size_t i = 0; i < plan.nodes.size(); ++i) {
    const NodePlan& step = plan.nodes[i];
    for (const uint32_t slot : step.outputs) {
      if (slot != ValueRef::kAbsent) last_use[slot] = i;  // let go at once if nothing reads it
    }
    for_each_read(*plan.graph, *step.node, [&](const Value& value) { last_use[slot_of_[value.id()]] = i; });
  }
  for (const ValueRef& output : plan.outputs) {
    if (output.levels_up == 0) last_use[output.slot] = kNever;
  }
  for (uint32_t slot = 0; slot < last_use.size(); ++slot) {
    if (last_use[slot] != kNever) plan.nodes[last_use[slot]].release.push_back(slot);
  }
}

}  // namespace exec
