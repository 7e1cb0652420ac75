#include <algorithm>
#include <string>

#include "surgery/edit.h"
#include "surgery/text.h"

namespace surgery {
namespace {

using Predicate = bool (*)(const Node& node, std::string_view pattern);

bool has_exact_name(const Node& node, std::string_view name) { return node.name() == name; }

bool has_exact_output(const Node& node, std::string_view name) {
  return std::any_of(node.outputs().begin(), node.outputs().end(),
                     [&](const Value* output) { return output != nullptr && output->name() == name; });
}

bool has_exact_type(const Node& node, std::string_view type) { return node.op_type() == type; }

bool has_name_like(const Node& node, std::string_view pattern) {
  return !node.name().empty() && matches_glob(pattern, node.name());
}

bool has_output_like(const Node& node, std::string_view pattern) {
  return std::any_of(node.outputs().begin(), node.outputs().end(),
                     [&](const Value* output) { return output != nullptr && matches_glob(pattern, output->name()); });
}

bool has_type_like(const Node& node, std::string_view pattern) { return matches_glob(pattern, node.op_type()); }

bool has_type_and_name_like(const Node& node, std::string_view pattern) {
  const size_t colon = pattern.find(':');
  return colon != std::string_view::npos && has_type_like(node, pattern.substr(0, colon)) &&
         has_name_like(node, pattern.substr(colon + 1));
}

// The first one that any node satisfies decides what the selector means. A name that holds glob characters itself
// ("arr[0]") is found as it is.
constexpr Predicate kMeanings[] = {&has_exact_name,  &has_exact_output, &has_exact_type,        &has_name_like,
                                   &has_output_like, &has_type_like,    &has_type_and_name_like};

std::vector<Node*> nodes_where(Model& model, Predicate predicate, std::string_view pattern) {
  std::vector<Node*> found;
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (Node* node = graph.first_node(); node != nullptr; node = node->next()) {
      if (predicate(*node, pattern)) found.push_back(node);
    }
  });
  return found;
}

Node* node_at(Model& model, std::string_view selector) {
  const auto index = parse_int(selector.substr(1));
  if (!index) return nullptr;
  const auto count = static_cast<int64_t>(model.graph().num_nodes());
  if (*index < 0 || *index >= count) {
    throw Error(ErrorCode::kUsage,
                "there is no node " + quote(selector) + ": the graph has " + std::to_string(count) + " nodes, from #0");
  }
  Node* node = model.graph().first_node();
  for (int64_t i = 0; i < *index; ++i) node = node->next();
  return node;
}

/// Everything that a selector may name, for suggestions.
std::vector<std::string> selectable_names(Model& model) {
  std::vector<std::string> names;
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (Node* node = graph.first_node(); node != nullptr; node = node->next()) {
      if (!node->name().empty()) names.push_back(node->name());
      names.push_back(node->op_type());
      for (const Value* output : node->outputs()) {
        if (output != nullptr) names.push_back(output->name());
      }
    }
  });
  return names;
}

/// "; node 'bn1' has the output 'y'" where a node's name was given for a tensor's.
std::string hint_about_nodes(Model& model, std::string_view name) {
  for (const Node* node : nodes_where(model, &has_exact_name, name)) {
    for (const Value* output : node->outputs()) {
      if (output != nullptr) return "; " + describe(*node) + " has the output " + quote(output->name());
    }
  }
  return {};
}

}  // namespace

std::vector<Node*> select_nodes(Model& model, std::string_view selector) {
  if (selector.empty()) throw Error(ErrorCode::kUsage, "expected a node, found nothing");
  for (const Predicate meaning : kMeanings) {
    std::vector<Node*> found = nodes_where(model, meaning, selector);
    if (!found.empty()) return found;
  }
  if (selector[0] == '#') {
    if (Node* node = node_at(model, selector)) return {node};
  }
  throw Error(ErrorCode::kUsage, "no node matches " + quote(selector) + suggestion(selector, selectable_names(model)));
}

Node& select_node(Model& model, std::string_view selector) {
  const std::vector<Node*> found = select_nodes(model, selector);
  if (found.size() == 1) return *found[0];
  std::string names;
  for (size_t i = 0; i < std::min<size_t>(found.size(), 3); ++i) names += (i == 0 ? "" : ", ") + describe(*found[i]);
  throw Error(ErrorCode::kUsage, quote(selector) + " matches " + std::to_string(found.size()) +
                                     " nodes, expected one: " + names + (found.size() > 3 ? ", ..." : ""));
}

Value& select_value(Model& model, std::string_view name) {
  Value* found = nullptr;
  std::vector<std::string> names;
  for_each_graph(model.graph(), [&](Graph& graph) {
    if (found == nullptr) found = graph.find(name);
  });
  if (found != nullptr) return *found;
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (const Value* value : graph.values()) names.push_back(value->name());
  });
  std::string hint = hint_about_nodes(model, name);
  if (hint.empty()) hint = suggestion(name, names);
  throw Error(ErrorCode::kUsage, "there is no tensor " + quote(name) + hint);
}

}  // namespace surgery
