#include <cmath>
#include <limits>

#include "kernels/cpu/pooling.h"
#include "kernels/cpu/pooling_rows.h"
#include "runtime/simd.h"

namespace exec::cpu {
namespace {

template <typename T>
constexpr T lowest() {
  if constexpr (std::numeric_limits<T>::has_infinity) return -std::numeric_limits<T>::infinity();
  return std::numeric_limits<T>::lowest();
}

/// Whether `candidate` takes the place of `best`: it is larger, or the first NaN.
template <typename T>
bool beats(T candidate, T best) {
  if constexpr (std::is_integral_v<T>) return candidate > best;
  return candidate > best || (std::isnan(candidate) && !std::isnan(best));
}

template <typename T>
void take_max(T* __restrict target, const T* __restrict source, int64_t count, int64_t stride) {
  for (int64_t i = 0; i < count; ++i) {
    const T candidate = source[i * stride];
    target[i] = beats(candidate, target[i]) ? candidate : target[i];
  }
}

EXEC_VECTORIZED void take_max(float* __restrict target, const float* __restrict source, int64_t count, int64_t stride) {
  const auto larger = [](float candidate, float best) {
    return ((candidate > best) | std::isnan(candidate)) ? candidate : best;
  };
  if (stride == 1) {
    for (int64_t i = 0; i < count; ++i) target[i] = larger(source[i], target[i]);
  } else if (stride == 2) {
    for (int64_t i = 0; i < count; ++i) target[i] = larger(source[2 * i], target[i]);
  } else {
    for (int64_t i = 0; i < count; ++i) target[i] = larger(source[stride * i], target[i]);
  }
}

/// Row-major offset within the spatial extents as a number that counts with the first axis running fastest.
int64_t column_major_number(const Dims& extents, int64_t offset) {
  int64_t number = 0;
  for (size_t axis = extents.size(); axis-- > 0;) {
    int64_t stride = 1;
    for (size_t before = 0; before < axis; ++before) stride *= extents[before];
    number += offset % extents[axis] * stride;
    offset /= extents[axis];
  }
  return number;
}

}  // namespace

template <typename T>
void max_pool(const Pooling<T>& pooling) {
  if (pooling.window.rank() > 3) {
    const int64_t positions = pooling.window.output_size();
    for_each_plane(pooling.window, pooling.planes, [&](int64_t plane) {
      TapWalk walk(pooling.window);
      const T* source = pooling.x + plane * pooling.window.input_size();
      for (int64_t position = 0; position < positions; ++position) {
        T best = lowest<T>();
        walk.at(position, [&](int64_t, int64_t offset) { best = beats(source[offset], best) ? source[offset] : best; });
        pooling.y[plane * positions + position] = best;
      }
    });
    return;
  }
  const Window window = pooling.window.in_3d();
  for_each_plane(window, pooling.planes, [&](int64_t plane) {
    T* target = pooling.y + plane * window.output_size();
    std::fill_n(target, window.output_size(), lowest<T>());
    pool_plane(window, pooling.x + plane * window.input_size(), target,
               [](T* at, const T* source, int64_t count, int64_t stride) { take_max(at, source, count, stride); });
  });
}

template <typename T>
void max_pool_with_indices(const Pooling<T>& pooling, bool column_major, int64_t* indices) {
  const Window& window = pooling.window;
  const int64_t positions = window.output_size();
  const int64_t plane_size = window.input_size();
  for_each_plane(window, pooling.planes, [&](int64_t plane) {
    TapWalk walk(window);
    const T* source = pooling.x + plane * plane_size;
    for (int64_t position = 0; position < positions; ++position) {
      int64_t best = -1;
      walk.at(position, [&](int64_t, int64_t offset) {
        if (best < 0 || beats(source[offset], source[best])) best = offset;
      });
      const int64_t at = plane * positions + position;
      pooling.y[at] = best < 0 ? lowest<T>() : source[best];
      indices[at] =
          best < 0 ? -1 : plane * plane_size + (column_major ? column_major_number(window.input, best) : best);
    }
  });
}

template void max_pool(const Pooling<float>&);
template void max_pool(const Pooling<double>&);
template void max_pool(const Pooling<int8_t>&);
template void max_pool(const Pooling<uint8_t>&);
template void max_pool_with_indices(const Pooling<float>&, bool, int64_t*);
template void max_pool_with_indices(const Pooling<double>&, bool, int64_t*);
template void max_pool_with_indices(const Pooling<int8_t>&, bool, int64_t*);
template void max_pool_with_indices(const Pooling<uint8_t>&, bool, int64_t*);

}  // namespace exec::cpu
