// com.microsoft: operators on 8-bit tensors with a scale and a zero point each. ONNX Runtime is the specification:
// values are calculated in float and rounded half to even.

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/copy.h"
#include "kernels/cpu/dynamic_quantization.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/integer_product.h"
#include "kernels/cpu/standard_kernel.h"
#include "surgery/text.h"

namespace exec::cpu {
namespace {

constexpr std::string_view kDomain = "com.microsoft";
constexpr TypeMask k8Bits = type_mask({DataType::kUint8, DataType::kInt8});

/// One value, whatever the rank; `fallback` where the input is omitted.
float single(const KernelContext& context, size_t input, float fallback = 0) {
  if (!context.has_input(input)) return fallback;
  if (context.input(input).num_elements() != 1) {
    context.fail("input " + std::to_string(input) + " has shape " + dims_text(context.input(input).dims()) +
                 ", expected one value");
  }
  return cast_tensor(context, input, DataType::kFloat).values<float>()[0];
}

/// (x - zero point) * scale, for three inputs in that order: x, scale, zero point.
Tensor dequantized(const KernelContext& context, size_t first) {
  require_8_bits(context, first);
  const float scale = single(context, first + 1, 1);
  single(context, first + 2);
  Tensor values = centred(context, first, first + 2, {});
  for (float& value : values.mutable_values<float>()) value *= scale;
  return values;
}

/// Output 0: the values in the scale and zero point of the inputs `scale` and `scale` + 1.
void give_quantized(KernelContext& context, const Tensor& values, size_t scale, DataType type) {
  const float divisor = single(context, scale, 1);
  const float zero_point = single(context, scale + 1);
  const std::span<const float> from = values.values<float>();
  Tensor& y = context.output(0, type, values.dims());
  dispatch<uint8_t, int8_t>(context, type, [&]<typename T>() {
    const std::span<T> to = mutable_elements<T>(y);
    for (size_t i = 0; i < from.size(); ++i) to[i] = requantized<T>(from[i] / divisor, zero_point);
  });
}

/// QLinearAdd, QLinearMul: A, B with their parameters, then those of the result.
void binary(KernelContext& context, std::string_view op_type) {
  const Tensor a = dequantized(context, 0);
  const Tensor b = dequantized(context, 3);
  const Tensor* inputs[] = {&a, &b};
  give_quantized(context, run_standard(context, op_type, 14, inputs)[0], 6, context.input(0).type());
}

void qlinear_add(KernelContext& context) { binary(context, "Add"); }
void qlinear_mul(KernelContext& context) { binary(context, "Mul"); }

/// QLinearSigmoid, QLinearLeakyRelu: X with its parameters, then those of the result.
void unary(KernelContext& context, std::string_view op_type) {
  const Tensor x = dequantized(context, 0);
  const Tensor* inputs[] = {&x};
  give_quantized(context, run_standard(context, op_type, 16, inputs)[0], 3, context.input(0).type());
}

void qlinear_sigmoid(KernelContext& context) { unary(context, "Sigmoid"); }
void qlinear_leaky_relu(KernelContext& context) { unary(context, "LeakyRelu"); }

Dims channels_first(int64_t rank) {
  Dims order{0, rank - 1};
  for (int64_t axis = 1; axis < rank - 1; ++axis) order.push_back(axis);
  return order;
}

Dims channels_last(int64_t rank) {
  Dims order{0};
  for (int64_t axis = 2; axis < rank; ++axis) order.push_back(axis);
  order.push_back(1);
  return order;
}

/// The pooling operator `op_type` on a tensor whose channels may come last.
Tensor pooled(const KernelContext& context, std::string_view op_type, Tensor x, bool last) {
  if (x.rank() < 3) context.fail("input 0 has shape " + dims_text(x.dims()) + ", expected [N, C, ...]");
  if (last) x = permuted(context, x, channels_first(x.rank()));
  const Tensor* inputs[] = {&x};
  Tensor y = run_standard(context, op_type, 19, inputs)[0];
  return last ? permuted(context, y, channels_last(y.rank())) : y;
}

void qlinear_pool(KernelContext& context, std::string_view op_type) {
  const bool last = context.attr_int("channels_last", 0) != 0;
  give_quantized(context, pooled(context, op_type, dequantized(context, 0), last), 3, context.input(0).type());
}

void qlinear_average_pool(KernelContext& context) { qlinear_pool(context, "AveragePool"); }
void qlinear_global_average_pool(KernelContext& context) { qlinear_pool(context, "GlobalAveragePool"); }

/// NhwcMaxPool: MaxPool on [N, ..., C].
void nhwc_max_pool(KernelContext& context) {
  context.set_output(0, pooled(context, "MaxPool", context.input(0), true));
}

/// QLinearConcat: the scale and zero point of the result, then each tensor with its own.
void qlinear_concat(KernelContext& context) {
  if (context.num_inputs() < 5 || (context.num_inputs() - 2) % 3 != 0) {
    context.fail("it has " + std::to_string(context.num_inputs()) + " inputs, expected 2 and 3 for each tensor");
  }
  std::vector<Tensor> parts;
  for (size_t i = 2; i < context.num_inputs(); i += 3) parts.push_back(dequantized(context, i));
  std::vector<const Tensor*> inputs;
  inputs.reserve(parts.size());
  for (const Tensor& part : parts) inputs.push_back(&part);
  const Tensor joined = run_standard(context, "Concat", 13, inputs)[0];
  give_quantized(context, joined, 0, context.input(2).type());
}

/// An input that is one value or one per column.
class PerColumn {
 public:
  PerColumn(const KernelContext& context, size_t input, int64_t columns, float fallback) : fallback_(fallback) {
    if (!context.has_input(input)) return;
    values_ = cast_tensor(context, input, DataType::kFloat);
    is_single_ = values_.num_elements() == 1;
    if (!is_single_ && values_.dims() != Dims{columns}) {
      context.fail("input " + std::to_string(input) + " has shape " + dims_text(values_.dims()) +
                   ", expected one value or [" + std::to_string(columns) + "]");
    }
  }
  float at(int64_t column) const {
    if (!values_.is_defined()) return fallback_;
    return values_.values<float>()[static_cast<size_t>(is_single_ ? 0 : column)];
  }

