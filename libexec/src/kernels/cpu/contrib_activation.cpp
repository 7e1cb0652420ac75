// com.microsoft: Gelu, BiasGelu, FastGelu, QuickGelu, with ONNX Runtime as the specification.

#include <cmath>

#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

constexpr std::string_view kDomain = "com.microsoft";

template <typename T>
T gelu(T x) {
  return T{0.5} * x * std::erfc(x * T{-0.707106781186547524400844});
}

template <typename T>
T fast_gelu(T x) {
  const T inner = T{0.797884560802865355879892} * (x + T{0.044715} * x * x * x);  // sqrt(2 / pi)
  return T{0.5} * x * (T{1} + std::tanh(inner));
}

/// y = f(x + bias), the bias, input 1, being one value per element of the last axis; it may be absent.
template <typename Op>
void apply(KernelContext& context, Op op) {
  const Tensor& x = context.input(0);
  const int64_t length = x.rank() == 0 ? 1 : x.dims().back();
  const bool has_bias = context.has_input(1);
  if (has_bias) {
    require_same_type(context, 0, 1);
    require_shape(context, 1, {length});
  }
  dispatch_floats(context, x.type(), [&]<typename T>() {
    const T* from = elements<T>(x).data();
    const T* bias = has_bias ? elements<T>(context.input(1)).data() : nullptr;
    T* to = mutable_elements<T>(context.output(0, x.type(), x.dims())).data();
    parallel_for(x.num_elements(), 16384, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) to[i] = op(bias == nullptr ? from[i] : from[i] + bias[i % length]);
    });
  });
}

void gelu_kernel(KernelContext& context) {
  apply(context, [](auto x) { return gelu(x); });
}

void bias_gelu_kernel(KernelContext& context) {
  context.input(1);  // is not optional
  gelu_kernel(context);
}

void fast_gelu_kernel(KernelContext& context) {
  apply(context, [](auto x) { return fast_gelu(x); });
}

/// x * sigmoid(alpha * x).
void quick_gelu_kernel(KernelContext& context) {
  const float alpha = context.attr_float("alpha", 1.702F);
  apply(context, [=](auto x) { return x / (1 + std::exp(-static_cast<decltype(x)>(alpha) * x)); });
}

constexpr Kernel kKernels[] = {
    takes_double({"BiasGelu", kDomain, 1, kLatest, kFullFloats, 0, bias_gelu_kernel}),
    takes_double({"BiasGelu", kDomain, 1, kLatest, kHalfFloats, 0, widened<bias_gelu_kernel>}),
    takes_double({"FastGelu", kDomain, 1, kLatest, kFullFloats, 0, fast_gelu_kernel}),
    takes_double({"FastGelu", kDomain, 1, kLatest, kHalfFloats, 0, widened<fast_gelu_kernel>}),
    takes_double({"Gelu", kDomain, 1, kLatest, kFullFloats, 0, gelu_kernel}),
    takes_double({"Gelu", kDomain, 1, kLatest, kHalfFloats, 0, widened<gelu_kernel>}),
    takes_double({"QuickGelu", kDomain, 1, kLatest, kFullFloats, 0, quick_gelu_kernel}),
    takes_double({"QuickGelu", kDomain, 1, kLatest, kHalfFloats, 0, widened<quick_gelu_kernel>}),
};

}  // namespace

std::span<const Kernel> contrib_activation_kernels() { return kKernels; }

}  // namespace exec::cpu
