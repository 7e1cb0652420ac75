#include <algorithm>
#include <unordered_map>

#include "check/context.h"
#include "surgery/text.h"

namespace surgery::checking {
namespace {

constexpr size_t kMaxListed = 8;

/// The node of `graph` that `reader`, which may sit in a subgraph, is or belongs to.
const Node* lifted(const Graph& graph, const Node* reader) {
  while (reader != nullptr && &reader->graph() != &graph) reader = reader->graph().owner();
  return reader;
}

template <typename Visit>
void for_each_reader(const Graph& graph, const Node& node, Visit&& visit) {
  for (const Value* output : node.outputs()) {
    if (output == nullptr) continue;
    for (const Use& use : output->uses()) {
      if (const Node* reader = lifted(graph, use.node)) visit(*reader);
    }
  }
}

}  // namespace

void check_cycle(Context& context, const Scope& scope) {
  // Take away, again and again, nodes whose producers are all gone. What stays lies on a cycle or behind one.
  const Graph& graph = scope.graph;
  std::unordered_map<const Node*, size_t> producers_left;
  producers_left.reserve(graph.num_nodes());
  for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
    producers_left.try_emplace(node, 0);
    for_each_reader(graph, *node, [&](const Node& reader) { ++producers_left[&reader]; });
  }
  std::vector<const Node*> ready;
  for (const auto& [node, count] : producers_left) {
    if (count == 0) ready.push_back(node);
  }
  while (!ready.empty()) {
    const Node* node = ready.back();
    ready.pop_back();
    producers_left.erase(node);
    for_each_reader(graph, *node, [&](const Node& reader) {
      if (--producers_left[&reader] == 0) ready.push_back(&reader);
    });
  }
  if (producers_left.empty()) return;

  // Each of the rest has a producer among the rest, so going back from any of them enters a cycle.
  std::unordered_map<const Node*, const Node*> producer_of;
  std::unordered_map<const Node*, size_t> number;
  size_t index = 0;
  const Node* start = nullptr;
  for (const Node* node = graph.first_node(); node != nullptr; node = node->next(), ++index) {
    if (!producers_left.contains(node)) continue;
    number[node] = index;
    if (start == nullptr) start = node;
    for_each_reader(graph, *node, [&](const Node& reader) { producer_of.try_emplace(&reader, node); });
  }
  std::unordered_map<const Node*, size_t> step_of;
  std::vector<const Node*> walk;
  const Node* node = start;
  while (step_of.try_emplace(node, walk.size()).second) {
    walk.push_back(node);
    node = producer_of.at(node);
  }
  std::vector<const Node*> cycle(walk.rbegin(), walk.rend() - static_cast<std::ptrdiff_t>(step_of.at(node)));
  // In the direction of the data, from the node that comes first in the file.
  std::rotate(cycle.begin(),
              std::min_element(cycle.begin(), cycle.end(),
                               [&](const Node* a, const Node* b) { return number.at(a) < number.at(b); }),
              cycle.end());

  std::string text = "the graph has a cycle of " + std::to_string(cycle.size()) + " nodes: ";
  for (size_t i = 0; i < std::min(cycle.size(), kMaxListed); ++i) text += describe(*cycle[i]) + " -> ";
  text += cycle.size() > kMaxListed ? "..." : "back to the first";
  context.add(kCycle, place_of(NodePlace{scope, *cycle[0], number.at(cycle[0])}), text);
}

}  // namespace surgery::checking
