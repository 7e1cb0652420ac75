#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cpu/dims.h"
#include "runtime/threads.h"

namespace exec::cpu {

/// Several operands walked in step over one shape, each with its own strides. Axes of extent 1 are dropped and
/// neighbouring axes merged where every operand allows it, so a walk over contiguous data is one run.
class LoopNest {
 public:
  static constexpr size_t kMaxOperands = 4;
  using Offsets = std::array<int64_t, kMaxOperands>;

  /// `strides[k]` has an entry per axis of `extents`, in elements of operand k; 0 repeats, negative goes backwards.
  LoopNest(std::span<const int64_t> extents, std::initializer_list<std::span<const int64_t>> strides);

  int64_t num_elements() const { return num_elements_; }
  int64_t run_stride(size_t operand) const { return strides_[operand].back(); }

  /// Visits the elements begin <= i < end (row-major numbers) as runs along the innermost axis: `run(offsets, count)`
  /// gets each operand's offset of the first element; the others follow at run_stride().
  template <typename Run>
  void for_each_run(int64_t begin, int64_t end, Run&& run) const {
    if (begin >= end) return;
    Offsets offsets{};
    std::vector<int64_t> index(extents_.size(), 0);
    seek(begin, index, offsets);
    const int64_t inner = extents_.back();
    for (int64_t position = begin; position < end;) {
      const int64_t count = std::min(inner - index.back(), end - position);
      run(static_cast<const Offsets&>(offsets), count);
      position += count;
      if (position < end) advance(count, index, offsets);
    }
  }

  /// The same over all elements, spread over threads. `run` may be called at the same time for different elements.
  template <typename Run>
  void for_each_run_parallel(Run&& run) const {
    parallel_for(num_elements_, kGrain, [&](int64_t begin, int64_t end) { for_each_run(begin, end, run); });
  }

  /// Elements that a thread should at least have to be worth its start.
  static constexpr int64_t kGrain = 32768;

 private:
  void seek(int64_t position, std::vector<int64_t>& index, Offsets& offsets) const;
  void advance(int64_t count, std::vector<int64_t>& index, Offsets& offsets) const;

  std::vector<int64_t> extents_;  // outermost first, never empty
  std::array<std::vector<int64_t>, kMaxOperands> strides_;
  size_t num_operands_ = 0;
  int64_t num_elements_ = 0;
};

}  // namespace exec::cpu
