// Element-wise functions of one tensor that are not activations: arithmetic, exponentials, trigonometry, rounding,
// tests.

#include <cmath>
#include <limits>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/map.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

struct Exp {
  template <typename T>
  static T apply(T x) {
    return std::exp(x);
  }
};
struct Log {
  template <typename T>
  static T apply(T x) {
    return std::log(x);
  }
};
struct Sqrt {
  template <typename T>
  static T apply(T x) {
    return std::sqrt(x);
  }
};
struct Reciprocal {
  template <typename T>
  static T apply(T x) {
    return T{1} / x;
  }
};
struct Erf {
  template <typename T>
  static T apply(T x) {
    return std::erf(x);
  }
};
struct Ceil {
  template <typename T>
  static T apply(T x) {
    return std::ceil(x);
  }
};
struct Floor {
  template <typename T>
  static T apply(T x) {
    return std::floor(x);
  }
};
struct Round {  // halves to even, the default rounding mode
  template <typename T>
  static T apply(T x) {
    return std::nearbyint(x);
  }
};
struct Sin {
  template <typename T>
  static T apply(T x) {
    return std::sin(x);
  }
};
struct Cos {
  template <typename T>
  static T apply(T x) {
    return std::cos(x);
  }
};
struct Tan {
  template <typename T>
  static T apply(T x) {
    return std::tan(x);
  }
};
struct Asin {
  template <typename T>
  static T apply(T x) {
    return std::asin(x);
  }
};
struct Acos {
  template <typename T>
  static T apply(T x) {
    return std::acos(x);
  }
};
struct Atan {
  template <typename T>
  static T apply(T x) {
    return std::atan(x);
  }
};
struct Sinh {
  template <typename T>
  static T apply(T x) {
    return std::sinh(x);
  }
};
struct Cosh {
  template <typename T>
  static T apply(T x) {
    return std::cosh(x);
  }
};
struct Tanh {
  template <typename T>
  static T apply(T x) {
    return std::tanh(x);
  }
};
struct Asinh {
  template <typename T>
  static T apply(T x) {
    return std::asinh(x);
  }
};
struct Acosh {
  template <typename T>
  static T apply(T x) {
    return std::acosh(x);
  }
};
struct Atanh {
  template <typename T>
  static T apply(T x) {
    return std::atanh(x);
  }
};

template <typename Op>
void float_function(KernelContext& context) {
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() {
    map_input<T>(
        context, [](T x) { return Op::apply(x); }, kFunctionGrain);
  });
}

struct Abs {
  template <typename T>
  static T apply(T x) {
    if constexpr (std::is_unsigned_v<T>) {
      return x;
    } else if constexpr (std::is_integral_v<T>) {
      return x < 0 ? static_cast<T>(0 - static_cast<uint64_t>(x)) : x;  // the smallest number stays as it is
    } else {
      return std::abs(x);
    }
  }
};
struct Neg {
  template <typename T>
  static T apply(T x) {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(0 - static_cast<uint64_t>(x));
    } else {
      return -x;
    }
  }
};
struct Sign {
  template <typename T>
  static T apply(T x) {
    if constexpr (std::is_unsigned_v<T>) {
      return x > 0 ? T{1} : T{0};
    } else {
      // A NaN compares false both ways and is kept.
      return x > T{0} ? T{1} : x < T{0} ? T{-1} : x == T{0} ? T{0} : x;
    }
  }
};

template <typename Op>
void number_function(KernelContext& context) {
  dispatch_numbers(context, context.input(0).type(),
                   [&]<typename T>() { map_input<T>(context, [](T x) { return Op::apply(x); }); });
}

void logical_not(KernelContext& context) {
  map_input<uint8_t>(context, [](uint8_t x) { return static_cast<uint8_t>(x == 0); });
}

void bitwise_not(KernelContext& context) {
  dispatch_ints(context, context.input(0).type(),
                [&]<typename T>() { map_input<T>(context, [](T x) { return static_cast<T>(~x); }); });
}

template <typename Test>
void float_test(KernelContext& context, Test test) {
  const bool is_float8 = (kFloat8s & type_bit(context.input(0).type())) != 0;
  const Tensor input = is_float8 ? cast_tensor(context, 0, DataType::kFloat) : context.input(0);
  Tensor& output = context.output(0, DataType::kBool, input.dims());
  dispatch_floats(context, input.type(), [&]<typename T>() {
    map_elements(elements<T>(input), output.mutable_values<uint8_t>(),
                 [test](T x) { return static_cast<uint8_t>(test(x)); });
  });
}

void nan_test(KernelContext& context) {
  float_test(context, [](auto x) { return std::isnan(x); });
}

void inf_test(KernelContext& context) {
  const bool negative = context.attr_int("detect_negative", 1) != 0;
  const bool positive = context.attr_int("detect_positive", 1) != 0;
  float_test(context, [=](auto x) { return std::isinf(x) && (x < 0 ? negative : positive); });
}

constexpr TypeMask kSignedFloat8s = kFloat8s & ~type_bit(DataType::kFloat8E8M0);

