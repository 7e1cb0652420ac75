// Add, Sub, Mul, Div, Mod, Pow, PRelu and the bit operators: two tensors, broadcast.

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/cpu/binary.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

// Integers wrap around: computed without sign and cut.

struct Add {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
    return static_cast<T>(a + b);
  }
};
struct Sub {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
    return static_cast<T>(a - b);
  }
};
struct Mul {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
    return static_cast<T>(a * b);
  }
};
struct Div {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_signed_v<T> && std::is_integral_v<T>) {
      if (b == -1) return static_cast<T>(0 - static_cast<uint64_t>(a));  // the smallest number by -1 wraps
    }
    return static_cast<T>(a / b);
  }
};
/// The remainder with the divisor's sign.
struct FloorMod {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      if constexpr (std::is_signed_v<T>) {
        if (b == -1) return T{0};
        const T rest = static_cast<T>(a % b);
        return rest != 0 && (rest < 0) != (b < 0) ? static_cast<T>(rest + b) : rest;
      }
      return static_cast<T>(a % b);
    } else {
      const T rest = std::fmod(a, b);
      if (rest == 0) return std::copysign(rest, b);
      return (rest < 0) != (b < 0) ? rest + b : rest;
    }
  }
};
/// The remainder with the dividend's sign.
struct FMod {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      if constexpr (std::is_signed_v<T>) {
        if (b == -1) return T{0};
      }
      return static_cast<T>(a % b);
    } else {
      return std::fmod(a, b);
    }
  }
};
struct PRelu {
  template <typename T>
  static T apply(T x, T slope) {
    return x < T{0} ? Mul::apply(x, slope) : x;
  }
};
struct BitAnd {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(a & b);
  }
};
struct BitOr {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(a | b);
  }
};
struct BitXor {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};
// A shift by a negative number, or by as many bits as there are or more, leaves what sign extension gives.
struct ShiftLeft {
  template <typename T>
  static T apply(T a, T b) {
    const auto bits = static_cast<uint64_t>(+b);
    return bits < 8 * sizeof(T) ? static_cast<T>(static_cast<uint64_t>(a) << bits) : T{0};
  }
};
struct ShiftRight {
  template <typename T>
  static T apply(T a, T b) {
    const auto bits = static_cast<uint64_t>(+b);
    if (bits < 8 * sizeof(T)) return static_cast<T>(a >> bits);
    return std::is_signed_v<T> && a < T{0} ? static_cast<T>(-1) : T{0};
  }
};

template <typename Op>
void arithmetic(KernelContext& context) {
  require_same_types(context);
  const DataType type = context.input(0).type();
  dispatch_numbers(context, type, [&]<typename T>() { binary_kernel(context, binary_run<T, T, Op>, type); });
}

template <typename Op>
void integer_arithmetic(KernelContext& context) {
  require_same_types(context);
  const DataType type = context.input(0).type();
  dispatch_ints(context, type, [&]<typename T>() { binary_kernel(context, binary_run<T, T, Op>, type); });
}

/// For integer divisors, which must not be 0.
void require_nonzero_divisor(const KernelContext& context) {
  const Tensor& divisor = context.input(1);
  if (!surgery::is_integer(divisor.type()) || context.input(0).num_elements() == 0) return;
  dispatch_ints(context, divisor.type(), [&]<typename T>() {
    const std::span<const T> values = divisor.values<T>();
    if (std::find(values.begin(), values.end(), T{0}) != values.end()) context.fail("integer division by zero");
  });
}

void div(KernelContext& context) {
  require_same_types(context);
  require_nonzero_divisor(context);
  arithmetic<Div>(context);
}

void mod(KernelContext& context) {
  require_same_types(context);
  require_nonzero_divisor(context);
  if (context.attr_int("fmod", 0) != 0) return arithmetic<FMod>(context);
  arithmetic<FloorMod>(context);
}

void prelu(KernelContext& context) {
  require_same_types(context);
  const Tensor& x = context.input(0);
  const Tensor& slope = context.input(1);
  // Before version 7 a slope of shape [C] (or one number) belongs to axis 1; from 7 on it broadcasts to x.
  Dims slope_dims = slope.dims();
  if (context.opset() < 7 && x.rank() > 1 && slope.rank() <= 1) {
    slope_dims.assign(static_cast<size_t>(x.rank() - 1), 1);
    slope_dims[0] = slope.num_elements();
  }
  const Dims shapes[] = {x.dims(), slope_dims};
  if (broadcast_dims(context, shapes) != x.dims()) {
    context.fail("slope of shape " + dims_text(slope.dims()) + " does not broadcast to " + dims_text(x.dims()));
  }
  Tensor& output = context.output(0, x.type(), x.dims());
  dispatch_numbers(context, x.type(),
                   [&]<typename T>() { run_binary(binary_run<T, T, PRelu>, x, x.dims(), slope, slope_dims, output); });
}

void bit_shift(KernelContext& context) {
  require_same_types(context);
  const DataType type = context.input(0).type();
  const std::string direction = context.attr_string("direction", "");
  if (direction != "LEFT" && direction != "RIGHT") {
    context.fail("direction is '" + direction + "', expected LEFT or RIGHT");
  }
  dispatch_ints(context, type, [&]<typename T>() {
    binary_kernel(context, direction == "LEFT" ? binary_run<T, T, ShiftLeft> : binary_run<T, T, ShiftRight>, type);
  });
}

constexpr Kernel kKernels[] = {
    {"Add", "", 1, kLatest, kFullFloats | kInts, 0, arithmetic<Add>},
    {"Add", "", 1, kLatest, kHalfFloats, 0, widened<arithmetic<Add>>},
    {"BitShift", "", 11, 27, kUnsignedInts, 0, bit_shift},
    {"BitShift", "", 28, kLatest, kInts, 0, bit_shift},
    {"BitwiseAnd", "", 18, kLatest, kInts, 0, integer_arithmetic<BitAnd>},
    {"BitwiseOr", "", 18, kLatest, kInts, 0, integer_arithmetic<BitOr>},
    {"BitwiseXor", "", 18, kLatest, kInts, 0, integer_arithmetic<BitXor>},
    {"Div", "", 1, kLatest, kFullFloats | kInts, 0, div},
    {"Div", "", 1, kLatest, kHalfFloats, 0, widened<div>},
    {"Mod", "", 10, kLatest, kFullFloats | kInts, 0, mod},
    {"Mod", "", 10, kLatest, kHalfFloats, 0, widened<mod>},
    {"Mul", "", 1, kLatest, kFullFloats | kInts, 0, arithmetic<Mul>},
    {"Mul", "", 1, kLatest, kHalfFloats, 0, widened<arithmetic<Mul>>},
    {"PRelu", "", 1, kLatest, kFullFloats | kInts, 0, prelu},
    {"PRelu", "", 1, kLatest, kHalfFloats, 0, widened<prelu>},
    {"Sub", "", 1, kLatest, kFullFloats | kInts, 0, arithmetic<Sub>},
    {"Sub", "", 1, kLatest, kHalfFloats, 0, widened<arithmetic<Sub>>},
};

}  // namespace

std::span<const Kernel> arithmetic_kernels() { return kKernels; }

}  // namespace exec::cpu
