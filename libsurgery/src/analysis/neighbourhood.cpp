#include "surgery/neighbourhood.h"

#include <unordered_set>

namespace surgery {
namespace {

constexpr size_t kMaxScopes = 32;

using NodeSet = std::unordered_set<const Node*>;

/// The node of `graph` that `node` is, or that owns it; nullptr for one elsewhere.
const Node* lifted(const Graph& graph, const Node* node) {
  while (node != nullptr && &node->graph() != &graph) node = node->graph().owner();
  return node;
}

template <typename Visit>
void for_each_reader(const Graph& graph, const Value& value, const Visit& visit) {
  for (const Use& use : value.uses()) {
    if (const Node* reader = lifted(graph, use.node)) visit(*reader);
  }
}

template <typename Visit>
void for_each_consumer(const Graph& graph, const Node& node, const Visit& visit) {
  for (const Value* output : node.outputs()) {
    if (output != nullptr) for_each_reader(graph, *output, visit);
  }
}

/// The nodes whose results a node reads, in its subgraphs too. Nesting is bounded by the reader of files.
template <typename Visit>
void for_each_source(const Graph& graph, const Node& node, const Visit& visit) {
  for (const Value* input : node.inputs()) {
    if (input == nullptr || input->producer() == nullptr) continue;
    if (&input->graph() == &graph) visit(*input->producer());
  }
  for (const Attribute& attribute : node.attributes()) {
    for (const auto& subgraph : attribute.graphs()) {
      for (const Node* inner = subgraph->first_node(); inner != nullptr; inner = inner->next()) {
        for_each_source(graph, *inner, visit);
      }
    }
  }
}

std::vector<const Node*> in_order(const Graph& graph, const NodeSet& wanted) {
  std::vector<const Node*> nodes;
  for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
    if (wanted.contains(node)) nodes.push_back(node);
  }
  return nodes;
}

/// What is in `nodes`, and all that `for_each_next(node, visit)` leads to from there.
template <typename ForEachNext>
NodeSet closure(std::vector<const Node*> nodes, const ForEachNext& for_each_next) {
  NodeSet reached(nodes.begin(), nodes.end());
  while (!nodes.empty()) {
    const Node* node = nodes.back();
    nodes.pop_back();
    for_each_next(*node, [&](const Node& next) {
      if (reached.insert(&next).second) nodes.push_back(&next);
    });
  }
  return reached;
}

}  // namespace

std::vector<const Node*> nodes_around(const Graph& graph, const Node& centre, int steps) {
  const Node* start = lifted(graph, &centre);
  if (start == nullptr) return {};
  NodeSet near{start};
  std::vector<const Node*> front{start};
  for (int step = 0; step < steps && !front.empty(); ++step) {
    std::vector<const Node*> next;
    const auto visit = [&](const Node& node) {
      if (near.insert(&node).second) next.push_back(&node);
    };
    for (const Node* node : front) {
      for_each_source(graph, *node, visit);
      for_each_consumer(graph, *node, visit);
    }
    front = std::move(next);
  }
  return in_order(graph, near);
}

std::vector<const Node*> nodes_between(const Graph& graph, std::span<Value* const> from, std::span<Value* const> to) {
  NodeSet wanted;
  if (from.empty()) {
    for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) wanted.insert(node);
  } else {
    std::vector<const Node*> readers;
    for (const Value* value : from) {
      for_each_reader(graph, *value, [&](const Node& node) { readers.push_back(&node); });
    }
    wanted = closure(std::move(readers),
                     [&](const Node& node, const auto& visit) { for_each_consumer(graph, node, visit); });
  }
  if (!to.empty()) {
    std::vector<const Node*> producers;
    for (const Value* value : to) {
      if (const Node* node = lifted(graph, value->producer())) producers.push_back(node);
    }
    const NodeSet sources = closure(std::move(producers),
                                    [&](const Node& node, const auto& visit) { for_each_source(graph, node, visit); });
    std::erase_if(wanted, [&](const Node* node) { return !sources.contains(node); });
  }
  return in_order(graph, wanted);
}

std::vector<std::string_view> scopes_of(const Node& node) {
  std::string_view path = node.name();
  for (size_t i = 0; path.empty() && i < node.outputs().size(); ++i) {
    if (node.outputs()[i] != nullptr) path = node.outputs()[i]->name();
  }
  std::vector<std::string_view> scopes;
  for (size_t slash = path.find('/'); slash != std::string_view::npos && scopes.size() < kMaxScopes;
       slash = path.find('/')) {
    if (slash > 0) scopes.push_back(path.substr(0, slash));
    path.remove_prefix(slash + 1);
  }
  return scopes;
}

}  // namespace surgery
