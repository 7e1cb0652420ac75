#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "surgery/model.h"

/// Small models for tests, a line per node. Names stand for values; "" is an omitted input or output.
class ModelBuilder {
 public:
  explicit ModelBuilder(int64_t opset = 13) : model_(surgery::create_model(opset)) {}

  surgery::Value& input(std::string name, surgery::Shape shape, surgery::DataType type = surgery::DataType::kFloat) {
    return graph().add_input(std::move(name), surgery::Type::tensor(type, std::move(shape)));
  }
  /// An int64 vector.
  surgery::Value& ints(std::string name, std::vector<int64_t> values) {
    return graph().add_initializer(std::move(name), surgery::Tensor::vector(values));
  }
  /// A float weight with elements 0, step, 2*step, ...
  surgery::Value& weight(std::string name, std::vector<int64_t> dims, float step = 0.01F) {
    surgery::Tensor tensor = surgery::Tensor::zeros(surgery::DataType::kFloat, std::move(dims));
    float value = 0;
    for (float& element : tensor.mutable_values<float>()) {
      element = value;
      value += step;
    }
    return graph().add_initializer(std::move(name), std::move(tensor));
  }
  surgery::Node& node(std::string op_type, std::initializer_list<std::string_view> inputs,
                      std::initializer_list<std::string_view> outputs, std::string name = {},
                      std::vector<surgery::Attribute> attributes = {}) {
    surgery::NodeSpec spec;
    spec.op_type = std::move(op_type);
    spec.name = std::move(name);
    for (const std::string_view input : inputs) spec.inputs.push_back(input.empty() ? nullptr : &value(input));
    for (const std::string_view output : outputs) spec.output_names.emplace_back(output);
    spec.attributes = std::move(attributes);
    return graph().insert_before(nullptr, std::move(spec));
  }
  /// Lists a value as an output, declared with that type.
  surgery::Value& output(std::string_view name, surgery::Shape shape,
                         surgery::DataType type = surgery::DataType::kFloat) {
    surgery::Value& found = value(name);
    graph().set_type(found, surgery::Type::tensor(type, std::move(shape)));
    graph().add_output(found);
    return found;
  }
  void value_info(std::string_view name, surgery::Shape shape) {
    graph().set_type(value(name), surgery::Type::tensor(surgery::DataType::kFloat, std::move(shape)));
    graph().set_value_info(value(name), true);
  }

  surgery::Model& model() { return *model_; }
  surgery::Graph& graph() { return model_->graph(); }
  surgery::Value& value(std::string_view name) {
    surgery::Value* found = graph().find(name);
    if (found == nullptr) throw std::logic_error("no value " + std::string(name));
    return *found;
  }
  surgery::Node& find_node(std::string_view name) {
    for (surgery::Node* node = graph().first_node(); node != nullptr; node = node->next()) {
      if (node->name() == name) return *node;
    }
    throw std::logic_error("no node " + std::string(name));
  }
  /// The declared type of a value as text: "float[3, 8]".
  std::string type_of(std::string_view name) { return surgery::to_string(value(name).type()); }

  /// "Conv Relu Reshape": the operators of the main graph in order.
  std::string operators() {
    std::string text;
    for (const surgery::Node* node = graph().first_node(); node != nullptr; node = node->next()) {
      text += (text.empty() ? "" : " ") + node->op_type();
    }
    return text;
  }

  /// A list of attributes, which cannot be copied out of an initializer list.
  template <typename... Attributes>
  static std::vector<surgery::Attribute> attributes(Attributes&&... attribute) {
    std::vector<surgery::Attribute> list;
    (list.push_back(std::forward<Attributes>(attribute)), ...);
    return list;
  }

 private:
  std::unique_ptr<surgery::Model> model_;
};
