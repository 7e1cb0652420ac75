#include "analysis/match_nodes.h"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

#include "surgery/schema.h"

namespace surgery::analysis {
namespace {

constexpr size_t kMaxReaders = 256;

bool have_same_operator(const Node& a, const Node& b) {
  return a.is(b.op_type(), b.domain()) && a.overload() == b.overload();
}

uint64_t mixed(uint64_t hash, uint64_t number) { return (hash ^ number) * 0x9E3779B97F4A7C15ULL + (hash >> 29U); }

uint64_t hash_of(std::string_view text) { return std::hash<std::string_view>{}(text); }

/// Of the operator and of attributes that are short; others only by name.
uint64_t hash_of_operator(const Node& node) {
  uint64_t hash = mixed(hash_of(node.op_type()), hash_of(schema::normalize_domain(node.domain())));
  uint64_t attributes = 0;  // a sum, since their order does not matter
  for (const Attribute& attribute : node.attributes()) {
    uint64_t one = hash_of(attribute.name());
    if (const auto* number = attribute.get_if<int64_t>()) one = mixed(one, static_cast<uint64_t>(*number));
    if (const auto* text = attribute.get_if<std::string>()) one = mixed(one, hash_of(*text));
    if (const auto* numbers = attribute.get_if<std::vector<int64_t>>()) {
      for (const int64_t number : *numbers) one = mixed(one, static_cast<uint64_t>(number));
    }
    attributes += one;
  }
  return mixed(hash, attributes);
}

/// What each node of a graph computes, seen from its inputs: equal for equal operators on equal ancestors, graph inputs
/// counting by name and weights by type and dims.
std::unordered_map<const Node*, uint64_t> hash_structure(const Graph& graph) {
  std::unordered_map<const Node*, uint64_t> hashes;
  const auto order = graph.topological_order();
  for (const Node* node : order ? *order : graph.nodes()) {
    uint64_t hash = hash_of_operator(*node);
    for (const Value* input : node->inputs()) {
      uint64_t one = 1;
      if (input != nullptr && input->is_initializer()) {
        one = static_cast<uint64_t>(input->initializer()->type());
        for (const int64_t dim : input->initializer()->dims()) one = mixed(one, static_cast<uint64_t>(dim));
      } else if (input != nullptr && input->producer() != nullptr && hashes.contains(input->producer())) {
        one = mixed(hashes[input->producer()], input->output_index());
      } else if (input != nullptr) {
        one = hash_of(input->name());
      }
      hash = mixed(hash, one);
    }
    hashes[node] = hash;
  }
  return hashes;
}

/// Nodes by a key, in order; those without a key are left out.
template <typename Key, typename KeyOf>
std::unordered_map<Key, std::vector<const Node*>> group(const Graph& graph, const KeyOf& key_of) {
  std::unordered_map<Key, std::vector<const Node*>> groups;
  for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
    if (const auto key = key_of(*node)) groups[*key].push_back(node);
  }
  return groups;
}

std::optional<std::string_view> name_of(const Node& node) {
  return node.name().empty() ? std::nullopt : std::optional<std::string_view>(node.name());
}

std::optional<std::string_view> output_name_of(const Node& node) {
  const Value* output = node.output(0);
  return output == nullptr ? std::nullopt : std::optional<std::string_view>(output->name());
}

}  // namespace

void NodeMatching::match_names(const Graph& a, const Graph& b, bool same_operator) {
  const auto others = group<std::string_view>(b, name_of);
  for (const auto& [name, nodes] : group<std::string_view>(a, name_of)) {
    const auto found = others.find(name);
    if (nodes.size() != 1 || found == others.end() || found->second.size() != 1) continue;
    const Node& other = *found->second[0];
    if (are_free(*nodes[0], other) && (!same_operator || have_same_operator(*nodes[0], other))) pair(*nodes[0], other);
  }
}