 private:
  float fallback_;
  Tensor values_;
  bool is_single_ = false;
};

/// Output 0 as float: integer sums * a_scale * b_scale + bias.
void give_scaled(KernelContext& context, MatMulDims& dims, const Tensor& a, const Tensor& b, float a_scale,
                 size_t b_scale_input, size_t bias_input) {
  const Dims output = dims.output;
  float* y = context.output(0, DataType::kFloat, output).mutable_values<float>().data();
  Tensor sums = scratch(context, DataType::kInt32, output);
  multiply_exactly(dims, a, b, sums.mutable_values<int32_t>().data());
  const PerColumn b_scale(context, b_scale_input, dims.n, 1);
  if (context.has_input(bias_input)) require_shape(context, bias_input, {dims.n});
  const PerColumn bias(context, bias_input, dims.n, 0);
  const std::span<const int32_t> from = sums.values<int32_t>();
  for (size_t i = 0; i < from.size(); ++i) {
    const int64_t column = static_cast<int64_t>(i) % dims.n;
    y[i] = static_cast<float>(from[i]) * (a_scale * b_scale.at(column)) + bias.at(column);
  }
}

/// The dims of a zero point of B, which is one value or one per column.
Dims column_dims(const KernelContext& context, size_t input) {
  if (!context.has_input(input) || context.input(input).num_elements() == 1) return {};
  return context.input(input).dims();
}

/// MatMulIntegerToFloat: A, B, a_scale, b_scale, a_zero_point, b_zero_point, bias.
void matmul_integer_to_float(KernelContext& context) {
  require_8_bits(context, 1);
  MatMulDims dims = matmul_dims(context, context.input(0).dims(), context.input(1).dims());
  single(context, 4);
  const Tensor a = centred(context, 0, 4, {});
  const Tensor b = centred(context, 1, 5, column_dims(context, 5));
  give_scaled(context, dims, a, b, single(context, 2, 1), 3, 6);
}

/// DynamicQuantizeMatMul: A (float), B, b_scale, b_zero_point, bias.
void dynamic_quantize_matmul(KernelContext& context) {
  require_8_bits(context, 1);
  const Tensor& a = context.input(0);
  MatMulDims dims = matmul_dims(context, a.dims(), context.input(1).dims());
  Tensor bytes = scratch(context, DataType::kUint8, a.dims());
  const DynamicQuantization found = quantize_dynamically(a.values<float>(), bytes.mutable_values<uint8_t>());
  Tensor values = cast_tensor(context, bytes, DataType::kFloat);
  for (float& value : values.mutable_values<float>()) value -= static_cast<float>(found.zero_point);
  const Tensor b = centred(context, 1, 3, column_dims(context, 3));
  give_scaled(context, dims, values, b, found.scale, 2, 4);
}

/// C of QGemm at (row, column), in 32-bit integers; it broadcasts to the result.
class IntegerBias {
 public:
  IntegerBias(const KernelContext& context, size_t input, const Dims& output) {
    if (!context.has_input(input)) return;
    require_type(context, input, DataType::kInt32);
    const Dims& dims = context.input(input).dims();
    const Dims shapes[] = {output, dims};
    if (dims.size() > 2 || broadcast_dims(context, shapes) != output) {
      context.fail("C has shape " + dims_text(dims) + ", which does not broadcast to " + dims_text(output));
    }
    strides_ = broadcast_strides(dims, output);
    values_ = context.input(input).values<int32_t>().data();
  }
  uint32_t at(int64_t row, int64_t column) const {
    return values_ == nullptr ? 0 : static_cast<uint32_t>(values_[row * strides_[0] + column * strides_[1]]);
  }

