// ConvInteger and QLinearConv: x minus its zero point, w minus one per tensor or per output channel. Padding is 0 after
// the subtraction.

#include <algorithm>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/convolution.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/integer_product.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

constexpr size_t kMaxUnfoldedAxes = 3;

/// The inputs that x, w and their zero points are.
struct Positions {
  size_t x;
  size_t x_zero_point;
  size_t w;
  size_t w_zero_point;
};

Convolution<float> read_convolution(const KernelContext& context, const Positions& at) {
  const Dims& x = context.input(at.x).dims();
  const Dims& w = context.input(at.w).dims();
  if (x.size() < 3) context.fail("x has shape " + dims_text(x) + ", expected [N, C, ...]");
  require_rank(context, at.w, static_cast<int64_t>(x.size()));
  Convolution<float> conv;
  conv.batch = x[0];
  conv.groups = context.attr_int("group", 1);
  if (conv.groups < 1 || x[1] % conv.groups != 0 || w[0] % conv.groups != 0 || x[1] / conv.groups != w[1]) {
    context.fail("x " + dims_text(x) + " and w " + dims_text(w) + " do not fit in " + std::to_string(conv.groups) +
                 " groups");
  }
  conv.channels = w[1];
  conv.outputs = w[0] / conv.groups;
  const Dims kernel(w.begin() + 2, w.end());
  if (const Dims shape = context.attr_ints("kernel_shape"); !shape.empty() && shape != kernel) {
    context.fail("attribute 'kernel_shape' is " + dims_text(shape) + ", w has shape " + dims_text(w));
  }
  conv.window = read_window(context, Dims(x.begin() + 2, x.end()), kernel, WindowFit::kSome);
  return conv;
}

/// w's zero point or scale: one value, or one per output channel, as dims that broadcast to w.
Dims channel_dims(const KernelContext& context, size_t input, const Dims& w) {
  if (!context.has_input(input)) return {};
  const Tensor& parameter = context.input(input);
  if (parameter.num_elements() == 1 && parameter.rank() <= 1) return {};
  if (parameter.dims() != Dims{w[0]}) {
    context.fail("input " + std::to_string(input) + " has shape " + dims_text(parameter.dims()) +
                 ", expected one value or [" + std::to_string(w[0]) + "]");
  }
  Dims dims(w.size(), 1);
  dims[0] = w[0];
  return dims;
}

void convolve(const Convolution<float>& conv) {
  if (conv.is_depthwise()) return convolve_depthwise(conv);
  convolve_by_product(conv);
}

void add(const Tensor& from, int32_t* to, int64_t count) {
  const std::span<const float> values = from.values<float>();
  for (int64_t i = 0; i < count; ++i) {
    to[i] = static_cast<int32_t>(static_cast<uint32_t>(to[i]) +
                                 static_cast<uint32_t>(static_cast<int32_t>(values[static_cast<size_t>(i)])));
  }
}

/// The definition in double, which holds every sum: for windows of more taps than a float can sum up, or more axes.
void convolve_wide(const KernelContext& context, const Convolution<float>& conv, const Tensor& x, const Tensor& w,
                   int32_t* y, int64_t size) {
  const Tensor wide_x = cast_tensor(context, x, DataType::kDouble);
  const Tensor wide_w = cast_tensor(context, w, DataType::kDouble);
  Tensor sums = scratch(context, DataType::kDouble, {size});
  Convolution<double> wide;
  wide.window = conv.window;
  wide.batch = conv.batch;
  wide.groups = conv.groups;
  wide.channels = conv.channels;
  wide.outputs = conv.outputs;
  wide.x = wide_x.values<double>().data();
  wide.weights = wide_w.values<double>().data();
  wide.y = sums.mutable_values<double>().data();
  convolve_reference(wide);
  const std::span<const double> values = sums.values<double>();
  for (size_t i = 0; i < values.size(); ++i) {
    y[i] = static_cast<int32_t>(static_cast<uint32_t>(static_cast<int64_t>(values[i])));
  }
}

/// Adds the convolution of some channels of one image and group to `y`, [outputs, positions].
struct ChannelPart {
  int64_t first;
  int64_t count;
};
void add_channels(const Convolution<float>& conv, ChannelPart part, int64_t image, int64_t group, const Tensor& weights,
                  Tensor& sums, int32_t* y) {
  Convolution<float> piece = conv;
  piece.batch = 1;
  piece.groups = 1;
  piece.channels = part.count;
  piece.x = conv.x + ((image * conv.groups + group) * conv.channels + part.first) * conv.window.input_size();
  piece.weights = weights.values<float>().data();
  piece.y = sums.mutable_values<float>().data();
  convolve_by_product(piece);
  const int64_t size = conv.outputs * conv.window.output_size();
  add(sums, y + (image * conv.groups + group) * size, size);
}

