#include "edit/batch/find_batch.h"

#include "surgery/text.h"

namespace surgery::batch {
namespace {

std::vector<Value*> data_inputs(Model& model) {
  std::vector<Value*> inputs;
  for (Value* input : model.graph().inputs()) {
    if (!input->is_initializer()) inputs.push_back(input);
  }
  return inputs;
}

void require_shape(const Value& input) {
  const Type& type = input.type();
  if (type.is_known() && !type.is_tensor()) {
    throw Error(ErrorCode::kUnsupported, "input " + quote(input.name()) + " is a " + to_string(type) +
                                             "; which of its axes holds the batch is not known");
  }
  if (!type.shape) {
    throw Error(ErrorCode::kUnsupported, "input " + quote(input.name()) +
                                             " has no declared shape, so no axis that could hold the batch; "
                                             "--set-shape gives it one");
  }
}

Value& leading_input(const std::vector<Value*>& inputs) {
  Value* first = nullptr;
  for (Value* input : inputs) {
    const size_t rank = input->type().shape->size();
    if (rank >= 2) return *input;
    if (rank == 1 && first == nullptr) first = input;
  }
  if (first == nullptr) throw Error(ErrorCode::kUsage, "the model has no input with an axis that could hold a batch");
  return *first;
}

}  // namespace

Batch find_batch(Model& model) {
  const std::vector<Value*> inputs = data_inputs(model);
  for (const Value* input : inputs) require_shape(*input);
  const Value& leader = leading_input(inputs);
  const Shape leading = *leader.type().shape;

  Batch batch;
  if (leading[0].is_known()) batch.size = leading[0].value();
  if (leading[0].is_symbolic()) {
    if (!leading[0].is_plain_symbol()) {
      throw Error(ErrorCode::kUnsupported, "input " + quote(leader.name()) + " has the first dimension " +
                                               escape(leading[0].to_string()) + ", which is not the batch alone");
    }
    batch.symbol = *leading[0].symbols().begin();
  }
  for (Value* input : inputs) {
    const Shape& shape = *input->type().shape;
    if (shape.empty()) continue;
    const bool alike = leading[0].is_unknown() ? shape[0].is_unknown() : shape[0] == leading[0];
    // A vector of one or of unknown length is as likely a parameter as one number per sample.
    const bool sure = shape.size() >= 2 || leading.size() == 1 || batch.size.value_or(1) > 1 || !batch.symbol.empty();
    if (alike && sure) {
      batch.inputs.push_back(input);
    } else if (input != &leader) {
      batch.remarks.push_back("input " + quote(input->name()) + " " + to_string(shape) +
                              " does not carry the batch and was left alone");
    }
  }
  return batch;
}

}  // namespace surgery::batch
