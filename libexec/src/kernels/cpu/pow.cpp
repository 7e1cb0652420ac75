// Pow: the exponent may have another type than the base, which gives the result's type.

#include <cmath>

#include "kernels/cpu/binary.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/map.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

template <typename T>
T integer_power(T base, T exponent) {
  if constexpr (std::is_signed_v<T>) {
    if (exponent < 0) return base == 1 ? T{1} : base == -1 ? (exponent % 2 != 0 ? T{-1} : T{1}) : T{0};
  }
  uint64_t result = 1;
  auto factor = static_cast<uint64_t>(+base);
  for (auto rest = static_cast<uint64_t>(+exponent); rest != 0; rest >>= 1U) {
    if ((rest & 1U) != 0) result *= factor;
    factor *= factor;
  }
  return static_cast<T>(result);
}

struct Pow {
  template <typename T>
  static T apply(T base, T exponent) {
    if constexpr (std::is_integral_v<T>) {
      return integer_power(base, exponent);
    } else {
      return std::pow(base, exponent);
    }
  }
};

/// The exponent as numbers of the base's type, or of double where that holds more.
template <typename T>
Tensor converted(const KernelContext& context, const Tensor& source) {
  Tensor result = Tensor::zeros(data_type_of<T>(), source.dims());
  dispatch_numbers(context, source.type(), [&]<typename From>() {
    map_elements(source.values<From>(), result.mutable_values<T>(), [](From x) { return static_cast<T>(x); });
  });
  return result;
}

void pow_double(KernelContext& context, const Dims& exponent_dims, const Dims& dims) {
  const DataType type = context.input(0).type();
  Tensor& output = context.output(0, type, dims);
  const Tensor base = converted<double>(context, context.input(0));
  const Tensor exponent = converted<double>(context, context.input(1));
  Tensor power = Tensor::zeros(DataType::kDouble, dims);
  run_binary(binary_run<double, double, Pow>, base, base.dims(), exponent, exponent_dims, power);
  dispatch_numbers(context, type, [&]<typename T>() {
    map_elements(static_cast<const Tensor&>(power).values<double>(), output.mutable_values<T>(), [](double x) {
      if constexpr (std::is_floating_point_v<T>) {
        return static_cast<T>(x);
      } else {
        // Outside of what int64 holds there is no right answer, but there must be one.
        return std::abs(x) < 0x1p63 ? static_cast<T>(static_cast<int64_t>(x)) : T{0};
      }
    });
  });
}

void pow(KernelContext& context) {
  const Tensor& base = context.input(0);
  const Tensor& exponent = context.input(1);
  if (is_half(exponent.type())) return run_widened(context, pow, 0);
  const Dims exponent_dims = second_dims(context);
  const Dims shapes[] = {base.dims(), exponent_dims};
  const Dims dims = broadcast_dims(context, shapes);
  const bool same = base.type() == exponent.type();
  const bool both_integer = surgery::is_integer(base.type()) && surgery::is_integer(exponent.type());
  dispatch_numbers(context, base.type(), [&]<typename T>() {
    if constexpr (std::is_floating_point_v<T>) {
      // x^2, the usual case, is x * x, rounded once either way.
      const bool is_square = exponent.num_elements() == 1 && exponent.to_doubles(1) == std::vector<double>{2.0};
      if (is_square && dims == base.dims()) return map_input<T>(context, [](T x) { return x * x; });
    }
    if constexpr (std::is_same_v<T, float>) {
      // For x^3, which GELU takes, the first product is exact in double: hardly more than half an ulp is lost in all.
      const bool is_cube = exponent.num_elements() == 1 && exponent.to_doubles(1) == std::vector<double>{3.0};
      const auto cube = [](float x) {
        const auto wide = static_cast<double>(x);
        return static_cast<float>(wide * wide * wide);
      };
      if (is_cube && dims == base.dims()) return map_input<float>(context, cube);
    }
    if (same) return binary_kernel(context, binary_run<T, T, Pow>, base.type());
    if (!both_integer) return pow_double(context, exponent_dims, dims);
    Tensor& output = context.output(0, base.type(), dims);
    const Tensor wide_base = converted<int64_t>(context, base);
    const Tensor wide_exponent = converted<int64_t>(context, exponent);
    Tensor power = Tensor::zeros(DataType::kInt64, dims);
    run_binary(binary_run<int64_t, int64_t, Pow>, wide_base, base.dims(), wide_exponent, exponent_dims, power);
    map_elements(static_cast<const Tensor&>(power).values<int64_t>(), output.mutable_values<T>(),
                 [](int64_t x) { return static_cast<T>(x); });
  });
}

constexpr Kernel kKernels[] = {
    {"Pow", "", 1, kLatest, kFullFloats | kInts, 0, pow},
    {"Pow", "", 1, kLatest, kHalfFloats, 0, widened<pow>},
};

}  // namespace

std::span<const Kernel> pow_kernels() { return kKernels; }

}  // namespace exec::cpu
