#include "surgery/model_diff.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>

#include "analysis/compare_weights.h"
#include "analysis/match_nodes.h"
#include "rewrite/same_call.h"
#include "surgery/schema.h"
#include "surgery/text.h"

namespace surgery {
namespace {

using analysis::NodeMatching;

std::string change(const std::string& what, const std::string& a, const std::string& b) {
  return what + ": " + a + " -> " + b;
}

void compare_texts(const std::string& what, const std::string& a, const std::string& b,
                   std::vector<std::string>& changes) {
  if (a != b) changes.push_back(change(what, quote(a), quote(b)));
}

/// Two lists of names with a value each: what is in one alone, and what has another value.
void compare_maps(const std::string& what, const std::map<std::string, std::string>& a,
                  const std::map<std::string, std::string>& b, std::vector<std::string>& changes) {
  for (const auto& [name, value] : a) {
    const auto found = b.find(name);
    const std::string other = found == b.end() ? "absent" : found->second;
    if (found == b.end() || value != other) changes.push_back(change(what + " " + quote(name), value, other));
  }
  for (const auto& [name, value] : b) {
    if (!a.contains(name)) changes.push_back(change(what + " " + quote(name), "absent", value));
  }
}

std::map<std::string, std::string> opsets_of(const std::vector<OpsetImport>& imports) {
  std::map<std::string, std::string> opsets;
  for (const OpsetImport& import : imports) {
    const std::string_view domain = schema::normalize_domain(import.domain);
    opsets.emplace(domain.empty() ? "ai.onnx" : domain, std::to_string(import.version));
  }
  return opsets;
}

std::map<std::string, std::string> metadata_of(const Model& model) {
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : model.metadata()) metadata.emplace(key, quote(value));
  return metadata;
}

std::map<std::string, std::string> types_of(std::span<Value* const> values) {
  std::map<std::string, std::string> types;
  for (const Value* value : values) {
    if (!value->is_initializer()) types.emplace(value->name(), escape(to_string(value->type())));
  }
  return types;
}

void compare_headers(const Model& a, const Model& b, ModelDiff& diff) {
  if (a.ir_version() != b.ir_version()) {
    diff.header.push_back(change("IR version", std::to_string(a.ir_version()), std::to_string(b.ir_version())));
  }
  compare_maps("opset", opsets_of(a.opset_imports()), opsets_of(b.opset_imports()), diff.header);
  compare_texts("producer", a.producer_name(), b.producer_name(), diff.header);
  compare_texts("producer version", a.producer_version(), b.producer_version(), diff.header);
  compare_texts("graph name", a.graph().name(), b.graph().name(), diff.header);
  compare_maps("metadata", metadata_of(a), metadata_of(b), diff.header);
}

void compare_attributes(const Node& a, const Node& b, std::vector<std::string>& changes) {
  for (const Attribute& attribute : a.attributes()) {
    const std::string what = "attribute " + quote(attribute.name());
    const Attribute* other = b.attribute(attribute.name());
    if (other == nullptr) {
      changes.push_back(change(what, to_string(attribute), "absent"));
    } else if (attribute.graphs().empty() && other->graphs().empty() && !is_same_attribute(attribute, *other)) {
      // Types and sparse tensors are compared by their text.
      const std::string ours = to_string(attribute);
      const std::string theirs = to_string(*other);
      if (ours != theirs) {
        changes.push_back(change(what, ours, theirs));
      } else if (attribute.get_if<Tensor>() != nullptr) {
        changes.push_back(what + ": other elements");
      }
    }
  }
  for (const Attribute& attribute : b.attributes()) {
    if (a.attribute(attribute.name()) != nullptr) continue;
    changes.push_back(change("attribute " + quote(attribute.name()), "absent", to_string(attribute)));
  }
}

std::string name_of(const Value* value) { return value == nullptr ? "omitted" : quote(value->name()); }

/// Whether two values are the same one by what makes them.
bool correspond(const Value* a, const Value* b, const NodeMatching& matching) {
  if (a == nullptr || b == nullptr) return a == b;
  if (a->producer() != nullptr && b->producer() != nullptr) {
    return matching.partner_of_a(*a->producer()) == b->producer() && a->output_index() == b->output_index();
  }
  if (a->name() == b->name()) return (a->producer() == nullptr) == (b->producer() == nullptr);
  const auto left = constant_of(*a);
  const auto right = constant_of(*b);
  return left != nullptr && right != nullptr && identical(*left, *right);
}

std::vector<std::string> changes_of(const Node& a, const Node& b, const NodeMatching& matching) {
  std::vector<std::string> changes;
  compare_texts("name", a.name(), b.name(), changes);
  compare_texts("operator", a.op_type(), b.op_type(), changes);
  if (!schema::same_domain(a.domain(), b.domain())) compare_texts("domain", a.domain(), b.domain(), changes);
  compare_attributes(a, b, changes);
  const auto compare_lists = [&](const std::string& what, std::span<Value* const> left, std::span<Value* const> right,
                                 const auto& are_equal) {
    for (size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
      const Value* ours = i < left.size() ? left[i] : nullptr;
      const Value* theirs = i < right.size() ? right[i] : nullptr;
      if (are_equal(ours, theirs)) continue;
      changes.push_back(change(what + "[" + std::to_string(i) + "]", name_of(ours), name_of(theirs)));
    }
  };
  compare_lists("input", a.inputs(), b.inputs(),
                [&](const Value* ours, const Value* theirs) { return correspond(ours, theirs, matching); });
  compare_lists("output", a.outputs(), b.outputs(),
                [](const Value* ours, const Value* theirs) { return name_of(ours) == name_of(theirs); });
  return changes;
}

void compare_nodes(const Model& a, const Model& b, ModelDiff& diff) {
  NodeMatching matching;
  matching.match(a.graph(), b.graph());
  for (const Function& function : a.functions()) {
    const Function* other = b.find_function(function.domain, function.name, function.overload);
    if (other != nullptr) matching.match(*function.body, *other->body);
  }
  const auto for_each_node = [](const Model& model, const auto& visit) {
    const auto visit_graph = [&](const Graph& graph) {
      for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) visit(*node);
    };
    for_each_graph(model.graph(), visit_graph);
    for (const Function& function : model.functions()) for_each_graph(std::as_const(*function.body), visit_graph);
  };
  for_each_node(a, [&](const Node& node) {
    const Node* other = matching.partner_of_a(node);
    if (other == nullptr) {
      diff.only_a.push_back(&node);
      return;
    }
    std::vector<std::string> changes = changes_of(node, *other, matching);
    if (changes.empty()) {
      ++diff.num_equal_nodes;
    } else {
      diff.changed.push_back({&node, other, std::move(changes)});
    }
  });
  for_each_node(b, [&](const Node& node) {
    if (matching.partner_of_b(node) == nullptr) diff.only_b.push_back(&node);
  });
}

}  // namespace

ModelDiff diff_models(const Model& a, const Model& b) {
  ModelDiff diff;
  compare_headers(a, b, diff);
  compare_maps("input", types_of(a.graph().inputs()), types_of(b.graph().inputs()), diff.interface);
  compare_maps("output", types_of(a.graph().outputs()), types_of(b.graph().outputs()), diff.interface);
  compare_nodes(a, b, diff);
  analysis::compare_weights(a, b, diff);
  return diff;
}

}  // namespace surgery
