#include "report/node_detail.h"

#include "report/print.h"
#include "report/table.h"
#include "report/tensor_text.h"
#include "surgery/schema.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Attribute;
using surgery::Inference;
using surgery::Node;
using surgery::Value;
using surgery::schema::OpSchema;
using surgery::schema::ParameterSpec;

constexpr size_t kNameWidth = 60;
constexpr size_t kReadersShown = 8;

/// The position of the node among those of its graph, with the node that owns the graph in front: "12.then_branch.3".
std::string index_of(const Node& node) {
  int64_t index = 0;
  for (const Node* before = node.previous(); before != nullptr; before = before->previous()) ++index;
  const Node* owner = node.graph().owner();
  if (owner == nullptr) return std::to_string(index);
  std::string place = index_of(*owner) + ".";
  for (const Attribute& attribute : owner->attributes()) {
    for (const auto& graph : attribute.graphs()) {
      if (graph.get() == &node.graph()) place += attribute.name() + ".";
    }
  }
  return place + std::to_string(index);
}

/// The function whose body the node is part of; nullptr elsewhere.
const surgery::Function* function_of(const Node& node) {
  const surgery::Graph* root = &node.graph();
  while (root->parent() != nullptr) root = root->parent();
  for (const surgery::Function& function : root->model().functions()) {
    if (function.body.get() == root) return &function;
  }
  return nullptr;
}

const OpSchema* schema_of(const Node& node) {
  const surgery::Function* function = function_of(node);
  std::optional<int64_t> opset = node.graph().model().opset(node.domain());
  if (function != nullptr) {
    for (const surgery::OpsetImport& import : function->opset_imports) {
      if (surgery::schema::same_domain(import.domain, node.domain())) opset = import.version;
    }
  }
  return opset ? surgery::schema::find(node.domain(), node.op_type(), *opset) : nullptr;
}

const surgery::Type& type_of(const Value& value, const Inference& inference) {
  const surgery::Type& inferred = inference.fact(value).type;
  return inferred.is_known() ? inferred : value.type();
}

std::string source_text(const Value& value) {
  if (value.producer() != nullptr) return "from " + describe(*value.producer());
  if (value.is_initializer()) {
    const surgery::Tensor& tensor = *value.initializer();
    return "weight, " + surgery::format_bytes(static_cast<uint64_t>(
                            surgery::packed_size_bytes(tensor.type(), tensor.num_elements()).value_or(0)));
  }
  return value.is_graph_input() ? "graph input" : "nothing makes it";
}

std::string readers_text(const Value& value) {
  std::vector<std::string> parts;
  if (value.is_graph_output()) parts.emplace_back("graph output");
  for (const surgery::Use& use : value.uses()) {
    if (parts.size() == kReadersShown) {
      parts.push_back("... " + plural(static_cast<int64_t>(value.uses().size()), "reader") + " in all");
      break;
    }
    parts.push_back("to " + describe(*use.node) + " input " + std::to_string(use.index));
  }
  return join(parts, ", ");
}

std::string default_text(const surgery::schema::AttributeSpec& spec) {
  const surgery::schema::AttributeDefault& fallback = spec.default_value;
  if (!fallback.is_set) return "";
  switch (spec.type) {
    case surgery::AttributeType::kInt:
      return std::to_string(fallback.int_value);
    case surgery::AttributeType::kFloat:
      return format_small(static_cast<double>(fallback.float_value));
    case surgery::AttributeType::kString:
      return surgery::quote(fallback.string_value);
    case surgery::AttributeType::kInts: {
      std::vector<std::string> parts;
      for (const int64_t number : fallback.ints) parts.push_back(std::to_string(number));
      return "[" + join(parts, ", ") + "]";
    }
    default:
      return "";
  }
}

struct ShownAttribute {
  std::string name;
  std::string value;
  bool is_default;
};

std::vector<ShownAttribute> attributes_of(const Node& node, const OpSchema* schema) {
  std::vector<ShownAttribute> shown;
  for (const Attribute& attribute : node.attributes())
    shown.push_back({attribute.name(), surgery::escape(to_string(attribute), 400), false});
  if (schema == nullptr) return shown;
  for (const surgery::schema::AttributeSpec& spec : schema->attributes) {
    std::string value = default_text(spec);
    if (!value.empty() && node.attribute(spec.name) == nullptr) shown.push_back({std::string(spec.name), value, true});
  }
  return shown;
}

/// The operator's name for an input or output; empty without a schema.
std::string parameter_name(const ParameterSpec* spec) { return spec == nullptr ? "" : std::string(spec->name); }