constexpr Kernel kKernels[] = {
    {"Abs", "", 1, kLatest, kFullFloats | kInts, 0, number_function<Abs>},
    {"Abs", "", 1, kLatest, kHalfFloats, 0, widened<number_function<Abs>>},
    {"Acos", "", 7, kLatest, kFullFloats, 0, float_function<Acos>},
    {"Acos", "", 7, kLatest, kHalfFloats, 0, widened<float_function<Acos>>},
    {"Acosh", "", 9, kLatest, kFullFloats, 0, float_function<Acosh>},
    {"Acosh", "", 9, kLatest, kHalfFloats, 0, widened<float_function<Acosh>>},
    {"Asin", "", 7, kLatest, kFullFloats, 0, float_function<Asin>},
    {"Asin", "", 7, kLatest, kHalfFloats, 0, widened<float_function<Asin>>},
    {"Asinh", "", 9, kLatest, kFullFloats, 0, float_function<Asinh>},
    {"Asinh", "", 9, kLatest, kHalfFloats, 0, widened<float_function<Asinh>>},
    {"Atan", "", 7, kLatest, kFullFloats, 0, float_function<Atan>},
    {"Atan", "", 7, kLatest, kHalfFloats, 0, widened<float_function<Atan>>},
    {"Atanh", "", 9, kLatest, kFullFloats, 0, float_function<Atanh>},
    {"Atanh", "", 9, kLatest, kHalfFloats, 0, widened<float_function<Atanh>>},
    {"BitwiseNot", "", 18, kLatest, kInts, 0, bitwise_not},
    {"Ceil", "", 1, kLatest, kFullFloats, 0, float_function<Ceil>},
    {"Ceil", "", 1, kLatest, kHalfFloats, 0, widened<float_function<Ceil>>},
    {"Cos", "", 7, kLatest, kFullFloats, 0, float_function<Cos>},
    {"Cos", "", 7, kLatest, kHalfFloats, 0, widened<float_function<Cos>>},
    {"Cosh", "", 9, kLatest, kFullFloats, 0, float_function<Cosh>},
    {"Cosh", "", 9, kLatest, kHalfFloats, 0, widened<float_function<Cosh>>},
    {"Erf", "", 9, kLatest, kFullFloats, 0, float_function<Erf>},
    {"Erf", "", 9, kLatest, kHalfFloats, 0, widened<float_function<Erf>>},
    {"Exp", "", 1, kLatest, kFullFloats, 0, float_function<Exp>},
    {"Exp", "", 1, kLatest, kHalfFloats, 0, widened<float_function<Exp>>},
    {"Floor", "", 1, kLatest, kFullFloats, 0, float_function<Floor>},
    {"Floor", "", 1, kLatest, kHalfFloats, 0, widened<float_function<Floor>>},
    {"IsInf", "", 10, kLatest, kFullFloats, 0, inf_test},
    {"IsInf", "", 10, kLatest, kHalfFloats, 0, widened<inf_test>},
    {"IsInf", "", 20, kLatest, kSignedFloat8s, 0, inf_test},
    {"IsNaN", "", 9, kLatest, kFullFloats, 0, nan_test},
    {"IsNaN", "", 9, kLatest, kHalfFloats, 0, widened<nan_test>},
    {"IsNaN", "", 20, kLatest, kSignedFloat8s, 0, nan_test},
    {"Log", "", 1, kLatest, kFullFloats, 0, float_function<Log>},
    {"Log", "", 1, kLatest, kHalfFloats, 0, widened<float_function<Log>>},
    {"Neg", "", 1, kLatest, kFullFloats | kInts, 0, number_function<Neg>},
    {"Neg", "", 1, kLatest, kHalfFloats, 0, widened<number_function<Neg>>},
    {"Not", "", 1, kLatest, kBools, 0, logical_not},
    {"Reciprocal", "", 1, kLatest, kFullFloats, 0, float_function<Reciprocal>},
    {"Reciprocal", "", 1, kLatest, kHalfFloats, 0, widened<float_function<Reciprocal>>},
    {"Round", "", 11, kLatest, kFullFloats, 0, float_function<Round>},
    {"Round", "", 11, kLatest, kHalfFloats, 0, widened<float_function<Round>>},
    {"Sign", "", 9, kLatest, kFullFloats | kInts, 0, number_function<Sign>},
    {"Sign", "", 9, kLatest, kHalfFloats, 0, widened<number_function<Sign>>},
    {"Sin", "", 7, kLatest, kFullFloats, 0, float_function<Sin>},
    {"Sin", "", 7, kLatest, kHalfFloats, 0, widened<float_function<Sin>>},
    {"Sinh", "", 9, kLatest, kFullFloats, 0, float_function<Sinh>},
    {"Sinh", "", 9, kLatest, kHalfFloats, 0, widened<float_function<Sinh>>},
    {"Sqrt", "", 1, kLatest, kFullFloats, 0, float_function<Sqrt>},
    {"Sqrt", "", 1, kLatest, kHalfFloats, 0, widened<float_function<Sqrt>>},
    {"Tan", "", 7, kLatest, kFullFloats, 0, float_function<Tan>},
    {"Tan", "", 7, kLatest, kHalfFloats, 0, widened<float_function<Tan>>},
    {"Tanh", "", 1, kLatest, kFullFloats, 0, float_function<Tanh>},
    {"Tanh", "", 1, kLatest, kHalfFloats, 0, widened<float_function<Tanh>>},
};

}  // namespace

std::span<const Kernel> unary_kernels() { return kKernels; }

}  // namespace exec::cpu
