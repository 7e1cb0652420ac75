#include "edit/dims/constant_folder.h"

#include <algorithm>

#include "surgery/schema.h"

namespace surgery::dims {
namespace {

constexpr int kMaxDepth = 200;
constexpr int64_t kMaxElements = int64_t{1} << 24;

bool is_small(const Value& value, const Inference& inference) {
  const auto dims = inference.static_shape(value);
  if (!dims) return false;
  int64_t elements = 1;
  for (const int64_t dim : *dims) {
    if (dim > kMaxElements || elements > kMaxElements) return false;
    elements *= dim;
  }
  return elements <= kMaxElements;
}

}  // namespace

/// A constant, or sizes that inference knows.
std::shared_ptr<const Tensor> ConstantFolder::known(const Value& value) const {
  if (std::shared_ptr<const Tensor> constant = constant_of(value)) return constant;
  const Fact& fact = inference_.fact(value);
  if (!fact.content || !fact.type.is_tensor() || fact.type.element_type != DataType::kInt64) return nullptr;
  const auto dims = inference_.static_shape(value);
  const auto numbers = static_dims(Shape(fact.content->begin(), fact.content->end()));
  if (!dims || !numbers) return nullptr;
  return std::make_shared<const Tensor>(Tensor::from_values<int64_t>(DataType::kInt64, *dims, *numbers));
}

std::shared_ptr<const Tensor> ConstantFolder::fold(const Value& value, int depth) {
  if (const auto done = folded_.find(&value); done != folded_.end()) return done->second;
  std::shared_ptr<const Tensor> tensor = known(value);
  folded_[&value] = tensor;
  const Node* node = value.producer();
  if (tensor != nullptr || node == nullptr || depth > kMaxDepth || evaluator_ == nullptr) return tensor;
  compute(*node, depth);
  return folded_[&value];
}

void ConstantFolder::compute(const Node& node, int depth) {
  const auto* schema = schema::find(node.domain(), node.op_type(), model_.opset(node.domain()).value_or(1));
  if (schema == nullptr || schema->is_nondeterministic() || node.has_subgraphs()) return;
  for (const Value* output : node.outputs()) {
    if (output != nullptr && !is_small(*output, inference_)) return;
  }
  std::vector<std::shared_ptr<const Tensor>> kept;
  std::vector<const Tensor*> inputs;
  for (const Value* input : node.inputs()) {
    kept.push_back(input != nullptr ? fold(*input, depth + 1) : nullptr);
    if (input != nullptr && kept.back() == nullptr) return;
    inputs.push_back(kept.back().get());
  }
  try {
    if (!evaluator_->supports(node, inputs)) return;
    std::vector<Tensor> results = evaluator_->evaluate(node, inputs);
    for (size_t i = 0; i < std::min(results.size(), node.outputs().size()); ++i) {
      const Value* output = node.output(i);
      if (output == nullptr || !results[i].is_defined()) continue;
      folded_[output] = std::make_shared<const Tensor>(std::move(results[i]));
    }
  } catch (const Error&) {  // not to be had this way
  }
}

}  // namespace surgery::dims
