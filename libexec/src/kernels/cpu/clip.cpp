// Clip: limits as attributes up to version 6, as optional inputs from 11 on. Where min > max, the result is max.

#include <limits>

#include "kernels/cpu/families.h"
#include "kernels/cpu/map.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

template <typename T>
struct Limits {
  T low = std::numeric_limits<T>::lowest();
  T high = std::numeric_limits<T>::max();
};

template <typename T>
void clip_values(KernelContext& context, Limits<T> limits) {
  map_input<T>(context, [limits](T x) {
    const T raised = x < limits.low ? limits.low : x;  // a NaN passes both comparisons
    return raised > limits.high ? limits.high : raised;
  });
}

void clip_attributes(KernelContext& context) {
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() {
    Limits<T> limits;
    if (context.attribute("min") != nullptr) limits.low = static_cast<T>(context.attr_float("min", 0));
    if (context.attribute("max") != nullptr) limits.high = static_cast<T>(context.attr_float("max", 0));
    // The defaults are the finite extremes of the type, so infinities are cut even where no limit is given.
    clip_values(context, limits);
  });
}

template <typename T>
void read_limit(const KernelContext& context, size_t index, T& limit) {
  const Tensor* tensor = context.optional_input(index);
  if (tensor == nullptr) return;
  if (tensor->type() != context.input(0).type() || tensor->num_elements() != 1) {
    context.fail("input " + std::to_string(index) + " is no scalar of the type of input 0");
  }
  limit = tensor->values<T>()[0];
}

void clip_inputs(KernelContext& context) {
  dispatch_numbers(context, context.input(0).type(), [&]<typename T>() {
    Limits<T> limits;
    if constexpr (std::is_floating_point_v<T>) {
      limits = {-std::numeric_limits<T>::infinity(), std::numeric_limits<T>::infinity()};
    }
    read_limit(context, 1, limits.low);
    read_limit(context, 2, limits.high);
    clip_values(context, limits);
  });
}

constexpr Kernel kKernels[] = {
    {"Clip", "", 1, 10, kFullFloats, 0, clip_attributes},
    {"Clip", "", 1, 10, kHalfFloats, 0, widened<clip_attributes>},
    {"Clip", "", 11, kLatest, kFullFloats | kInts, 0, clip_inputs},
    {"Clip", "", 11, kLatest, kHalfFloats, 0, widened<clip_inputs>},
};

}  // namespace

std::span<const Kernel> clip_kernels() { return kKernels; }

}  // namespace exec::cpu
