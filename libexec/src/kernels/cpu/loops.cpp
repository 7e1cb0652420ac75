#include "kernels/cpu/loops.h"

namespace exec::cpu {

LoopNest::LoopNest(std::span<const int64_t> extents, std::initializer_list<std::span<const int64_t>> strides)
    : num_operands_(strides.size()), num_elements_(product(extents)) {
  SURGERY_ASSERT(strides.size() <= kMaxOperands, "as many operands as there is room for");
  for (size_t axis = 0; axis < extents.size(); ++axis) {
    if (extents[axis] == 1) continue;
    bool merges = !extents_.empty();
    size_t k = 0;
    for (const std::span<const int64_t> operand : strides) {
      // The outer axis steps as far as a whole turn of the inner one. Unsigned: strides of empty shapes may wrap.
      merges = merges && static_cast<uint64_t>(strides_[k].back()) ==
                             static_cast<uint64_t>(operand[axis]) * static_cast<uint64_t>(extents[axis]);
      ++k;
    }
    if (merges) {
      extents_.back() =
          static_cast<int64_t>(static_cast<uint64_t>(extents_.back()) * static_cast<uint64_t>(extents[axis]));
    } else {
      extents_.push_back(extents[axis]);
    }
    k = 0;
    for (const std::span<const int64_t> operand : strides) {
      if (merges) {
        strides_[k].back() = operand[axis];
      } else {
        strides_[k].push_back(operand[axis]);
      }
      ++k;
    }
  }
  if (extents_.empty()) {
    extents_.push_back(1);
    for (size_t k = 0; k < num_operands_; ++k) strides_[k].push_back(0);
  }
}

void LoopNest::seek(int64_t position, std::vector<int64_t>& index, Offsets& offsets) const {
  for (size_t axis = extents_.size(); axis-- > 0;) {
    index[axis] = position % extents_[axis];
    position /= extents_[axis];
    for (size_t k = 0; k < num_operands_; ++k) offsets[k] += index[axis] * strides_[k][axis];
  }
}

void LoopNest::advance(int64_t count, std::vector<int64_t>& index, Offsets& offsets) const {
  size_t axis = extents_.size() - 1;
  index[axis] += count;
  for (size_t k = 0; k < num_operands_; ++k) offsets[k] += count * strides_[k][axis];
  while (axis > 0 && index[axis] == extents_[axis]) {
    index[axis] = 0;
    for (size_t k = 0; k < num_operands_; ++k) offsets[k] -= extents_[axis] * strides_[k][axis];
    --axis;
    ++index[axis];
    for (size_t k = 0; k < num_operands_; ++k) offsets[k] += strides_[k][axis];
  }
}

}  // namespace exec::cpu
