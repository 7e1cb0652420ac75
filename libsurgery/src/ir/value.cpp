#include "surgery/model.h"

namespace surgery {
namespace {

/// The tensor of a Constant node from whichever of its attributes is there (Constant-13: exactly one of seven).
std::shared_ptr<const Tensor> tensor_of_constant(const Node& node) {
  if (node.attributes().size() != 1) return nullptr;
  const Attribute& attribute = node.attributes()[0];
  if (!attribute.ref_attr_name().empty()) return nullptr;  // known only per call of the function
  const auto share = [](Tensor tensor) { return std::make_shared<const Tensor>(std::move(tensor)); };
  if (const auto* tensor = attribute.get_if<Tensor>()) return share(*tensor);
  if (const auto* number = attribute.get_if<float>()) return share(Tensor::scalar(*number));
  if (const auto* number = attribute.get_if<int64_t>()) return share(Tensor::scalar(*number));
  if (const auto* text = attribute.get_if<std::string>()) return share(Tensor::from_strings({}, {*text}));
  if (const auto* numbers = attribute.get_if<std::vector<int64_t>>()) return share(Tensor::vector(*numbers));
  if (const auto* numbers = attribute.get_if<std::vector<float>>()) {
    return share(Tensor::from_values<float>(DataType::kFloat, {static_cast<int64_t>(numbers->size())}, *numbers));
  }
  if (const auto* texts = attribute.get_if<std::vector<std::string>>()) {
    return share(Tensor::from_strings({static_cast<int64_t>(texts->size())}, *texts));
  }
  return nullptr;
}

}  // namespace

std::shared_ptr<const Tensor> Value::constant() const {
  // Before IR version 4 every initializer had to be an input too, and runtimes treat those as constants.
  const bool overridable = is_input_ && graph_->model().ir_version() >= 4;
  return overridable ? nullptr : initializer_;
}

std::shared_ptr<const Tensor> constant_of(const Value& value) {
  if (value.producer() == nullptr) return value.constant();
  return value.producer()->is("Constant") ? tensor_of_constant(*value.producer()) : nullptr;
}

}  // namespace surgery
