#include <cmath>
#include <vector>

#include "kernels/cpu/pooling.h"
#include "kernels/cpu/pooling_rows.h"
#include "runtime/simd.h"

namespace exec::cpu {
namespace {

template <typename T>
void add_line(T* __restrict target, const T* __restrict source, int64_t count, int64_t stride) {
  for (int64_t i = 0; i < count; ++i) target[i] += source[i * stride];
}

EXEC_VECTORIZED void add_line(float* __restrict target, const float* __restrict source, int64_t count, int64_t stride) {
  if (stride == 1) {
    for (int64_t i = 0; i < count; ++i) target[i] += source[i];
  } else {
    for (int64_t i = 0; i < count; ++i) target[i] += source[stride * i];
  }
}

/// How many taps count along one axis at each position.
std::vector<int64_t> tap_counts(const Window& window, size_t axis, bool count_padding) {
  std::vector<int64_t> counts;
  for (int64_t position = 0; position < window.output[axis]; ++position) {
    TapRange range = taps_inside(window, axis, position);
    if (count_padding) {
      // The first tap never starts before the padding; those behind the end padding read nothing.
      const int64_t room = window.input[axis] + window.pads_end[axis] - window.at(axis, position, 0);
      range = {0, std::min(window.kernel[axis], room <= 0 ? 0 : (room - 1) / window.dilations[axis] + 1)};
    }
    counts.push_back(std::max<int64_t>(range.last - range.first, 0));
  }
  return counts;
}

/// The number of counted taps at each output position, row-major. The windows of all planes share it.
std::vector<double> divisors(const Window& window, bool count_padding) {
  std::vector<double> result{1.0};
  for (size_t axis = 0; axis < window.rank(); ++axis) {
    const std::vector<int64_t> counts = tap_counts(window, axis, count_padding);
    std::vector<double> extended;
    extended.reserve(result.size() * counts.size());
    for (const double outer : result) {
      for (const int64_t count : counts) extended.push_back(outer * static_cast<double>(count));
    }
    result = std::move(extended);
  }
  return result;
}

/// Sums with double partial results, for windows of any number of axes.
template <typename T, typename Term>
void sum_windows(const Pooling<T>& pooling, int64_t plane, double* sums, const Term& term) {
  TapWalk walk(pooling.window);
  const T* source = pooling.x + plane * pooling.window.input_size();
  for (int64_t position = 0; position < pooling.window.output_size(); ++position) {
    double sum = 0;
    walk.at(position, [&](int64_t, int64_t offset) { sum += term(static_cast<double>(source[offset])); });
    sums[position] = sum;
  }
}

}  // namespace

template <typename T>
void average_pool(const Pooling<T>& pooling, bool count_padding) {
  const int64_t positions = pooling.window.output_size();
  const std::vector<double> counts = divisors(pooling.window, count_padding);
  const bool by_rows = pooling.window.rank() <= 3;
  const Window window = by_rows ? pooling.window.in_3d() : pooling.window;
  for_each_plane(window, pooling.planes, [&](int64_t plane) {
    T* target = pooling.y + plane * positions;
    if (by_rows) {
      std::fill_n(target, positions, T{0});
      pool_plane(window, pooling.x + plane * window.input_size(), target,
                 [](T* at, const T* source, int64_t count, int64_t stride) { add_line(at, source, count, stride); });
    } else {
      std::vector<double> sums(static_cast<size_t>(positions));
      sum_windows(pooling, plane, sums.data(), [](double x) { return x; });
      std::transform(sums.begin(), sums.end(), target, [](double sum) { return static_cast<T>(sum); });
    }
    for (int64_t i = 0; i < positions; ++i) target[i] /= static_cast<T>(counts[static_cast<size_t>(i)]);
  });
}

template <typename T>
void lp_pool(const Pooling<T>& pooling, double p) {
  const int64_t positions = pooling.window.output_size();
  for_each_plane(pooling.window, pooling.planes, [&](int64_t plane) {
    std::vector<double> sums(static_cast<size_t>(positions));
    sum_windows(pooling, plane, sums.data(), [p](double x) { return p == 2.0 ? x * x : std::pow(std::fabs(x), p); });
    for (int64_t i = 0; i < positions; ++i) {
      const double sum = sums[static_cast<size_t>(i)];
      pooling.y[plane * positions + i] = static_cast<T>(p == 2.0 ? std::sqrt(sum) : std::pow(sum, 1.0 / p));
    }
  });
}

template void average_pool(const Pooling<float>&, bool);
template void average_pool(const Pooling<double>&, bool);
template void lp_pool(const Pooling<float>&, double);
template void lp_pool(const Pooling<double>&, double);

}  // namespace exec::cpu
