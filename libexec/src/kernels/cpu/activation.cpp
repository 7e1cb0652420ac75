// Activation functions: y = f(x), element by element, on floating-point tensors.

#include <cmath>
#include <limits>

#include "kernels/cpu/checks.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/map.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

// Each functor reads its attributes once; alpha and its kin are float attributes whatever the tensor's type.

struct LeakyRelu {
  float alpha;
  explicit LeakyRelu(const KernelContext& context) : alpha(context.attr_float("alpha", 0.01F)) {}
  template <typename T>
  T operator()(T x) const {
    return x < T{0} ? static_cast<T>(alpha) * x : x;
  }
};

struct Sigmoid {
  explicit Sigmoid(const KernelContext& /*context*/) {}
  template <typename T>
  T operator()(T x) const {
    // exp of a negative number only: no overflow, full precision in both tails.
    const T e = std::exp(-std::abs(x));
    return x < T{0} ? e / (T{1} + e) : T{1} / (T{1} + e);
  }
};

struct HardSigmoid {
  float alpha;
  float beta;
  explicit HardSigmoid(const KernelContext& context)
      : alpha(context.attr_float("alpha", 0.2F)), beta(context.attr_float("beta", 0.5F)) {}
  template <typename T>
  T operator()(T x) const {
    const T y = static_cast<T>(alpha) * x + static_cast<T>(beta);
    return y < T{0} ? T{0} : y > T{1} ? T{1} : y;
  }
};

struct HardSwish {
  explicit HardSwish(const KernelContext& /*context*/) {}
  template <typename T>
  T operator()(T x) const {
    const T gate = x * (T{1} / T{6}) + T{0.5};
    return x * (gate < T{0} ? T{0} : gate > T{1} ? T{1} : gate);
  }
};

struct Elu {
  float alpha;
  explicit Elu(const KernelContext& context) : alpha(context.attr_float("alpha", 1.0F)) {}
  template <typename T>
  T operator()(T x) const {
    return x < T{0} ? static_cast<T>(alpha) * std::expm1(x) : x;
  }
};

struct Selu {
  float alpha;
  float gamma;
  explicit Selu(const KernelContext& context)
      : alpha(context.attr_float("alpha", context.opset() < 6 ? 1.6732F : 1.67326319217681884765625F)),
        gamma(context.attr_float("gamma", context.opset() < 6 ? 1.0507F : 1.05070102214813232421875F)) {}
  template <typename T>
  T operator()(T x) const {
    return static_cast<T>(gamma) * (x <= T{0} ? static_cast<T>(alpha) * std::expm1(x) : x);
  }
};

struct Celu {
  float alpha;
  explicit Celu(const KernelContext& context) : alpha(context.attr_float("alpha", 1.0F)) {}
  template <typename T>
  T operator()(T x) const {
    return x < T{0} ? static_cast<T>(alpha) * std::expm1(x / static_cast<T>(alpha)) : x;
  }
};

template <typename T>
T softplus(T x) {
  return (x > T{0} ? x : T{0}) + std::log1p(std::exp(-std::abs(x)));
}

struct Softplus {
  explicit Softplus(const KernelContext& /*context*/) {}
  template <typename T>
  T operator()(T x) const {
    return std::isnan(x) ? x : softplus(x);
  }
};

struct Softsign {
  explicit Softsign(const KernelContext& /*context*/) {}
  template <typename T>
  T operator()(T x) const {
    return x / (T{1} + std::abs(x));
  }
};

struct Mish {
  explicit Mish(const KernelContext& /*context*/) {}
  template <typename T>
  T operator()(T x) const {
    return x * std::tanh(softplus(x));
  }
};

struct Swish {
  float alpha;
  explicit Swish(const KernelContext& context) : alpha(context.attr_float("alpha", 1.0F)) {}
  template <typename T>
  T operator()(T x) const {
    return x / (T{1} + std::exp(-static_cast<T>(alpha) * x));
  }
};

struct Gelu {
  bool is_tanh;
  explicit Gelu(const KernelContext& context) {
    const std::string approximate = context.attr_string("approximate", "none");
    if (approximate != "none" && approximate != "tanh") {
      context.fail("approximate is '" + approximate + "', expected none or tanh");
    }
    is_tanh = approximate == "tanh";
  }
  template <typename T>
  T operator()(T x) const {
    if (is_tanh) {
      const T inner = T{0.797884560802865355879892} * (x + T{0.044715} * x * x * x);  // sqrt(2 / pi)
      return T{0.5} * x * (T{1} + std::tanh(inner));
    }
    return T{0.5} * x * std::erfc(x * T{-0.707106781186547524400844});
  }
};

struct ThresholdedRelu {
  float alpha;
  explicit ThresholdedRelu(const KernelContext& context) : alpha(context.attr_float("alpha", 1.0F)) {}
  template <typename T>
  T operator()(T x) const {
    return x > static_cast<T>(alpha) ? x : T{0};
  }
};

template <typename Op>
void activation(KernelContext& context) {
  const Op op(context);
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() { map_input<T>(context, op); });
}

void relu(KernelContext& context) {
  dispatch<float, double, int8_t, int16_t, int32_t, int64_t>(
      // max() in this order keeps a NaN.
      context, context.input(0).type(),
      [&]<typename T>() { map_input<T>(context, [](T x) { return x < T{0} ? T{0} : x; }); });
}

