#include "kernels/cpu/pooling.h"

#include <string>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// The window that the node's attributes describe, and the output it makes.
template <typename T>
Pooling<T> prepare(KernelContext& context) {
  const Tensor& x = context.input(0);
  const Dims spatial = spatial_dims(context);
  const Dims kernel = read_axis_values(context, "kernel_shape", spatial.size(), 0, 1);
  if (context.attribute("kernel_shape") == nullptr) context.fail("attribute 'kernel_shape' is missing");
  Pooling<T> pooling;
  const bool ceil_mode = context.attr_int("ceil_mode", 0) != 0;
  pooling.window = read_window(context, spatial, kernel, ceil_mode ? WindowFit::kPartially : WindowFit::kWhole);
  pooling.planes = product(x.dims(), 0, 2);
  pooling.x = elements<T>(x).data();
  Dims dims(x.dims().begin(), x.dims().begin() + 2);
  dims.insert(dims.end(), pooling.window.output.begin(), pooling.window.output.end());
  pooling.y = mutable_elements<T>(context.output(0, x.type(), std::move(dims))).data();
  return pooling;
}

/// MaxPool-22 and before: Y and, from opset 8 on, Indices.
template <typename T>
void run_max_pool(KernelContext& context) {
  const Pooling<T> pooling = prepare<T>(context);
  if (!context.has_output(1)) return max_pool(pooling);
  Dims dims(context.input(0).dims().begin(), context.input(0).dims().begin() + 2);
  dims.insert(dims.end(), pooling.window.output.begin(), pooling.window.output.end());
  Tensor& indices = context.output(1, DataType::kInt64, std::move(dims));
  max_pool_with_indices(pooling, context.attr_int("storage_order", 0) == 1, indices.mutable_values<int64_t>().data());
}

/// AveragePool-22 and before.
template <typename T>
void run_average_pool(KernelContext& context) {
  average_pool(prepare<T>(context), context.attr_int("count_include_pad", 0) != 0);
}

/// p was a float in the first version of the Lp operators.
double read_p(const KernelContext& context) {
  const surgery::Attribute* attribute = context.attribute("p");
  const bool is_float = attribute != nullptr && attribute->get_if<float>() != nullptr;
  const double p = is_float ? context.attr_float("p", 2.0F) : static_cast<double>(context.attr_int("p", 2));
  if (!(p > 0)) context.fail("attribute 'p' is " + std::to_string(p) + ", expected a positive number");
  return p;
}

/// LpPool-22 and before.
template <typename T>
void run_lp_pool(KernelContext& context) {
  lp_pool(prepare<T>(context), read_p(context));
}

constexpr Kernel kKernels[] = {
    {"MaxPool", "", 1, kLatest, type_bit(DataType::kFloat), 0, run_max_pool<float>},
    {"MaxPool", "", 1, kLatest, type_bit(DataType::kDouble), 0, run_max_pool<double>},
    {"MaxPool", "", 1, kLatest, kHalfFloats, 0, widened<run_max_pool<float>>},
    {"MaxPool", "", 12, kLatest, type_bit(DataType::kInt8), 0, run_max_pool<int8_t>},
    {"MaxPool", "", 12, kLatest, type_bit(DataType::kUint8), 0, run_max_pool<uint8_t>},
    {"AveragePool", "", 1, kLatest, type_bit(DataType::kFloat), 0, run_average_pool<float>},
    {"AveragePool", "", 1, kLatest, type_bit(DataType::kDouble), 0, run_average_pool<double>},
    {"AveragePool", "", 1, kLatest, kHalfFloats, 0, widened<run_average_pool<float>>},
    {"LpPool", "", 1, kLatest, type_bit(DataType::kFloat), 0, run_lp_pool<float>},
    {"LpPool", "", 1, kLatest, type_bit(DataType::kDouble), 0, run_lp_pool<double>},
    {"LpPool", "", 1, kLatest, kHalfFloats, 0, widened<run_lp_pool<float>>},
};

}  // namespace

std::span<const Kernel> pooling_kernels() { return kKernels; }

}  // namespace exec::cpu