void add_section(std::string& text, const std::string& title, const Table& table) {
  if (!table.empty()) text += title + "\n" + table.to_string(2);
}

std::string operator_text(const Node& node, const OpSchema* schema) {
  const std::string_view domain = surgery::schema::normalize_domain(node.domain());
  std::string text = domain.empty() ? "" : surgery::escape(domain, 60) + ".";
  text += surgery::escape(node.op_type(), 60);
  return schema == nullptr ? text : text + "-" + std::to_string(schema->since_version);
}

}  // namespace

std::string node_text(const Node& node, const Inference& inference) {
  using enum Table::Align;
  const OpSchema* schema = schema_of(node);
  std::string text =
      describe(node) + ": " + operator_text(node, schema) + ", node " + surgery::escape(index_of(node), 200);
  if (const surgery::Function* function = function_of(node)) {
    text += " of function " + surgery::quote(function->domain + "." + function->name);
  }
  text += "\n";
  Table inputs({kRight, kLeft, kLeft, kLeft, kLeft});
  for (size_t i = 0; i < node.inputs().size(); ++i) {
    const Value* value = node.inputs()[i];
    const std::string name = schema == nullptr ? "" : parameter_name(schema->input(i));
    if (value == nullptr) {
      inputs.add({std::to_string(i), name, "(omitted)", "", ""});
    } else {
      inputs.add({std::to_string(i), name, shorten(surgery::escape(value->name(), 120), kNameWidth),
                  type_text(type_of(*value, inference)), source_text(*value)});
    }
  }
  add_section(text, "inputs", inputs);
  Table outputs({kRight, kLeft, kLeft, kLeft, kLeft});
  for (size_t i = 0; i < node.outputs().size(); ++i) {
    const Value* value = node.outputs()[i];
    const std::string name = schema == nullptr ? "" : parameter_name(schema->output(i));
    if (value == nullptr) {
      outputs.add({std::to_string(i), name, "(omitted)", "", ""});
    } else {
      outputs.add({std::to_string(i), name, shorten(surgery::escape(value->name(), 120), kNameWidth),
                   type_text(type_of(*value, inference)), readers_text(*value)});
    }
  }
  add_section(text, "outputs", outputs);
  Table attributes({kLeft, kLeft, kLeft});
  for (const ShownAttribute& attribute : attributes_of(node, schema)) {
    attributes.add({surgery::escape(attribute.name, 60), attribute.value, attribute.is_default ? "(default)" : ""});
  }
  add_section(text, "attributes", attributes);
  return text;
}

Json node_json(const Node& node, const Inference& inference) {
  const OpSchema* schema = schema_of(node);
  Json report{{"index", index_of(node)}, {"name", node.name()}, {"op_type", node.op_type()}, {"domain", node.domain()}};
  report["since_version"] = schema == nullptr ? Json() : Json(schema->since_version);
  report["inputs"] = Json::array();
  for (size_t i = 0; i < node.inputs().size(); ++i) {
    const Value* value = node.inputs()[i];
    Json json = value == nullptr ? to_json("", {}) : to_json(value->name(), type_of(*value, inference));
    json["parameter"] = schema == nullptr ? "" : parameter_name(schema->input(i));
    json["is_weight"] = value != nullptr && value->is_initializer();
    json["producer"] = value == nullptr || value->producer() == nullptr ? Json() : Json(value->producer()->name());
    report["inputs"].push_back(std::move(json));
  }
  report["outputs"] = Json::array();
  for (size_t i = 0; i < node.outputs().size(); ++i) {
    const Value* value = node.outputs()[i];
    Json json = value == nullptr ? to_json("", {}) : to_json(value->name(), type_of(*value, inference));
    json["parameter"] = schema == nullptr ? "" : parameter_name(schema->output(i));
    json["is_graph_output"] = value != nullptr && value->is_graph_output();
    json["readers"] = Json::array();
    if (value != nullptr) {
      for (const surgery::Use& use : value->uses()) {
        json["readers"].push_back({{"node", use.node->name()}, {"op_type", use.node->op_type()}, {"input", use.index}});
      }
    }
    report["outputs"].push_back(std::move(json));
  }
  report["attributes"] = Json::array();
  for (const ShownAttribute& attribute : attributes_of(node, schema)) {
    report["attributes"].push_back(
        {{"name", attribute.name}, {"value", attribute.value}, {"is_default", attribute.is_default}});
  }
  return report;
}

}  // namespace app
