#pragma once

#include <unordered_map>

#include "runtime/memory.h"

namespace exec {

/// Weights in the form that kernels want, kept from one run to the next: those that lie unaligned in their file are
/// copied once, where every run of its own would copy them again.
class ResidentWeights {
 public:
  explicit ResidentWeights(const MemoryMeter& meter) : meter_(meter) {}

  /// An aligned copy, or the initializer itself where that is aligned or no memory is left for a copy.
  const surgery::Tensor* resident(const surgery::Tensor& initializer);

 private:
  const MemoryMeter& meter_;
  std::unordered_map<const surgery::Tensor*, surgery::Tensor> copies_;
};

}  // namespace exec
