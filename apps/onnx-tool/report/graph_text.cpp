#include "report/graph_text.h"

#include <cctype>
#include <utility>

#include "report/print.h"
#include "report/tensor_text.h"
#include "surgery/neighbourhood.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Attribute;
using surgery::Graph;
using surgery::Inference;
using surgery::Model;
using surgery::Node;
using surgery::Type;
using surgery::Value;

constexpr size_t kListShown = 16;

std::string name_text(const Value& value) { return "%" + surgery::escape(value.name(), 120); }

/// "Float(10,3,224,224)", "Int64(...)" without a rank; other kinds as to_string() has them.
std::string call_type_text(const Type& type) {
  if (!type.is_tensor()) return type_text(type);
  std::string text(surgery::to_string(type.element_type));
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  if (!type.shape) return text + "(...)";
  std::vector<std::string> dims;
  for (const surgery::Dim& dim : *type.shape) dims.push_back(surgery::escape(dim.to_string(), 60));
  return text + "(" + join(dims, ",") + ")";
}

/// "[2,2]" for a list of integers; others as listings show them.
std::string value_text(const Attribute& attribute) {
  const auto* numbers = attribute.get_if<std::vector<int64_t>>();
  if (numbers == nullptr || !attribute.ref_attr_name().empty()) return surgery::escape(to_string(attribute), 400);
  std::vector<std::string> parts;
  for (const int64_t number : *numbers) {
    if (parts.size() == kListShown) {
      parts.emplace_back("...");
      break;
    }
    parts.push_back(std::to_string(number));
  }
  return "[" + join(parts, ",") + "]";
}

class Writer {
 public:
  explicit Writer(const Inference& inference) : inference_(inference) {}

  void write_graph(const Graph& graph, const std::string& head, const std::string& indent) {
    std::vector<std::string> inputs;
    for (const Value* input : graph.inputs()) {
      if (!input->is_initializer()) inputs.push_back(declaration(*input));
    }
    text_ += head + "(" + join(inputs, ", ") + ") {\n";
    const std::string inner = indent + "  ";
    for (const Value* weight : graph.initializers()) text_ += inner + declaration(*weight) + "\n";
    for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) write_node(*node, inner);
    std::vector<std::string> outputs;
    for (const Value* output : graph.outputs()) outputs.push_back(output != nullptr ? name_text(*output) : "");
    text_ += inner + "return " + join(outputs, ", ") + "\n" + indent + "}\n";
  }

  std::string take() { return std::move(text_); }

 private:
  Type type_of(const Value& value) const {
    if (value.initializer() != nullptr) {
      const auto& dims = value.initializer()->dims();
      return Type::tensor(value.initializer()->type(), surgery::Shape(dims.begin(), dims.end()));
    }
    const Type& inferred = inference_.fact(value).type;
    return inferred.is_known() ? inferred : value.type();
  }

  std::string declaration(const Value& value) const {
    return name_text(value) + " : " + call_type_text(type_of(value));
  }

  void write_node(const Node& node, const std::string& indent) {
    std::vector<std::string> outputs;
    std::vector<std::string> types;
    for (const Value* output : node.outputs()) {
      outputs.push_back(output != nullptr ? name_text(*output) : "_");
      if (output != nullptr) types.push_back(call_type_text(type_of(*output)));
    }
    std::vector<std::string> inputs;
    for (const Value* input : node.inputs()) inputs.push_back(input != nullptr ? name_text(*input) : "_");
    std::vector<std::string> attributes;
    for (const Attribute& attribute : node.attributes()) {
      if (attribute.graphs().empty()) {
        attributes.push_back(surgery::escape(attribute.name(), 60) + "=" + value_text(attribute));
      }
    }
    std::string line = indent + join(outputs, ", ") + (outputs.empty() ? "" : " = ");
    if (!node.domain().empty() && node.domain() != "ai.onnx") line += surgery::escape(node.domain(), 60) + ".";
    line += surgery::escape(node.op_type(), 60);
    if (!attributes.empty()) line += "[" + join(attributes, ", ") + "]";
    line += "(" + join(inputs, ", ") + ")";
    if (!types.empty()) line += "  # " + join(types, ", ");
    text_ += line + "\n";
    for (const Attribute& attribute : node.attributes()) {
      for (const auto& graph : attribute.graphs()) {
        write_graph(*graph, indent + "  " + surgery::escape(attribute.name(), 60) + " = graph", indent + "  ");
      }
    }
  }

  const Inference& inference_;
  std::string text_;
};

/// Nodes and edges of a graph and of what is below it; `place` is "" for the main graph, "12.body" for a subgraph.
void add_graph(const Graph& graph, const std::string& place, const Inference& inference, Json& report) {
  for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
    Json scopes = Json::array();
    for (const std::string_view scope : surgery::scopes_of(*node)) scopes.push_back(scope);
    report["nodes"].push_back({{"id", node->id()},
                               {"name", node->name()},
                               {"op_type", node->op_type()},
                               {"domain", node->domain()},
                               {"scopes", std::move(scopes)},
                               {"graph", place}});
    for (const Attribute& attribute : node->attributes()) {
      for (const auto& inner : attribute.graphs()) {
        add_graph(*inner, (place.empty() ? "" : place + ".") + std::to_string(node->id()) + "." + attribute.name(),
                  inference, report);
      }
    }
  }
  for (const Value* value : graph.values()) {
    const Type& inferred = inference.fact(*value).type;
    const Json base = to_json(value->name(), inferred.is_known() ? inferred : value->type());
    const auto add_edge = [&](Json to, Json input) {
      Json edge{{"tensor", value->name()}};
      edge["from"] = value->producer() != nullptr ? Json(value->producer()->id()) : Json();
      edge["to"] = std::move(to);
      edge["input"] = std::move(input);
      edge["type"] = base["type"];
      if (base.contains("shape")) edge["shape"] = base["shape"];
      report["edges"].push_back(std::move(edge));
    };
    for (const surgery::Use& use : value->uses()) add_edge(use.node->id(), use.index);
    if (value->is_graph_output()) add_edge({}, {});
  }
}

}  // namespace

std::string graph_text(const Model& model, const Inference& inference) {
  Writer writer(inference);
  writer.write_graph(model.graph(), "graph", "");
  for (const surgery::Function& function : model.functions()) {
    writer.write_graph(*function.body,
                       "function " + surgery::escape(function.domain, 60) + "." + surgery::escape(function.name, 60),
                       "");
  }
  return writer.take();
}

Json graph_json(const Model& model, const Inference& inference) {
  Json report{{"nodes", Json::array()}, {"edges", Json::array()}};
  add_graph(model.graph(), "", inference, report);
  return report;
}

}  // namespace app
