#include "report/scope_tree.h"

#include <utility>
#include <vector>

#include "report/print.h"
#include "report/table.h"
#include "surgery/neighbourhood.h"
#include "surgery/saturated.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Node;
using surgery::Value;

int64_t weight_bytes(const Node& node) {
  int64_t bytes = 0;
  for (const Value* input : node.inputs()) {
    if (input == nullptr || !input->is_initializer()) continue;
    const surgery::Tensor& tensor = *input->initializer();
    bytes = surgery::saturated_sum(bytes, surgery::packed_size_bytes(tensor.type(), tensor.num_elements()).value_or(0));
  }
  return bytes;
}

/// Puts layer.2 before layer.10: runs of digits are filled up with zeros in front.
std::string sort_key(std::string_view name) {
  constexpr size_t kDigits = 12;
  std::string key;
  for (size_t i = 0; i < name.size();) {
    size_t end = i;
    while (end < name.size() && name[end] >= '0' && name[end] <= '9') ++end;
    if (end == i) {
      key += name[i++];
      continue;
    }
    key.append(end - i < kDigits ? kDigits - (end - i) : 0, '0').append(name.substr(i, end - i));
    i = end;
  }
  return key;
}

using Entry = std::pair<std::string, const ScopeTree*>;

std::vector<Entry> in_natural_order(const ScopeTree& tree) {
  std::map<std::string, Entry> sorted;
  for (const auto& [name, inner] : tree.inner) sorted.emplace(sort_key(name) + ' ' + name, Entry(name, &inner));
  std::vector<Entry> entries;
  entries.reserve(sorted.size());
  for (auto& [key, entry] : sorted) entries.push_back(std::move(entry));
  return entries;
}

// Recursion as deep as scopes_of() gives scopes.
void add_lines(const ScopeTree& tree, const std::string& name, size_t depth, Table& table) {
  table.add({std::string(2 * depth, ' ') + name, plural(tree.num_nodes, "node"),
             tree.weight_bytes == 0 ? "" : surgery::format_bytes(static_cast<uint64_t>(tree.weight_bytes))});
  for (const auto& [inner_name, inner] : in_natural_order(tree)) {
    add_lines(*inner, shorten(surgery::escape(inner_name, 120), 80), depth + 1, table);
  }
}

}  // namespace

ScopeTree make_scope_tree(const surgery::Model& model) {
  ScopeTree root;
  surgery::for_each_graph(model.graph(), [&](const surgery::Graph& graph) {
    for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
      const int64_t bytes = weight_bytes(*node);
      ScopeTree* tree = &root;
      tree->num_nodes += 1;
      tree->weight_bytes = surgery::saturated_sum(tree->weight_bytes, bytes);
      for (const std::string_view scope : surgery::scopes_of(*node)) {
        auto found = tree->inner.find(scope);
        if (found == tree->inner.end()) found = tree->inner.emplace(scope, ScopeTree()).first;
        tree = &found->second;
        tree->num_nodes += 1;
        tree->weight_bytes = surgery::saturated_sum(tree->weight_bytes, bytes);
      }
    }
  });
  return root;
}

std::string to_text(const ScopeTree& tree) {
  using enum Table::Align;
  Table table({kLeft, kRight, kRight});
  add_lines(tree, "(all)", 0, table);
  return table.to_string();
}

Json to_json(const ScopeTree& tree) {
  Json json{{"num_nodes", tree.num_nodes}, {"weight_bytes", tree.weight_bytes}, {"scopes", Json::object()}};
  for (const auto& [name, inner] : in_natural_order(tree)) json["scopes"][name] = to_json(*inner);
  return json;
}

}  // namespace app
