#include "report/node_listing.h"

#include "report/print.h"
#include "report/table.h"
#include "report/tensor_text.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Graph;
using surgery::Node;
using surgery::Value;

constexpr size_t kNameWidth = 48;
constexpr size_t kTensorsWidth = 100;

bool is_wanted(const Node& node, std::string_view glob) {
  return glob.empty() || surgery::matches_glob(glob, node.name()) || surgery::matches_glob(glob, node.op_type());
}

std::vector<ListedNode::Tensor> tensors(std::span<Value* const> values, const surgery::Inference& inference) {
  std::vector<ListedNode::Tensor> listed;
  for (const Value* value : values) {
    ListedNode::Tensor tensor;
    if (value != nullptr) {
      const surgery::Type& inferred = inference.fact(*value).type;
      tensor = {value->name(), inferred.is_known() ? inferred : value->type(), value->is_initializer()};
    }
    listed.push_back(std::move(tensor));
  }
  return listed;
}

void list_graph(const Graph& graph, const std::string& prefix, std::string_view glob,
                const surgery::Inference& inference, std::vector<ListedNode>& listed) {
  int64_t index = 0;
  for (const Node* node = graph.first_node(); node != nullptr; node = node->next(), ++index) {
    const std::string place = prefix + std::to_string(index);
    if (is_wanted(*node, glob)) {
      ListedNode line{place,
                      node->name(),
                      node->op_type(),
                      node->domain(),
                      tensors(node->inputs(), inference),
                      tensors(node->outputs(), inference),
                      {}};
      for (const surgery::Attribute& attribute : node->attributes()) {
        line.attributes.emplace_back(attribute.name(), to_string(attribute));
      }
      listed.push_back(std::move(line));
    }
    for (const surgery::Attribute& attribute : node->attributes()) {
      for (const auto& subgraph : attribute.graphs()) {
        list_graph(*subgraph, place + "." + attribute.name() + ".", glob, inference, listed);
      }
    }
  }
}

std::string shape_text(const surgery::Type& type) {
  if (!type.is_known()) return "";
  if (!type.is_tensor()) return type_text(type);
  return type.shape ? surgery::escape(surgery::to_string(*type.shape)) : "[...]";
}

/// "relu1, conv2_weight [32, 16, 3, 3]": weights with their shape, results by name alone.
std::string inputs_text(const std::vector<ListedNode::Tensor>& inputs) {
  std::vector<std::string> parts;
  for (const ListedNode::Tensor& input : inputs) {
    std::string part = input.name.empty() ? "-" : shorten(surgery::escape(input.name, 80), kNameWidth);
    if (input.is_weight) part += " " + shape_text(input.type);
    parts.push_back(std::move(part));
  }
  return shorten(join(parts, ", "), kTensorsWidth);
}

std::string outputs_text(const std::vector<ListedNode::Tensor>& outputs) {
  std::vector<std::string> parts;
  for (const ListedNode::Tensor& output : outputs) {
    if (output.name.empty()) continue;
    std::string part = shorten(surgery::escape(output.name, 80), kNameWidth);
    if (output.type.is_known()) part += " " + type_text(output.type);
    parts.push_back(std::move(part));
  }
  return shorten(join(parts, ", "), kTensorsWidth);
}

std::string attributes_text(const ListedNode& node) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : node.attributes)
    parts.push_back(surgery::escape(name, 40) + "=" + surgery::escape(value, 400));
  return shorten(join(parts, ", "), kTensorsWidth);
}

}  // namespace

std::vector<ListedNode> list_nodes(const surgery::Model& model, const surgery::Inference& inference,
                                   std::string_view glob) {
  std::vector<ListedNode> listed;
  list_graph(model.graph(), "", glob, inference, listed);
  return listed;
}

std::string to_text(const std::vector<ListedNode>& nodes) {
  using enum Table::Align;
  Table table({kRight, kLeft, kLeft, kLeft, kLeft, kLeft}, {"#", "type", "name", "inputs", "outputs", "attributes"});
  for (const ListedNode& node : nodes) {
    table.add({node.index, surgery::escape(node.op_type, 60), shorten(surgery::escape(node.name, 80), kNameWidth),
               inputs_text(node.inputs), outputs_text(node.outputs), attributes_text(node)});
  }
  return table.to_string();
}

Json to_json(const std::vector<ListedNode>& nodes) {
  const auto to_array = [](const std::vector<ListedNode::Tensor>& tensors) {
    Json array = Json::array();
    for (const ListedNode::Tensor& tensor : tensors) array.push_back(to_json(tensor.name, tensor.type));
    return array;
  };
  Json array = Json::array();
  for (const ListedNode& node : nodes) {
    Json attributes = Json::object();
    for (const auto& [name, value] : node.attributes) attributes[name] = value;
    array.push_back({{"index", node.index},
                     {"name", node.name},
                     {"op_type", node.op_type},
                     {"domain", node.domain},
                     {"inputs", to_array(node.inputs)},
                     {"outputs", to_array(node.outputs)},
                     {"attributes", std::move(attributes)}});
  }
  return array;
}

}  // namespace app
