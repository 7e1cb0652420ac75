// MatMulInteger and QLinearMatMul: A and B minus their zero points, one per tensor, per row of A or per column of B.

#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/integer_product.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/matmul_dims.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

/// The dims with which a scale or zero point of A broadcasts: a vector holds a value per row.
Dims row_parameter_dims(const KernelContext& context, size_t input) {
  if (!context.has_input(input)) return {};
  const Dims& dims = context.input(input).dims();
  return dims.size() == 1 && dims[0] != 1 ? Dims{dims[0], 1} : dims;
}

Dims parameter_dims(const KernelContext& context, size_t input) {
  return context.has_input(input) ? context.input(input).dims() : Dims{};
}

void matmul_integer(KernelContext& context) {
  require_8_bits(context, 1);
  MatMulDims dims = matmul_dims(context, context.input(0).dims(), context.input(1).dims());
  Tensor& y = context.output(0, DataType::kInt32, dims.output);
  const Tensor a = centred(context, 0, 2, row_parameter_dims(context, 2));
  const Tensor b = centred(context, 1, 3, parameter_dims(context, 3));
  multiply_exactly(dims, a, b, y.mutable_values<int32_t>().data());
}

/// The strides with which a scale is read over the output; those of one value are 0.
Dims output_strides(const KernelContext& context, size_t input, const Dims& dims, const Dims& output) {
  if (context.input(input).num_elements() == 1) return Dims(output.size(), 0);
  const Dims shapes[] = {output, dims};
  if (dims.size() > output.size() || broadcast_dims(context, shapes) != output) {
    context.fail("input " + std::to_string(input) + " of shape " + dims_text(context.input(input).dims()) +
                 " does not broadcast to the result, " + dims_text(output));
  }
  return broadcast_strides(dims, output);
}

/// Calls visit(first output element, count, multiplier of each) over all of the output, where multiplier(i) is
/// a_scale * b_scale / y_scale.
template <typename Visit>
void for_each_multiplier(const KernelContext& context, const Dims& output, Visit&& visit) {
  const Tensor a_scale = cast_tensor(context, 1, DataType::kFloat);
  const Tensor b_scale = cast_tensor(context, 4, DataType::kFloat);
  const float* a = a_scale.values<float>().data();
  const float* b = b_scale.values<float>().data();
  const float y = cast_tensor(context, 6, DataType::kFloat).values<float>()[0];
  const LoopNest nest(output,
                      {contiguous_strides(output), output_strides(context, 1, row_parameter_dims(context, 1), output),
                       output_strides(context, 4, parameter_dims(context, 4), output)});
  const int64_t steps[] = {nest.run_stride(0), nest.run_stride(1), nest.run_stride(2)};
  nest.for_each_run_parallel([&](const LoopNest::Offsets& offsets, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      visit(offsets[0] + i * steps[0], a[offsets[1] + i * steps[1]] * b[offsets[2] + i * steps[2]] / y);
    }
  });
}

void require_single(const KernelContext& context, size_t input) {
  if (context.input(input).num_elements() == 1) return;
  context.unsupported("input " + std::to_string(input) + " has shape " + dims_text(context.input(input).dims()) +
                      ", expected one value");
}

void qlinear_matmul(KernelContext& context) {
  require_8_bits(context, 3);
  require_single(context, 6);
  require_single(context, 7);
  require_8_bits(context, 7);
  const DataType type = context.input(7).type();
  MatMulDims dims = matmul_dims(context, context.input(0).dims(), context.input(3).dims());
  const Dims output = dims.output;
  Tensor& y = context.output(0, type, output);
  const Tensor a = centred(context, 0, 2, row_parameter_dims(context, 2));
  const Tensor b = centred(context, 3, 5, parameter_dims(context, 5));
  Tensor sums = scratch(context, DataType::kInt32, output);
  multiply_exactly(dims, a, b, sums.mutable_values<int32_t>().data());
  const int32_t* from = sums.values<int32_t>().data();
  const float zero_point = cast_tensor(context, 7, DataType::kFloat).values<float>()[0];
  dispatch<uint8_t, int8_t>(context, type, [&]<typename T>() {
    T* to = mutable_elements<T>(y).data();
    for_each_multiplier(context, output, [&](int64_t i, float multiplier) {
      to[i] = requantized<T>(static_cast<float>(from[i]) * multiplier, zero_point);
    });
  });
}

/// float8 minus its zero point, exact but for values far apart in magnitude.
Tensor centred_float8(const KernelContext& context, size_t data, size_t zero_point) {
  require_single(context, zero_point);
  require_type(context, zero_point, context.input(data).type());
  Tensor values = cast_tensor(context, data, DataType::kFloat);
  const float zero = cast_tensor(context, zero_point, DataType::kFloat).values<float>()[0];
  if (zero != 0) {
    for (float& value : values.mutable_values<float>()) value -= zero;
  }
  return values;
}

constexpr TypeMask kQuantizedFloats = kFloat8s & ~type_bit(DataType::kFloat8E8M0);

/// QLinearMatMul-21 on float8: saturate(A * B * a_scale * b_scale / y_scale + y_zero_point).
void qlinear_matmul_float8(KernelContext& context) {
  for (const size_t input : {size_t{3}, size_t{7}}) {
    if ((kQuantizedFloats & type_bit(context.input(input).type())) == 0) {
      context.unsupported("input " + std::to_string(input) + " is " +
                          std::string(to_string(context.input(input).type())) + " where input 0 is a float8");
    }
  }
  require_single(context, 6);
  require_single(context, 7);
  MatMulDims dims = matmul_dims(context, context.input(0).dims(), context.input(3).dims());
  const Tensor a = centred_float8(context, 0, 2);
  const Tensor b = centred_float8(context, 3, 5);
  Tensor y = scratch(context, DataType::kFloat, dims.output);
  float* to = y.mutable_values<float>().data();
  if (y.num_elements() > 0) dims.place_matrices();
  for (int64_t i = 0; i < dims.num_products(); ++i) {
    multiply(MatrixProduct<float>{.m = dims.m,
                                  .n = dims.n,
                                  .k = dims.k,
                                  .a = a.values<float>().data() + dims.a_offsets[static_cast<size_t>(i)],
                                  .lda = dims.k,
                                  .b = b.values<float>().data() + dims.b_offsets[static_cast<size_t>(i)],
                                  .ldb = dims.n,
                                  .c = to + i * dims.m * dims.n,
                                  .ldc = dims.n});
  }
  const float zero_point = cast_tensor(context, 7, DataType::kFloat).values<float>()[0];
  for_each_multiplier(context, dims.output,
                      [&](int64_t i, float multiplier) { to[i] = to[i] * multiplier + zero_point; });
  context.set_output(0, cast_tensor(context, y, context.input(7).type()));
}

constexpr TypeMask k8Bits = type_mask({DataType::kUint8, DataType::kInt8});

constexpr Kernel kKernels[] = {
    {"MatMulInteger", "", 10, kLatest, k8Bits, 0, matmul_integer},
    {"QLinearMatMul", "", 10, kLatest, k8Bits, 0, qlinear_matmul},
    {"QLinearMatMul", "", 21, kLatest, kQuantizedFloats, 0, qlinear_matmul_float8},
};

}  // namespace

std::span<const Kernel> matmul_integer_kernels() { return kKernels; }

}  // namespace exec::cpu
