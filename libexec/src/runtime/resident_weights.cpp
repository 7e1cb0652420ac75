#include "runtime/resident_weights.h"

namespace exec {

const surgery::Tensor* ResidentWeights::resident(const surgery::Tensor& initializer) {
  if (initializer.is_aligned()) return &initializer;
  if (const auto found = copies_.find(&initializer); found != copies_.end()) return &found->second;
  if (initializer.size_bytes() > meter_.bytes_left()) return &initializer;
  return &copies_.emplace(&initializer, meter_.count(initializer.aligned())).first->second;
}

}  // namespace exec
