#include "edit/unused.h"

#include <algorithm>

namespace surgery {
namespace {

bool all_outputs_unused(const Node& node) {
  return std::all_of(node.outputs().begin(), node.outputs().end(),
                     [](const Value* output) { return output == nullptr || output->is_unused(); });
}

void remove_initializer(Value& value) {
  Graph& graph = value.graph();
  if (value.is_graph_input()) graph.make_not_input(value);
  graph.remove_initializer(value);
}

}  // namespace

void collect_inputs(const Node& node, ValueSet& values) {
  for (Value* input : node.inputs()) {
    if (input != nullptr) values.insert(input);
  }
  for (const Attribute& attribute : node.attributes()) {
    for (const std::unique_ptr<Graph>& subgraph : attribute.graphs()) {
      for_each_graph(*subgraph, [&](Graph& graph) {
        for (const Node* inner = graph.first_node(); inner != nullptr; inner = inner->next()) {
          for (Value* input : inner->inputs()) {
            if (input != nullptr && &input->graph() != &graph) values.insert(input);
          }
        }
        for (Value* output : graph.outputs()) {
          if (&output->graph() != &graph) values.insert(output);
        }
      });
    }
  }
  if (!node.has_subgraphs()) return;
  // What the subgraphs read from each other is no input of the node.
  std::erase_if(values, [&](const Value* value) {
    for (const Graph* graph = &value->graph(); graph->owner() != nullptr; graph = graph->parent()) {
      if (graph->owner() == &node) return true;
    }
    return false;
  });
}

void erase_node(Node& node, ValueSet& pending) {
  for (Value* output : node.outputs()) pending.erase(output);
  collect_inputs(node, pending);
  node.graph().erase(node);
}

Removed remove_unused(ValueSet pending) {
  Removed removed;
  while (!pending.empty()) {
    Value& value = **pending.begin();
    pending.erase(pending.begin());
    if (!value.is_unused()) continue;
    if (Node* producer = value.producer()) {
      if (!all_outputs_unused(*producer)) continue;
      erase_node(*producer, pending);
      ++removed.nodes;
    } else if (value.is_initializer()) {
      remove_initializer(value);
      ++removed.initializers;
    }
  }
  return removed;
}

}  // namespace surgery