/// x * w in 32-bit integers.
void convolve_integers(const KernelContext& context, Convolution<float> conv, const Tensor& x, const Tensor& w,
                       int32_t* y, int64_t size) {
  if (size == 0) return;
  const int64_t taps = conv.window.kernel_size();
  if (conv.window.rank() > kMaxUnfoldedAxes || taps > kExactTerms) return convolve_wide(context, conv, x, w, y, size);
  conv.x = x.values<float>().data();
  conv.weights = w.values<float>().data();
  if (conv.channels * taps <= kExactTerms) {
    Tensor sums = scratch(context, DataType::kFloat, {size});
    conv.y = sums.mutable_values<float>().data();
    convolve(conv);
    return add(sums, y, size);
  }
  const int64_t step = kExactTerms / taps;
  Tensor sums = scratch(context, DataType::kFloat, {conv.outputs, conv.window.output_size()});
  for (int64_t group = 0; group < conv.groups; ++group) {
    for (int64_t first = 0; first < conv.channels; first += step) {
      const ChannelPart part{first, std::min(step, conv.channels - first)};
      Tensor weights = scratch(context, DataType::kFloat, {conv.outputs, part.count * taps});
      float* to = weights.mutable_values<float>().data();
      for (int64_t output = 0; output < conv.outputs; ++output) {
        const float* from = conv.weights + ((group * conv.outputs + output) * conv.channels + first) * taps;
        std::copy_n(from, part.count * taps, to + output * part.count * taps);
      }
      for (int64_t image = 0; image < conv.batch; ++image) add_channels(conv, part, image, group, weights, sums, y);
    }
  }
}

Dims output_dims(const Convolution<float>& conv) {
  Dims dims{conv.batch, conv.groups * conv.outputs};
  dims.insert(dims.end(), conv.window.output.begin(), conv.window.output.end());
  return dims;
}

/// Convolves into `sums`, zeros of output_dims().
void run_convolution(const KernelContext& context, const Positions& at, const Convolution<float>& conv, Tensor& sums) {
  if (context.has_input(at.x_zero_point) && context.input(at.x_zero_point).num_elements() != 1) {
    context.fail("the zero point of x has shape " + dims_text(context.input(at.x_zero_point).dims()) +
                 ", expected one value");
  }
  const Tensor x = centred(context, at.x, at.x_zero_point, {});
  const Tensor w =
      centred(context, at.w, at.w_zero_point, channel_dims(context, at.w_zero_point, context.input(at.w).dims()));
  convolve_integers(context, conv, x, w, sums.mutable_values<int32_t>().data(), sums.num_elements());
}

void conv_integer(KernelContext& context) {
  constexpr Positions kAt{0, 2, 1, 3};
  require_8_bits(context, 1);
  const Convolution<float> conv = read_convolution(context, kAt);
  run_convolution(context, kAt, conv, context.output(0, DataType::kInt32, output_dims(conv)));
}

float single_float(const KernelContext& context, size_t input) {
  require_type(context, input, DataType::kFloat);
  if (context.input(input).num_elements() != 1) {
    context.fail("input " + std::to_string(input) + " has shape " + dims_text(context.input(input).dims()) +
                 ", expected one value");
  }
  return context.input(input).values<float>()[0];
}

void qlinear_conv(KernelContext& context) {
  constexpr Positions kAt{0, 2, 3, 5};
  require_8_bits(context, 3);
  require_8_bits(context, 7);
  const Convolution<float> conv = read_convolution(context, kAt);
  const Dims dims = output_dims(conv);
  const float x_scale = single_float(context, 1);
  const float y_scale = single_float(context, 6);
  require_type(context, 4, DataType::kFloat);
  const bool per_channel = !channel_dims(context, 4, context.input(3).dims()).empty();
  const std::span<const float> w_scale = context.input(4).values<float>();
  if (context.input(7).num_elements() != 1) context.fail("the zero point of y is no single value");
  const float zero_point = cast_tensor(context, 7, DataType::kFloat).values<float>()[0];
  if (context.has_input(8)) {
    require_type(context, 8, DataType::kInt32);
    require_shape(context, 8, {dims[1]});
  }
  Tensor& y = context.output(0, context.input(7).type(), dims);
  Tensor sums = scratch(context, DataType::kInt32, dims);
  run_convolution(context, kAt, conv, sums);
  const int32_t* from = sums.values<int32_t>().data();
  const int64_t positions = conv.window.output_size();
  dispatch<uint8_t, int8_t>(context, y.type(), [&]<typename T>() {
    T* to = mutable_elements<T>(y).data();
    parallel_for(dims[0] * dims[1], 16, [&](int64_t begin, int64_t end) {
      for (int64_t plane = begin; plane < end; ++plane) {
        const auto channel = static_cast<size_t>(plane % dims[1]);
        const float multiplier = x_scale * w_scale[per_channel ? channel : 0] / y_scale;
        const auto bias = static_cast<uint32_t>(context.has_input(8) ? context.input(8).values<int32_t>()[channel] : 0);
        for (int64_t i = plane * positions; i < (plane + 1) * positions; ++i) {
          const auto sum = static_cast<int32_t>(static_cast<uint32_t>(from[i]) + bias);
          to[i] = requantized<T>(static_cast<float>(sum) * multiplier, zero_point);
        }
      }
    });
  });
}

constexpr TypeMask k8Bits = type_mask({DataType::kUint8, DataType::kInt8});

constexpr Kernel kKernels[] = {
    {"ConvInteger", "", 10, kLatest, k8Bits, 0, conv_integer},
    {"QLinearConv", "", 10, kLatest, k8Bits, 0, qlinear_conv},
};

}  // namespace

std::span<const Kernel> conv_integer_kernels() { return kKernels; }

}  // namespace exec::cpu
