// The Reduce operators: sums, extremes and norms over some axes, accumulated in double (integers: in 64 bits).

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// Integers add up without sign, so that they wrap instead of overflowing.
template <typename T>
using Sum = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;

/// A number from a sum: the signed one that the bits stand for where T has a sign.
template <typename T>
auto signed_sum(Sum<T> sum) {
  if constexpr (std::is_signed_v<T> && std::is_integral_v<T>) {
    return static_cast<int64_t>(sum);
  } else {
    return sum;
  }
}

// Each reduction: the state for no elements, how an element is added, what the state of `count` elements stands for.

struct ReduceSum {
  template <typename T>
  using State = Sum<T>;
  template <typename T>
  static Sum<T> initial() {
    return 0;
  }
  template <typename T>
  static void add(Sum<T>& state, T x) {
    state += static_cast<Sum<T>>(x);
  }
  template <typename T>
  static T result(Sum<T> state, int64_t /*count*/) {
    return static_cast<T>(state);
  }
};

struct ReduceMean : ReduceSum {
  template <typename T>
  static T result(Sum<T> state, int64_t count) {
    if constexpr (std::is_integral_v<T>) {
      if (count == 0) return T{0};
      return static_cast<T>(signed_sum<T>(state) / static_cast<decltype(signed_sum<T>(state))>(count));
    } else {
      return static_cast<T>(state / static_cast<double>(count));
    }
  }
};

struct ReduceSumSquare : ReduceSum {
  template <typename T>
  static void add(Sum<T>& state, T x) {
    state += static_cast<Sum<T>>(x) * static_cast<Sum<T>>(x);
  }
};

struct ReduceL1 : ReduceSum {
  template <typename T>
  static void add(Sum<T>& state, T x) {
    state = x < T{0} ? state - static_cast<Sum<T>>(x) : state + static_cast<Sum<T>>(x);
  }
};

struct ReduceL2 : ReduceSumSquare {
  template <typename T>
  static T result(Sum<T> state, int64_t /*count*/) {
    return static_cast<T>(std::sqrt(static_cast<double>(state)));
  }
};

struct ReduceLogSum : ReduceSum {
  template <typename T>
  static T result(Sum<T> state, int64_t /*count*/) {
    const double value = std::log(static_cast<double>(signed_sum<T>(state)));
    if constexpr (std::is_integral_v<T>)
      return std::isfinite(value) ? static_cast<T>(static_cast<int64_t>(value)) : T{0};
    return static_cast<T>(value);
  }
};

struct ReduceProd : ReduceSum {
  template <typename T>
  static Sum<T> initial() {
    return 1;
  }
  template <typename T>
  static void add(Sum<T>& state, T x) {
    state *= static_cast<Sum<T>>(x);
  }
};

/// log(sum(exp(x))) as top + log(sum(exp(x - top))), so that large x do not overflow.
struct ReduceLogSumExp {
  struct Running {
    double top = -std::numeric_limits<double>::infinity();
    double sum = 0;
  };
  template <typename T>
  using State = Running;
  template <typename T>
  static Running initial() {
    return {};
  }
  template <typename T>
  static void add(Running& state, T x) {
    const auto value = static_cast<double>(x);
    if (value > state.top) {
      state.sum = (state.sum == 0 ? 0 : state.sum * std::exp(state.top - value)) + 1;
      state.top = value;
    } else if (value == state.top) {
      state.sum += std::isinf(value) && value < 0 ? 0 : 1;  // equal infinities would give a NaN
    } else {
      state.sum += std::exp(value - state.top);
    }
  }
  template <typename T>
  static T result(Running state, int64_t /*count*/) {
    const double value = state.sum == 0 ? -std::numeric_limits<double>::infinity() : state.top + std::log(state.sum);
    if constexpr (std::is_integral_v<T>)
      return std::isfinite(value) ? static_cast<T>(static_cast<int64_t>(value)) : T{0};
    return static_cast<T>(value);
  }
};

/// A NaN among the elements is the result, as in numpy.
struct ReduceMax {
  template <typename T>
  using State = T;
  template <typename T>
  static T initial() {
    return std::is_integral_v<T> ? std::numeric_limits<T>::lowest() : -std::numeric_limits<T>::infinity();
  }
  template <typename T>
  static void add(T& state, T x) {
    state = state >= x || is_nan(state) ? state : x;
  }
  template <typename T>
  static T result(T state, int64_t /*count*/) {
    return state;
  }
};

