// Max, Min, Sum, Mean: any number of tensors, broadcast to one shape (equal shapes before version 8).

#include <cmath>
#include <vector>

#include "kernels/cpu/binary.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/map.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

// A NaN on either side wins, as in numpy.
struct Max {
  template <typename T>
  static T apply(T a, T b) {
    return a > b || is_nan(a) ? a : b;
  }
};
struct Min {
  template <typename T>
  static T apply(T a, T b) {
    return a < b || is_nan(a) ? a : b;
  }
};
struct Sum {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(a + b);
  }
};

/// Output 0 = op(... op(op(input 0, input 1), input 2) ...).
template <typename Op, typename T>
Tensor& fold(KernelContext& context) {
  const Tensor& first = context.input(0);
  std::vector<Dims> shapes;
  for (size_t i = 0; i < context.num_inputs(); ++i) {
    const Tensor& input = context.input(i);
    if (input.type() != first.type()) context.fail("inputs have different element types");
    if (context.opset() < 8 && input.dims() != first.dims()) {
      context.fail("input " + std::to_string(i) + " has shape " + dims_text(input.dims()) +
                   ", expected that of input 0, " + dims_text(first.dims()));
    }
    shapes.push_back(input.dims());
  }
  Tensor& result = context.output(0, first.type(), broadcast_dims(context, shapes));
  if (context.num_inputs() == 1) {
    map_elements(first.values<T>(), result.mutable_values<T>(), [](T x) { return x; });
    return result;
  }
  run_binary(binary_run<T, T, Op>, first, first.dims(), context.input(1), shapes[1], result);
  for (size_t i = 2; i < shapes.size(); ++i) {
    run_binary(binary_run<T, T, Op>, result, result.dims(), context.input(i), shapes[i], result);
  }
  return result;
}

template <typename Op>
void extremum(KernelContext& context) {
  dispatch_numbers(context, context.input(0).type(), [&]<typename T>() { fold<Op, T>(context); });
}

void sum(KernelContext& context) {
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() { fold<Sum, T>(context); });
}

void mean(KernelContext& context) {
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() {
    Tensor& result = fold<Sum, T>(context);
    const T count = static_cast<T>(context.num_inputs());
    const std::span<T> values = result.mutable_values<T>();
    map_elements(std::span<const T>(values), values, [count](T x) { return x / count; });
  });
}

constexpr Kernel kKernels[] = {
    {"Max", "", 1, kLatest, kFullFloats | kInts, 0, extremum<Max>},
    {"Max", "", 1, kLatest, kHalfFloats, 0, widened<extremum<Max>>},
    {"Mean", "", 1, kLatest, kFullFloats, 0, mean},
    {"Mean", "", 1, kLatest, kHalfFloats, 0, widened<mean>},
    {"Min", "", 1, kLatest, kFullFloats | kInts, 0, extremum<Min>},
    {"Min", "", 1, kLatest, kHalfFloats, 0, widened<extremum<Min>>},
    {"Sum", "", 1, kLatest, kFullFloats, 0, sum},
    {"Sum", "", 1, kLatest, kHalfFloats, 0, widened<sum>},
};

}  // namespace

std::span<const Kernel> variadic_kernels() { return kKernels; }

}  // namespace exec::cpu