 private:
  const int32_t* values_ = nullptr;
  Dims strides_;
};

/// QGemm: A, a_scale, a_zero_point, B, b_scale, b_zero_point, C, y_scale, y_zero_point; float where y_scale is omitted.
void qgemm(KernelContext& context) {
  require_8_bits(context, 3);
  require_rank(context, 0, 2);
  require_rank(context, 3, 2);
  single(context, 2);
  const bool swaps_a = context.attr_int("transA", 0) != 0;
  const bool swaps_b = context.attr_int("transB", 0) != 0;
  Tensor a = centred(context, 0, 2, {});
  if (swaps_a) a = permuted(context, a, {1, 0});
  // Its zero points are per column of the product: rows of a B that is stored the other way round.
  Dims points = column_dims(context, 5);
  if (swaps_b && !points.empty()) points.push_back(1);
  Tensor b = centred(context, 3, 5, points);
  if (swaps_b) b = permuted(context, b, {1, 0});
  MatMulDims dims = matmul_dims(context, a.dims(), b.dims());
  Tensor sums = scratch(context, DataType::kInt32, dims.output);
  multiply_exactly(dims, a, b, sums.mutable_values<int32_t>().data());
  const IntegerBias bias(context, 6, dims.output);
  const PerColumn b_scale(context, 4, dims.n, 1);
  const float scale = context.attr_float("alpha", 1) * single(context, 1, 1);
  const int32_t* from = sums.values<int32_t>().data();
  const auto value = [&](int64_t i) {
    const int64_t column = i % dims.n;
    const auto sum = static_cast<int32_t>(static_cast<uint32_t>(from[i]) + bias.at(i / dims.n, column));
    return static_cast<float>(sum) * (scale * b_scale.at(column));
  };
  if (!context.has_input(7)) {
    float* to = context.output(0, DataType::kFloat, dims.output).mutable_values<float>().data();
    for (int64_t i = 0; i < sums.num_elements(); ++i) to[i] = value(i);
    return;
  }
  require_8_bits(context, 8);
  const float y_scale = single(context, 7, 1);
  const float zero_point = single(context, 8);
  Tensor& y = context.output(0, context.input(8).type(), dims.output);
  dispatch<uint8_t, int8_t>(context, y.type(), [&]<typename T>() {
    T* to = mutable_elements<T>(y).data();
    for (int64_t i = 0; i < sums.num_elements(); ++i) to[i] = requantized<T>(value(i) / y_scale, zero_point);
  });
}

constexpr Kernel kKernels[] = {
    {"DynamicQuantizeMatMul", kDomain, 1, kLatest, type_bit(DataType::kFloat), 0, dynamic_quantize_matmul},
    {"MatMulIntegerToFloat", kDomain, 1, kLatest, k8Bits, 0, matmul_integer_to_float},
    {"NhwcMaxPool", kDomain, 1, kLatest, k8Bits, 0, nhwc_max_pool},
    {"QGemm", kDomain, 1, kLatest, k8Bits, 0, qgemm},
    {"QLinearAdd", kDomain, 1, kLatest, k8Bits, 0, qlinear_add},
    {"QLinearAveragePool", kDomain, 1, kLatest, k8Bits, 0, qlinear_average_pool},
    {"QLinearConcat", kDomain, 1, kLatest, k8Bits, 2, qlinear_concat},
    {"QLinearGlobalAveragePool", kDomain, 1, kLatest, k8Bits, 0, qlinear_global_average_pool},
    {"QLinearLeakyRelu", kDomain, 1, kLatest, k8Bits, 0, qlinear_leaky_relu},
    {"QLinearMul", kDomain, 1, kLatest, k8Bits, 0, qlinear_mul},
    {"QLinearSigmoid", kDomain, 1, kLatest, k8Bits, 0, qlinear_sigmoid},
};

}  // namespace

std::span<const Kernel> contrib_quantized_kernels() { return kKernels; }

}  // namespace exec::cpu
