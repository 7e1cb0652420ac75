// Equal, Greater, Less, GreaterOrEqual, LessOrEqual and the logical operators: two tensors, broadcast, to booleans.

#include <string>

#include "kernels/cpu/binary.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

struct Equal {
  template <typename T>
  static uint8_t apply(T a, T b) {
    return a == b;
  }
};
struct Greater {
  template <typename T>
  static uint8_t apply(T a, T b) {
    return a > b;
  }
};
struct Less {
  template <typename T>
  static uint8_t apply(T a, T b) {
    return a < b;
  }
};
struct GreaterOrEqual {
  template <typename T>
  static uint8_t apply(T a, T b) {
    return a >= b;
  }
};
struct LessOrEqual {
  template <typename T>
  static uint8_t apply(T a, T b) {
    return a <= b;
  }
};
// Booleans may come from a file as any byte.
struct EqualBools {
  static uint8_t apply(uint8_t a, uint8_t b) { return (a != 0) == (b != 0); }
};
struct And {
  static uint8_t apply(uint8_t a, uint8_t b) { return a != 0 && b != 0; }
};
struct Or {
  static uint8_t apply(uint8_t a, uint8_t b) { return a != 0 || b != 0; }
};
struct Xor {
  static uint8_t apply(uint8_t a, uint8_t b) { return (a != 0) != (b != 0); }
};

template <typename Op>
void comparison(KernelContext& context) {
  require_same_types(context);
  dispatch_numbers(context, context.input(0).type(),
                   [&]<typename T>() { binary_kernel(context, binary_run<T, uint8_t, Op>, DataType::kBool); });
}

template <typename Op>
void logical(KernelContext& context) {
  require_same_types(context);
  binary_kernel(context, binary_run<uint8_t, uint8_t, Op>, DataType::kBool);
}

void equal_strings(KernelContext& context) {
  require_same_types(context);
  const std::span<const std::string> a = context.input(0).strings();
  const std::span<const std::string> b = context.input(1).strings();
  const Dims shapes[] = {context.input(0).dims(), context.input(1).dims()};
  const Dims dims = broadcast_dims(context, shapes);
  const std::span<uint8_t> target = context.output(0, DataType::kBool, dims).mutable_values<uint8_t>();
  const LoopNest nest(
      dims, {broadcast_strides(shapes[0], dims), broadcast_strides(shapes[1], dims), contiguous_strides(dims)});
  nest.for_each_run_parallel([&](const LoopNest::Offsets& offsets, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      target[static_cast<size_t>(offsets[2] + i * nest.run_stride(2))] =
          a[static_cast<size_t>(offsets[0] + i * nest.run_stride(0))] ==
          b[static_cast<size_t>(offsets[1] + i * nest.run_stride(1))];
    }
  });
}

constexpr Kernel kKernels[] = {
    {"And", "", 1, kLatest, kBools, 0, logical<And>},
    {"Equal", "", 1, kLatest, kBools, 0, logical<EqualBools>},
    {"Equal", "", 1, kLatest, kFullFloats | kInts, 0, comparison<Equal>},
    {"Equal", "", 1, kLatest, kHalfFloats, 0, widened<comparison<Equal>>},
    {"Equal", "", 19, kLatest, kStrings, 0, equal_strings},
    {"Greater", "", 1, kLatest, kFullFloats | kInts, 0, comparison<Greater>},
    {"Greater", "", 1, kLatest, kHalfFloats, 0, widened<comparison<Greater>>},
    {"GreaterOrEqual", "", 12, kLatest, kFullFloats | kInts, 0, comparison<GreaterOrEqual>},
    {"GreaterOrEqual", "", 12, kLatest, kHalfFloats, 0, widened<comparison<GreaterOrEqual>>},
    {"Less", "", 1, kLatest, kFullFloats | kInts, 0, comparison<Less>},
    {"Less", "", 1, kLatest, kHalfFloats, 0, widened<comparison<Less>>},
    {"LessOrEqual", "", 12, kLatest, kFullFloats | kInts, 0, comparison<LessOrEqual>},
    {"LessOrEqual", "", 12, kLatest, kHalfFloats, 0, widened<comparison<LessOrEqual>>},
    {"Or", "", 1, kLatest, kBools, 0, logical<Or>},
    {"Xor", "", 1, kLatest, kBools, 0, logical<Xor>},
};

}  // namespace

std::span<const Kernel> comparison_kernels() { return kKernels; }

}  // namespace exec::cpu
