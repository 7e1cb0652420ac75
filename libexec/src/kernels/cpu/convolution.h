#pragma once

#include <cstdint>

#include "kernels/cpu/window.h"

namespace exec::cpu {

/// y[n, g, o, p] = bias[g, o] + sum over c and taps of x[n, g, c, at(p, tap)] * weights[g, o, c, tap]: a convolution as
/// ONNX has it, with `groups` groups of `channels` input and `outputs` output channels each. Row-major.
template <typename T>
struct Convolution {
  Window window;
  int64_t batch = 0;
  int64_t groups = 1;
  int64_t channels = 0;
  int64_t outputs = 0;
  const T* x = nullptr;
  const T* weights = nullptr;
  const T* bias = nullptr;  ///< nullptr: none
  T* y = nullptr;

  bool is_depthwise() const { return channels == 1 && groups > 1; }
};

// The implementations. Results do not depend on the number of threads.

/// Direct, for one input channel per group and at most three spatial axes: rows of output, vectorised. Needs at most
/// 4 MiB per thread.
void convolve_depthwise(const Convolution<float>& convolution);
void convolve_depthwise(const Convolution<double>& convolution);
/// As matrix products, for at most three spatial axes. Needs at most 4 MiB, or one column of the unfolded input where
/// that is more.
void convolve_by_product(const Convolution<float>& convolution);
void convolve_by_product(const Convolution<double>& convolution);
/// The definition, for any number of axes; sums in double.
void convolve_reference(const Convolution<float>& convolution);
void convolve_reference(const Convolution<double>& convolution);

}  // namespace exec::cpu