struct ReduceMin {
  template <typename T>
  using State = T;
  template <typename T>
  static T initial() {
    return std::is_integral_v<T> ? std::numeric_limits<T>::max() : std::numeric_limits<T>::infinity();
  }
  template <typename T>
  static void add(T& state, T x) {
    state = state <= x || is_nan(state) ? state : x;
  }
  template <typename T>
  static T result(T state, int64_t /*count*/) {
    return state;
  }
};

/// Which axes go, and the loops over what stays and what goes.
struct Plan {
  Dims output_dims;
  Dims kept_extents;
  Dims kept_strides;
  Dims reduced_extents;
  Dims reduced_strides;
  int64_t num_reduced = 1;
};

/// The version from which on `axes` is an input.
int64_t axes_input_since(const KernelContext& context) { return context.node().op_type() == "ReduceSum" ? 13 : 18; }

Plan make_plan(const KernelContext& context) {
  const Tensor& data = context.input(0);
  const int64_t rank = data.rank();
  Dims axes;
  if (context.opset() < axes_input_since(context)) {
    axes = context.attr_ints("axes");
  } else if (context.has_input(1)) {
    axes = context.int_values(1);
  }
  axes = normal_axes(context, std::move(axes), rank);
  const bool reduces_all = axes.empty() && context.attr_int("noop_with_empty_axes", 0) == 0;
  const bool keeps_dims = context.attr_int("keepdims", 1) != 0;
  const Dims strides = contiguous_strides(data.dims());
  Plan plan;
  for (int64_t axis = 0; axis < rank; ++axis) {
    const auto i = static_cast<size_t>(axis);
    const bool reduced = reduces_all || std::find(axes.begin(), axes.end(), axis) != axes.end();
    (reduced ? plan.reduced_extents : plan.kept_extents).push_back(data.dims()[i]);
    (reduced ? plan.reduced_strides : plan.kept_strides).push_back(strides[i]);
    if (!reduced || keeps_dims) plan.output_dims.push_back(reduced ? 1 : data.dims()[i]);
  }
  plan.num_reduced = product(plan.reduced_extents);
  return plan;
}

/// Results side by side in memory (the innermost axis stays): a block of them grows together, element by element.
template <typename Op, typename T>
void reduce_block(const Plan& plan, const LoopNest& reduced, const T* source, int64_t count, T* target) {
  using State = typename Op::template State<T>;
  constexpr int64_t kBlock = 128;
  for (int64_t first = 0; first < count; first += kBlock) {
    const int64_t size = std::min(kBlock, count - first);
    State states[kBlock];
    std::fill_n(states, size, Op::template initial<T>());
    reduced.for_each_run(0, plan.num_reduced, [&](const LoopNest::Offsets& offsets, int64_t length) {
      for (int64_t i = 0; i < length; ++i) {
        const T* from = source + first + offsets[0] + i * reduced.run_stride(0);
        for (int64_t k = 0; k < size; ++k) Op::template add<T>(states[k], from[k]);
      }
    });
    for (int64_t k = 0; k < size; ++k) target[first + k] = Op::template result<T>(states[k], plan.num_reduced);
  }
}

template <typename Op, typename T>
T reduce_one(const Plan& plan, const LoopNest& reduced, const T* source) {
  typename Op::template State<T> state = Op::template initial<T>();
  reduced.for_each_run(0, plan.num_reduced, [&](const LoopNest::Offsets& offsets, int64_t length) {
    const T* from = source + offsets[0];
    for (int64_t i = 0; i < length; ++i) Op::template add<T>(state, from[i * reduced.run_stride(0)]);
  });
  return Op::template result<T>(state, plan.num_reduced);
}