void NodeMatching::match_structure(const Graph& a, const Graph& b) {
  const auto hashes_a = hash_structure(a);
  const auto hashes_b = hash_structure(b);
  const auto free_a = group<uint64_t>(a, [&](const Node& node) {
    return to_b_.contains(&node) ? std::nullopt : std::optional<uint64_t>(hashes_a.at(&node));
  });
  const auto free_b = group<uint64_t>(b, [&](const Node& node) {
    return to_a_.contains(&node) ? std::nullopt : std::optional<uint64_t>(hashes_b.at(&node));
  });
  for (const auto& [hash, nodes] : free_a) {
    const auto found = free_b.find(hash);
    if (found == free_b.end()) continue;
    const size_t count = std::min(nodes.size(), found->second.size());
    for (size_t i = 0; i < count; ++i) {
      if (have_same_operator(*nodes[i], *found->second[i])) pair(*nodes[i], *found->second[i]);
    }
  }
}

void NodeMatching::match_output_names(const Graph& a, const Graph& b) {
  const auto others = group<std::string_view>(b, output_name_of);
  for (const Node* node = a.first_node(); node != nullptr; node = node->next()) {
    const auto name = output_name_of(*node);
    const auto found = name ? others.find(*name) : others.end();
    if (found == others.end()) continue;
    const Node& other = *found->second[0];
    if (are_free(*node, other) && have_same_operator(*node, other)) pair(*node, other);
  }
}

void NodeMatching::match_readers(const Value& a, const Value& b, std::vector<const Node*>& matched) {
  if (a.uses().size() > kMaxReaders || b.uses().size() > kMaxReaders) return;  // each is compared with each
  for (const Use& use : a.uses()) {
    for (const Use& other : b.uses()) {
      if (use.index != other.index || !are_free(*use.node, *other.node)) continue;
      if (!have_same_operator(*use.node, *other.node)) continue;
      pair(*use.node, *other.node);
      matched.push_back(use.node);
      break;
    }
  }
}

void NodeMatching::match_around(const Node& a, std::vector<const Node*>& matched) {
  const Node& b = *partner_of_a(a);
  for (size_t i = 0; i < std::min(a.outputs().size(), b.outputs().size()); ++i) {
    if (a.output(i) != nullptr && b.output(i) != nullptr) match_readers(*a.output(i), *b.output(i), matched);
  }
  for (size_t i = 0; i < std::min(a.inputs().size(), b.inputs().size()); ++i) {
    const Node* source = a.input(i) != nullptr ? a.input(i)->producer() : nullptr;
    const Node* other = b.input(i) != nullptr ? b.input(i)->producer() : nullptr;
    if (source == nullptr || other == nullptr || !are_free(*source, *other)) continue;
    if (!have_same_operator(*source, *other)) continue;
    pair(*source, *other);
    matched.push_back(source);
  }
}

void NodeMatching::match_neighbours(const Graph& a) {
  std::vector<const Node*> pending;
  for (const Node* node = a.first_node(); node != nullptr; node = node->next()) {
    if (to_b_.contains(node)) pending.push_back(node);
  }
  for (size_t i = 0; i < pending.size(); ++i) match_around(*pending[i], pending);
}

void NodeMatching::match_subgraphs(const Graph& a) {
  for (const Node* node = a.first_node(); node != nullptr; node = node->next()) {
    const Node* other = partner_of_a(*node);
    if (other == nullptr || !node->has_subgraphs()) continue;
    for (const Attribute& attribute : node->attributes()) {
      const Attribute* theirs = other->attribute(attribute.name());
      if (theirs == nullptr) continue;
      for (size_t i = 0; i < std::min(attribute.graphs().size(), theirs->graphs().size()); ++i) {
        match(*attribute.graphs()[i], *theirs->graphs()[i]);
      }
    }
  }
}

void NodeMatching::match(const Graph& a, const Graph& b) {
  match_names(a, b, true);
  match_structure(a, b);
  match_output_names(a, b);
  match_neighbours(a);
  match_names(a, b, false);
  match_subgraphs(a);
}

}  // namespace surgery::analysis
