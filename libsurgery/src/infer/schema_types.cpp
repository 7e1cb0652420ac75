#include "infer/schema_types.h"

#include <bit>

#include "surgery/schema.h"

namespace surgery::infer {
namespace {

DataType element_type_by(const schema::OpSchema& op, const InferContext& c, size_t index) {
  const schema::ParameterSpec* output = op.output(index);
  if (output == nullptr) return DataType::kUndefined;
  const schema::TypeSet& types = *output->types;
  if (std::popcount(types.tensors) == 1 && types.sequences == 0 && types.optionals == 0 && types.maps == 0) {
    return static_cast<DataType>(std::countr_zero(types.tensors));
  }
  for (size_t i = 0; i < c.num_inputs(); ++i) {
    const schema::ParameterSpec* input = op.input(i);
    if (input == nullptr || input->type != output->type || !c.type(i).is_tensor()) continue;
    if (c.element_type(i) != DataType::kUndefined) return c.element_type(i);
  }
  return DataType::kUndefined;
}

}  // namespace

DataType element_type_by_schema(const InferContext& c, size_t index) {
  const schema::OpSchema* op = schema::find(c.node().domain(), c.node().op_type(), c.opset());
  return op != nullptr ? element_type_by(*op, c, index) : DataType::kUndefined;
}

void infer_from_schema(InferContext& c) {
  const schema::OpSchema* op = schema::find(c.node().domain(), c.node().op_type(), c.opset());
  if (op == nullptr) return;
  for (size_t i = 0; i < c.num_outputs(); ++i) {
    const DataType type = element_type_by(*op, c, i);
    if (type != DataType::kUndefined) c.set(i, type);
  }
}

}  // namespace surgery::infer
