#include <vector>

#include "kernels/cpu/convolution.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

struct Tap {
  int64_t number;
  int64_t offset;
};

template <typename T>
T sum_of(const Convolution<T>& conv, const std::vector<Tap>& taps, const T* image, const T* weights) {
  const int64_t input_size = conv.window.input_size();
  const int64_t num_taps = conv.window.kernel_size();
  double sum = 0;
  for (int64_t channel = 0; channel < conv.channels; ++channel) {
    for (const Tap& tap : taps) {
      sum += static_cast<double>(image[channel * input_size + tap.offset]) *
             static_cast<double>(weights[channel * num_taps + tap.number]);
    }
  }
  return static_cast<T>(sum);
}

template <typename T>
void convolve(const Convolution<T>& conv) {
  const int64_t positions = conv.window.output_size();
  const int64_t image_size = conv.channels * conv.window.input_size();
  const int64_t filter_size = conv.channels * conv.window.kernel_size();
  parallel_for(positions, 16, [&](int64_t begin, int64_t end) {
    TapWalk walk(conv.window);
    std::vector<Tap> taps;
    for (int64_t position = begin; position < end; ++position) {
      taps.clear();
      walk.at(position, [&](int64_t number, int64_t offset) { taps.push_back({number, offset}); });
      for (int64_t plane = 0; plane < conv.batch * conv.groups * conv.outputs; ++plane) {
        const int64_t output = plane % (conv.groups * conv.outputs);
        const T* image = conv.x + plane / conv.outputs * image_size;
        const T bias = conv.bias == nullptr ? T{0} : conv.bias[output];
        conv.y[plane * positions + position] = sum_of(conv, taps, image, conv.weights + output * filter_size) + bias;
      }
    }
  });
}

}  // namespace

void convolve_reference(const Convolution<float>& convolution) { convolve(convolution); }

void convolve_reference(const Convolution<double>& convolution) { convolve(convolution); }

}  // namespace exec::cpu
