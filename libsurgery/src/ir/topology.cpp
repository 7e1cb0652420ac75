#include <algorithm>

#include "surgery/model.h"

namespace surgery {
namespace {

/// Calls `visit(producer)` for each node of `graph` whose results `node` reads, by itself or inside its subgraphs.
template <typename Visit>
void for_each_producer(const Graph& graph, const Node& node, Visit&& visit) {
  const auto visit_value = [&](const Value* value) {
    if (value != nullptr && value->producer() != nullptr && &value->graph() == &graph) visit(*value->producer());
  };
  for (const Value* input : node.inputs()) visit_value(input);
  for (const Attribute& attribute : node.attributes()) {
    for (const std::unique_ptr<Graph>& subgraph : attribute.graphs()) {
      for_each_graph(*subgraph, [&](Graph& inner) {
        for (const Node* each = inner.first_node(); each != nullptr; each = each->next()) {
          for (const Value* input : each->inputs()) visit_value(input);
        }
        for (const Value* output : inner.outputs()) visit_value(output);
      });
    }
  }
}

bool is_sorted(const Graph& graph) {
  std::vector<bool> seen(graph.model().num_node_ids());
  for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
    bool ready = true;
    for_each_producer(graph, *node, [&](const Node& producer) { ready &= seen[producer.id()]; });
    if (!ready) return false;
    seen[node->id()] = true;
  }
  return true;
}

}  // namespace

std::optional<std::vector<Node*>> Graph::topological_order() const {
  if (is_sorted(*this)) return nodes();
  // Depth-first without recursion: a node is opened when first met and placed when all its producers are.
  enum class State : uint8_t { kNew, kOpen, kPlaced };
  std::vector<State> state(model_.num_node_ids(), State::kNew);
  std::vector<Node*> order;
  std::vector<Node*> pending;
  order.reserve(num_nodes_);
  for (Node* start = first_; start != nullptr; start = start->next_) {
    pending.push_back(start);
    while (!pending.empty()) {
      Node* node = pending.back();
      if (state[node->id()] != State::kNew) {
        pending.pop_back();
        if (state[node->id()] == State::kOpen) {
          state[node->id()] = State::kPlaced;
          order.push_back(node);
        }
        continue;
      }
      state[node->id()] = State::kOpen;
      bool cyclic = false;
      for_each_producer(*this, *node, [&](Node& producer) {
        if (state[producer.id()] == State::kOpen) cyclic = true;
        if (state[producer.id()] == State::kNew) pending.push_back(&producer);
      });
      if (cyclic) return std::nullopt;
    }
  }
  return order;
}

}  // namespace surgery
