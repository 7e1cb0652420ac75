// What each Reduce operator does with its elements: the state that stands for none, how an element is added, and the
// result that a state stands for. In double or 64 bits, so that the loops over shapes need not know the operator, nor
// these the element types.

#include "kernels/cpu/reduction.h"

#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "kernels/cpu/elements.h"
#include "surgery/error.h"

namespace exec::cpu {
namespace {

/// Integers add up without sign, so that they wrap instead of overflowing.
template <typename Wide>
using Sum = std::conditional_t<std::is_floating_point_v<Wide>, double, uint64_t>;

/// A real result for a type that may have no fractions, no infinities (they become 0) and an end.
template <typename Wide>
Wide rounded(double value) {
  if constexpr (std::is_integral_v<Wide>) {
    using Limits = std::numeric_limits<Wide>;
    if (!std::isfinite(value)) return Wide{0};
    if (value >= static_cast<double>(Limits::max())) return Limits::max();
    return value <= static_cast<double>(Limits::lowest()) ? Limits::lowest() : static_cast<Wide>(value);
  } else {
    return value;
  }
}

template <typename Wide>
struct SumOf {
  using State = Sum<Wide>;
  State initial() const { return 0; }
  void add(State& state, Wide x) const { state += static_cast<State>(x); }
  Wide result(State state, int64_t /*count*/) const { return static_cast<Wide>(state); }
};

template <typename Wide>
struct MeanOf : SumOf<Wide> {
  Wide result(Sum<Wide> state, int64_t count) const {
    if (std::is_integral_v<Wide> && count == 0) return Wide{0};
    return static_cast<Wide>(state) / static_cast<Wide>(count);
  }
};

template <typename Wide>
struct SumSquareOf : SumOf<Wide> {
  void add(Sum<Wide>& state, Wide x) const { state += static_cast<Sum<Wide>>(x) * static_cast<Sum<Wide>>(x); }
};

template <typename Wide>
struct L1Of : SumOf<Wide> {
  void add(Sum<Wide>& state, Wide x) const {
    state = x < Wide{0} ? state - static_cast<Sum<Wide>>(x) : state + static_cast<Sum<Wide>>(x);
  }
};

template <typename Wide>
struct L2Of : SumSquareOf<Wide> {
  Wide result(Sum<Wide> state, int64_t /*count*/) const {
    return static_cast<Wide>(std::sqrt(static_cast<double>(state)));
  }
};

template <typename Wide>
struct LogSumOf : SumOf<Wide> {
  Wide result(Sum<Wide> state, int64_t /*count*/) const {
    return rounded<Wide>(std::log(static_cast<double>(static_cast<Wide>(state))));
  }
};

template <typename Wide>
struct ProdOf : SumOf<Wide> {
  Sum<Wide> initial() const { return 1; }
  void add(Sum<Wide>& state, Wide x) const { state *= static_cast<Sum<Wide>>(x); }
};

/// log(sum(exp(x))) as top + log(sum(exp(x - top))), so that large x do not overflow.
template <typename Wide>
struct LogSumExpOf {
  struct State {
    double top = -std::numeric_limits<double>::infinity();
    double sum = 0;
  };
  State initial() const { return {}; }
  void add(State& state, Wide x) const {
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
  Wide result(State state, int64_t /*count*/) const {
    return rounded<Wide>(state.sum == 0 ? -std::numeric_limits<double>::infinity() : state.top + std::log(state.sum));
  }
};

/// A NaN among the elements is the result, as in numpy.
template <typename Wide>
struct MaxOf {
  using State = Wide;
  Wide lowest;
  Wide initial() const { return lowest; }
  void add(Wide& state, Wide x) const { state = state >= x || is_nan(state) ? state : x; }
  Wide result(Wide state, int64_t /*count*/) const { return state; }
};

template <typename Wide>
struct MinOf {
  using State = Wide;
  Wide highest;
  Wide initial() const { return highest; }
  void add(Wide& state, Wide x) const { state = state <= x || is_nan(state) ? state : x; }
  Wide result(Wide state, int64_t /*count*/) const { return state; }
};

template <typename Wide, typename Op>
class ReductionOf final : public Reduction<Wide> {
 public:
  explicit ReductionOf(Op op) : op_(op) {}

  void start(int64_t count) override { states_.assign(static_cast<size_t>(count), op_.initial()); }
  void add_to_each(std::span<const Wide> elements) override {
    for (size_t k = 0; k < elements.size(); ++k) op_.add(states_[k], elements[k]);
  }
  void add_to_first(std::span<const Wide> elements) override {
    typename Op::State state = states_[0];
    for (const Wide element : elements) op_.add(state, element);
    states_[0] = state;
  }
  void finish(int64_t num_added, std::span<Wide> results) const override {
    for (size_t k = 0; k < results.size(); ++k) results[k] = op_.result(states_[k], num_added);
  }

 private:
  Op op_;
  std::vector<typename Op::State> states_;
};

template <typename Wide, typename Op>
std::unique_ptr<Reduction<Wide>> made(Op op) {
  return std::make_unique<ReductionOf<Wide, Op>>(op);
}

}  // namespace

template <typename Wide>
std::unique_ptr<Reduction<Wide>> make_reduction(ReductionKind kind, Wide lowest, Wide highest) {
  switch (kind) {
    case ReductionKind::kSum:
      return made<Wide>(SumOf<Wide>{});
    case ReductionKind::kMean:
      return made<Wide>(MeanOf<Wide>{});
    case ReductionKind::kSumSquare:
      return made<Wide>(SumSquareOf<Wide>{});
    case ReductionKind::kL1:
      return made<Wide>(L1Of<Wide>{});
    case ReductionKind::kL2:
      return made<Wide>(L2Of<Wide>{});
    case ReductionKind::kLogSum:
      return made<Wide>(LogSumOf<Wide>{});
    case ReductionKind::kLogSumExp:
      return made<Wide>(LogSumExpOf<Wide>{});
    case ReductionKind::kProd:
      return made<Wide>(ProdOf<Wide>{});
    case ReductionKind::kMax:
      return made<Wide>(MaxOf<Wide>{lowest});
    case ReductionKind::kMin:
      return made<Wide>(MinOf<Wide>{highest});
  }
  SURGERY_ASSERT(false, "every kind is listed");
  return nullptr;
}

template std::unique_ptr<Reduction<double>> make_reduction(ReductionKind, double, double);
template std::unique_ptr<Reduction<int64_t>> make_reduction(ReductionKind, int64_t, int64_t);
template std::unique_ptr<Reduction<uint64_t>> make_reduction(ReductionKind, uint64_t, uint64_t);

}  // namespace exec::cpu
