#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear (QLinearConv and QLinearMatMul are with their families).
namespace surgery::infer {
namespace {

void set_shape_of_input(InferContext& c, DataType type) {
  const Shape* shape = c.shape(0);
  c.set(0, type, shape != nullptr ? std::optional(*shape) : std::nullopt);
}

/// The type of the zero point; without one what output_dtype says, uint8 by default.
void infer_quantize(InferContext& c) {
  DataType type = c.data_type_or("output_dtype", DataType::kUint8);
  if (c.has_input(2)) type = c.element_type(2);
  set_shape_of_input(c, type);
}

/// The type of the scale (float before opset 19), or what output_dtype says (from 23 on).
void infer_dequantize(InferContext& c) {
  const DataType scale = c.opset() >= 19 ? c.element_type(1) : DataType::kFloat;
  set_shape_of_input(c, c.data_type_or("output_dtype", scale));
}

void infer_dynamic_quantize(InferContext& c) {
  set_shape_of_input(c, DataType::kUint8);
  c.set(1, DataType::kFloat, Shape{});
  c.set(2, DataType::kUint8, Shape{});
}

constexpr Operator kOperators[] = {
    {"DequantizeLinear", infer_dequantize},
    {"DynamicQuantizeLinear", infer_dynamic_quantize},
    {"QuantizeLinear", infer_quantize},
};

}  // namespace

std::span<const Operator> quantization_operators() { return kOperators; }

}  // namespace surgery::infer