/// y = x + bias above lambd, x - bias below -lambd, else 0.
void shrink(KernelContext& context) {
  const float bias = context.attr_float("bias", 0.0F);
  const float lambd = context.attr_float("lambd", 0.5F);
  dispatch_numbers(context, context.input(0).type(), [&]<typename T>() {
    using Wide = std::conditional_t<std::is_same_v<T, float>, float, double>;
    map_input<T>(context, [=](T x) {
      const Wide value = static_cast<Wide>(x);
      // An integer type wraps as the conversion of the standard's own reference does.
      const auto shifted = [](Wide v) {
        if constexpr (std::is_floating_point_v<T>) {
          return v;
        } else {
          return static_cast<T>(static_cast<int64_t>(v));
        }
      };
      if (value < -static_cast<Wide>(lambd)) return static_cast<T>(shifted(value + static_cast<Wide>(bias)));
      if (value > static_cast<Wide>(lambd)) return static_cast<T>(shifted(value - static_cast<Wide>(bias)));
      return T{0};
    });
  });
}

/// SwiGLU-28: y = a * sigmoid(alpha * a) * b.
void swiglu(KernelContext& context) {
  const Tensor& a = context.input(0);
  require_shape(context, 1, a.dims());
  require_same_type(context, 0, 1);
  const Swish gate(context);
  dispatch_floats(context, a.type(), [&]<typename T>() {
    const T* gates = elements<T>(a).data();
    const T* values = elements<T>(context.input(1)).data();
    T* to = mutable_elements<T>(context.output(0, a.type(), a.dims())).data();
    parallel_for(a.num_elements(), 16384, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) to[i] = gate(gates[i]) * values[i];
    });
  });
}

constexpr Kernel kKernels[] = {
    takes_double({"Celu", "", 12, kLatest, kFullFloats, 0, activation<Celu>}),
    takes_double({"Celu", "", 12, kLatest, kHalfFloats, 0, widened<activation<Celu>>}),
    {"Elu", "", 1, kLatest, kFullFloats, 0, activation<Elu>},
    {"Elu", "", 1, kLatest, kHalfFloats, 0, widened<activation<Elu>>},
    {"Gelu", "", 20, kLatest, kFullFloats, 0, activation<Gelu>},
    {"Gelu", "", 20, kLatest, kHalfFloats, 0, widened<activation<Gelu>>},
    {"HardSigmoid", "", 1, kLatest, kFullFloats, 0, activation<HardSigmoid>},
    {"HardSigmoid", "", 1, kLatest, kHalfFloats, 0, widened<activation<HardSigmoid>>},
    {"HardSwish", "", 14, kLatest, kFullFloats, 0, activation<HardSwish>},
    {"HardSwish", "", 14, kLatest, kHalfFloats, 0, widened<activation<HardSwish>>},
    {"LeakyRelu", "", 1, kLatest, kFullFloats, 0, activation<LeakyRelu>},
    {"LeakyRelu", "", 1, kLatest, kHalfFloats, 0, widened<activation<LeakyRelu>>},
    {"Mish", "", 18, kLatest, kFullFloats, 0, activation<Mish>},
    {"Mish", "", 18, kLatest, kHalfFloats, 0, widened<activation<Mish>>},
    {"Relu", "", 1, kLatest, kFullFloats | kSignedInts, 0, relu},
    {"Relu", "", 1, kLatest, kHalfFloats, 0, widened<relu>},
    {"Selu", "", 1, kLatest, kFullFloats, 0, activation<Selu>},
    {"Selu", "", 1, kLatest, kHalfFloats, 0, widened<activation<Selu>>},
    {"Shrink", "", 9, kLatest, kFullFloats | kInts, 0, shrink},
    {"Shrink", "", 9, kLatest, kHalfFloats, 0, widened<shrink>},
    {"Sigmoid", "", 1, kLatest, kFullFloats, 0, activation<Sigmoid>},
    {"Sigmoid", "", 1, kLatest, kHalfFloats, 0, widened<activation<Sigmoid>>},
    {"Softplus", "", 1, kLatest, kFullFloats, 0, activation<Softplus>},
    {"Softplus", "", 1, kLatest, kHalfFloats, 0, widened<activation<Softplus>>},
    {"Softsign", "", 1, kLatest, kFullFloats, 0, activation<Softsign>},
    {"Softsign", "", 1, kLatest, kHalfFloats, 0, widened<activation<Softsign>>},
    {"SwiGLU", "", 28, kLatest, kFullFloats, 0, swiglu},
    {"SwiGLU", "", 28, kLatest, kHalfFloats, 0, widened<swiglu>},
    {"Swish", "", 24, kLatest, kFullFloats, 0, activation<Swish>},
    {"Swish", "", 24, kLatest, kHalfFloats, 0, widened<activation<Swish>>},
    {"ThresholdedRelu", "", 10, kLatest, kFullFloats, 0, activation<ThresholdedRelu>},
    {"ThresholdedRelu", "", 10, kLatest, kHalfFloats, 0, widened<activation<ThresholdedRelu>>},
};

}  // namespace

std::span<const Kernel> activation_kernels() { return kKernels; }

}  // namespace exec::cpu