template <typename Op, typename T>
void reduce_values(const Plan& plan, const T* source, T* target) {
  const LoopNest kept(plan.kept_extents, {plan.kept_strides});
  const LoopNest reduced(plan.reduced_extents, {plan.reduced_strides});
  const int64_t grain = std::max<int64_t>(1, LoopNest::kGrain / std::max<int64_t>(1, plan.num_reduced));
  parallel_for(kept.num_elements(), grain, [&](int64_t begin, int64_t end) {
    T* to = target + begin;
    kept.for_each_run(begin, end, [&](const LoopNest::Offsets& offsets, int64_t count) {
      const T* from = source + offsets[0];
      if (kept.run_stride(0) == 1) {
        reduce_block<Op>(plan, reduced, from, count, to);
      } else {
        for (int64_t i = 0; i < count; ++i) to[i] = reduce_one<Op>(plan, reduced, from + i * kept.run_stride(0));
      }
      to += count;
    });
  });
}

template <typename Op, typename T>
void reduce_as(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Plan plan = make_plan(context);
  Tensor& output = context.output(0, data.type(), plan.output_dims);
  reduce_values<Op>(plan, data.values<T>().data(), output.mutable_values<T>().data());
}

template <typename Op>
void reduce(KernelContext& context) {
  dispatch<float, double, int32_t, int64_t, uint32_t, uint64_t>(context, context.input(0).type(),
                                                                [&]<typename T>() { reduce_as<Op, T>(context); });
}

template <typename Op>
void reduce_extreme(KernelContext& context) {
  dispatch_numbers(context, context.input(0).type(), [&]<typename T>() { reduce_as<Op, T>(context); });
}

/// Booleans of a file may be any byte: any (largest) or all (smallest) of them not 0.
struct Any : ReduceMax {
  template <typename T>
  static void add(T& state, T x) {
    state = state != 0 || x != 0;
  }
};
struct All : ReduceMin {
  template <typename T>
  static T initial() {
    return 1;
  }
  template <typename T>
  static void add(T& state, T x) {
    state = state != 0 && x != 0;
  }
};

constexpr TypeMask kReducible =
    kFullFloats | type_mask({DataType::kInt32, DataType::kInt64, DataType::kUint32, DataType::kUint64});

constexpr Kernel kKernels[] = {
    {"ReduceL1", "", 1, kLatest, kReducible, 0, reduce<ReduceL1>},
    {"ReduceL1", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReduceL1>>},
    {"ReduceL2", "", 1, kLatest, kReducible, 0, reduce<ReduceL2>},
    {"ReduceL2", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReduceL2>>},
    {"ReduceLogSum", "", 1, kLatest, kReducible, 0, reduce<ReduceLogSum>},
    {"ReduceLogSum", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReduceLogSum>>},
    {"ReduceLogSumExp", "", 1, kLatest, kReducible, 0, reduce<ReduceLogSumExp>},
    {"ReduceLogSumExp", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReduceLogSumExp>>},
    {"ReduceMax", "", 1, kLatest, kFullFloats | kInts, 0, reduce_extreme<ReduceMax>},
    {"ReduceMax", "", 1, kLatest, kHalfFloats, 0, widened<reduce_extreme<ReduceMax>>},
    {"ReduceMax", "", 20, kLatest, kBools, 0, reduce_as<Any, uint8_t>},
    {"ReduceMean", "", 1, kLatest, kReducible, 0, reduce<ReduceMean>},
    {"ReduceMean", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReduceMean>>},
    {"ReduceMin", "", 1, kLatest, kFullFloats | kInts, 0, reduce_extreme<ReduceMin>},
    {"ReduceMin", "", 1, kLatest, kHalfFloats, 0, widened<reduce_extreme<ReduceMin>>},
    {"ReduceMin", "", 20, kLatest, kBools, 0, reduce_as<All, uint8_t>},
    {"ReduceProd", "", 1, kLatest, kReducible, 0, reduce<ReduceProd>},
    {"ReduceProd", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReduceProd>>},
    {"ReduceSum", "", 1, kLatest, kReducible, 0, reduce<ReduceSum>},
    {"ReduceSum", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReduceSum>>},
    {"ReduceSumSquare", "", 1, kLatest, kReducible, 0, reduce<ReduceSumSquare>},
    {"ReduceSumSquare", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReduceSumSquare>>},
};

}  // namespace

std::span<const Kernel> reduce_kernels() { return kKernels; }

}  // namespace exec::cpu
