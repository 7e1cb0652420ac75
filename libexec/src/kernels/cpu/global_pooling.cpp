#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

/// The sum in double, kept in a fixed number of partial sums.
template <typename T>
double sum_of(const T* values, int64_t count) {
  constexpr int64_t kLanes = 8;
  std::array<double, kLanes> partial{};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      partial[static_cast<size_t>(lane)] += static_cast<double>(values[i + lane]);
    }
  }
  double sum = 0;
  for (const double part : partial) sum += part;
  for (; i < count; ++i) sum += static_cast<double>(values[i]);
  return sum;
}

/// Calls reduce(plane, size) for each [spatial...] plane of X [N, C, spatial...], giving Y [N, C, 1, ...].
template <typename T, typename Reduce>
void reduce_planes(KernelContext& context, const Reduce& reduce) {
  const Tensor& x = context.input(0);
  if (x.rank() < 2) context.fail("input 0 has shape " + dims_text(x.dims()) + ", expected [N, C, ...]");
  Dims dims = x.dims();
  std::fill(dims.begin() + 2, dims.end(), 1);
  const int64_t planes = product(x.dims(), 0, 2);
  const int64_t size = product(x.dims(), 2, x.rank());
  const T* values = elements<T>(x).data();
  T* y = mutable_elements<T>(context.output(0, x.type(), std::move(dims))).data();
  parallel_for(planes, std::max<int64_t>(32768 / std::max<int64_t>(size, 1), 1), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) y[plane] = reduce(values + plane * size, size);
  });
}

/// GlobalAveragePool-22 and before.
template <typename T>
void run_global_average_pool(KernelContext& context) {
  reduce_planes<T>(context, [](const T* plane, int64_t size) {
    return static_cast<T>(sum_of(plane, size) / static_cast<double>(size));
  });
}

/// GlobalMaxPool-22 and before; a NaN wins.
template <typename T>
void run_global_max_pool(KernelContext& context) {
  reduce_planes<T>(context, [](const T* plane, int64_t size) {
    T best = -std::numeric_limits<T>::infinity();
    for (int64_t i = 0; i < size; ++i) best = plane[i] > best || std::isnan(plane[i]) ? plane[i] : best;
    return best;
  });
}

/// GlobalLpPool-22 and before; p was a float at first.
template <typename T>
void run_global_lp_pool(KernelContext& context) {
  const surgery::Attribute* attribute = context.attribute("p");
  const bool is_float = attribute != nullptr && attribute->get_if<float>() != nullptr;
  const double p = is_float ? context.attr_float("p", 2.0F) : static_cast<double>(context.attr_int("p", 2));
  if (!(p > 0)) context.fail("attribute 'p' is " + std::to_string(p) + ", expected a positive number");
  reduce_planes<T>(context, [p](const T* plane, int64_t size) {
    double sum = 0;
    for (int64_t i = 0; i < size; ++i) sum += std::pow(std::fabs(static_cast<double>(plane[i])), p);
    return static_cast<T>(std::pow(sum, 1.0 / p));
  });
}

constexpr Kernel kKernels[] = {
    {"GlobalAveragePool", "", 1, kLatest, type_bit(DataType::kFloat), 0, run_global_average_pool<float>},
    {"GlobalAveragePool", "", 1, kLatest, type_bit(DataType::kDouble), 0, run_global_average_pool<double>},
    {"GlobalAveragePool", "", 1, kLatest, kHalfFloats, 0, widened<run_global_average_pool<float>>},
    {"GlobalMaxPool", "", 1, kLatest, type_bit(DataType::kFloat), 0, run_global_max_pool<float>},
    {"GlobalMaxPool", "", 1, kLatest, type_bit(DataType::kDouble), 0, run_global_max_pool<double>},
    {"GlobalMaxPool", "", 1, kLatest, kHalfFloats, 0, widened<run_global_max_pool<float>>},
    {"GlobalLpPool", "", 1, kLatest, type_bit(DataType::kFloat), 0, run_global_lp_pool<float>},
    {"GlobalLpPool", "", 1, kLatest, type_bit(DataType::kDouble), 0, run_global_lp_pool<double>},
    {"GlobalLpPool", "", 1, kLatest, kHalfFloats, 0, widened<run_global_lp_pool<float>>},
};

}  // namespace

std::span<const Kernel> global_pooling_kernels() { return kKernels; }

}  // namespace exec::cpu
