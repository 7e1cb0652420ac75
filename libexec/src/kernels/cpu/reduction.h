#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace exec::cpu {

enum class ReductionKind { kSum, kMean, kSumSquare, kL1, kL2, kLogSum, kLogSumExp, kProd, kMax, kMin };

/// Many results growing together. Elements come widened: double for every floating-point type, int64_t or uint64_t for
/// integers, which wrap where a sum leaves 64 bits.
template <typename Wide>
class Reduction {
 public:
  virtual ~Reduction() = default;
  /// Begins `count` results, all of no elements.
  virtual void start(int64_t count) = 0;
  /// Adds elements[k] to result k.
  virtual void add_to_each(std::span<const Wide> elements) = 0;
  /// Adds every element, in order, to result 0.
  virtual void add_to_first(std::span<const Wide> elements) = 0;
  /// The results so far, each of `num_added` elements.
  virtual void finish(int64_t num_added, std::span<Wide> results) const = 0;
};

/// `lowest` and `highest` are the largest and smallest of no elements. Defined for double, int64_t and uint64_t.
template <typename Wide>
std::unique_ptr<Reduction<Wide>> make_reduction(ReductionKind kind, Wide lowest, Wide highest);

}  // namespace exec::cpu
