#pragma once

#include <cstdint>

#include "kernels/cpu/window.h"

namespace exec::cpu {

/// `planes` images, each [input...], pooled to [output...] one by one.
template <typename T>
struct Pooling {
  Window window;
  int64_t planes = 0;
  const T* x = nullptr;
  T* y = nullptr;
};

/// The largest element under the window; a NaN wins; -infinity (or the type's lowest) where all is padding.
template <typename T>
void max_pool(const Pooling<T>& pooling);

/// max_pool() and where the largest lies: `indices` gets its number within the tensor, counted row-major, or with the
/// first spatial axis running fastest inside each plane. Of equal ones, the first in row-major order. -1 for no
/// element.
template <typename T>
void max_pool_with_indices(const Pooling<T>& pooling, bool column_major, int64_t* indices);

/// The mean of the elements under the window; with `count_padding`, padding counts as zeros, but not what lies beyond
/// it (the rest of a last window in ceil mode).
template <typename T>
void average_pool(const Pooling<T>& pooling, bool count_padding);

/// (sum of |x|^p)^(1/p) of the elements under the window.
template <typename T>
void lp_pool(const Pooling<T>& pooling, double p);

}  // namespace exec::cpu
