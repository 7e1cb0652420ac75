#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cpu/convolution.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/im2col.h"
#include "kernels/cpu/matrix_product.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

/// y[n, g, o, at(p, tap)] += x[n, g, c, p] * weights[g, c, o, tap] on top of the bias. The window is that of the
/// convolution whose gradient this is: it slides over y, and x has its positions.
template <typename T>
struct TransposedConvolution {
  Window window;
  int64_t batch = 0;
  int64_t groups = 1;
  int64_t channels = 0;  ///< of x, per group
  int64_t outputs = 0;   ///< channels of y, per group
  const T* x = nullptr;
  const T* weights = nullptr;
  const T* bias = nullptr;
  T* y = nullptr;
};

template <typename T>
void start_with_bias(const TransposedConvolution<T>& conv, int64_t plane) {
  const int64_t size = conv.window.input_size();
  const T bias = conv.bias == nullptr ? T{0} : conv.bias[plane % (conv.groups * conv.outputs)];
  std::fill_n(conv.y + plane * size, size, bias);
}

/// For at most three spatial axes: products with the transposed weights, then their columns folded into the result,
/// some output channels at a time.
void run_by_product(const TransposedConvolution<float>& conv) {
  constexpr int64_t kMaxUnfoldedFloats = int64_t{1} << 20;
  const Window window = conv.window.in_3d();
  const int64_t taps = window.kernel_size();
  const int64_t positions = window.output_size();
  const int64_t channel_floats = std::max<int64_t>(taps * positions, 1);
  const int64_t outputs_at_once =
      std::clamp<int64_t>(kMaxUnfoldedFloats / channel_floats, 1, std::max<int64_t>(conv.outputs, 1));
  const auto columns = std::make_unique_for_overwrite<float[]>(static_cast<size_t>(outputs_at_once * taps * positions));
  for (int64_t matrix = 0; matrix < conv.batch * conv.groups; ++matrix) {
    for (int64_t first = 0; first < conv.outputs; first += outputs_at_once) {
      const int64_t count = std::min(outputs_at_once, conv.outputs - first);
      MatrixProduct<float> product;
      product.m = count * taps;
      product.n = positions;
      product.k = conv.channels;
      product.transpose_a = true;
      product.lda = conv.outputs * taps;
      product.a = conv.weights + matrix % conv.groups * conv.channels * product.lda + first * taps;
      product.ldb = positions;
      product.b = conv.x + matrix * conv.channels * positions;
      product.ldc = positions;
      product.c = columns.get();
      multiply(product);
      parallel_for(count, 1, [&](int64_t begin, int64_t end) {
        for (int64_t output = begin; output < end; ++output) {
          const int64_t plane = matrix * conv.outputs + first + output;
          start_with_bias(conv, plane);
          col2im_add(window, columns.get() + output * taps * positions, conv.y + plane * window.input_size());
        }
      });
    }
  }
}

/// The definition, for any number of axes; sums in double.
template <typename T>
void run_reference(const TransposedConvolution<T>& conv) {
  const int64_t taps = conv.window.kernel_size();
  const int64_t positions = conv.window.output_size();
  const int64_t size = conv.window.input_size();
  parallel_for(conv.batch * conv.groups * conv.outputs, 1, [&](int64_t begin, int64_t end) {
    TapWalk walk(conv.window);
    std::vector<double> sums(static_cast<size_t>(size));
    for (int64_t plane = begin; plane < end; ++plane) {
      const int64_t matrix = plane / conv.outputs;
      std::fill(sums.begin(), sums.end(), 0.0);
      for (int64_t channel = 0; channel < conv.channels; ++channel) {
        const T* image = conv.x + (matrix * conv.channels + channel) * positions;
        const T* weights =
            conv.weights +
            ((matrix % conv.groups * conv.channels + channel) * conv.outputs + plane % conv.outputs) * taps;
        for (int64_t position = 0; position < positions; ++position) {
          walk.at(position, [&](int64_t tap, int64_t offset) {
            sums[static_cast<size_t>(offset)] +=
                static_cast<double>(image[position]) * static_cast<double>(weights[tap]);
          });
        }
      }
      start_with_bias(conv, plane);
      for (int64_t i = 0; i < size; ++i) {
        T& target = conv.y[plane * size + i];
        target = static_cast<T>(static_cast<double>(target) + sums[static_cast<size_t>(i)]);
      }
    }
  });
}

void run(const TransposedConvolution<float>& conv) {
  constexpr size_t kMaxUnfoldedAxes = 3;
  return conv.window.rank() <= kMaxUnfoldedAxes ? run_by_product(conv) : run_reference(conv);
}

void run(const TransposedConvolution<double>& conv) { run_reference(conv); }

/// Sets the result's extents and pads of one axis (ConvTranspose-22). `wanted` is the extent asked for, -1 if none is.
void place_axis(const KernelContext& context, Window& window, size_t axis, int64_t output_padding, int64_t wanted,
                bool odd_at_end) {
  const int64_t full = window.strides[axis] * (window.output[axis] - 1) + output_padding +
                       (window.kernel[axis] - 1) * window.dilations[axis] + 1;
  if (wanted >= 0) {
    const int64_t total = std::max<int64_t>(full - wanted, 0);
    window.pads_begin[axis] = odd_at_end ? total / 2 : total - total / 2;
    window.pads_end[axis] = total - window.pads_begin[axis];
    window.input[axis] = wanted;
  } else {
    window.input[axis] = full - window.pads_begin[axis] - window.pads_end[axis];
  }
  if (window.output[axis] == 0 && wanted < 0) window.input[axis] = std::max<int64_t>(window.input[axis], 0);
  if (window.input[axis] < 0) {
    context.fail("the pads are wider than the result along spatial axis " + std::to_string(axis));
  }
}

Window read_transposed_window(const KernelContext& context, const Dims& spatial, const Dims& kernel) {
  const size_t rank = spatial.size();
  Window window;
  window.output = spatial;
  window.kernel = kernel;
  window.input.resize(rank);
  window.strides = read_axis_values(context, "strides", rank, 1, 1);
  window.dilations = read_axis_values(context, "dilations", rank, 1, 1);
  require_window(context, window.kernel, window.output);
  const Dims output_padding = read_axis_values(context, "output_padding", rank, 0, 0);
  const std::string auto_pad = context.attr_string("auto_pad", "NOTSET");
  const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
  if (!same && auto_pad != "NOTSET" && auto_pad != "VALID") {
    context.fail("attribute 'auto_pad' is '" + auto_pad + "', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID");
  }
  const Dims pads = auto_pad == "NOTSET" ? read_axis_values(context, "pads", 2 * rank, 0, 0) : Dims(2 * rank, 0);
  window.pads_begin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(rank));
  window.pads_end.assign(pads.begin() + static_cast<std::ptrdiff_t>(rank), pads.end());

  Dims wanted(rank, -1);
  if (!context.attr_ints("output_shape").empty()) {
    wanted = read_axis_values(context, "output_shape", rank, -1, 0);
  } else if (same) {
    for (size_t axis = 0; axis < rank; ++axis) wanted[axis] = spatial[axis] * window.strides[axis];
  }
  for (size_t axis = 0; axis < rank; ++axis) {
    place_axis(context, window, axis, output_padding[axis], wanted[axis], auto_pad == "SAME_UPPER");
  }
  return window;
}

/// ConvTranspose-22 and before: X [N, C, ...], W [C, M/group, ...], B [M].
template <typename T>
void conv_transpose(KernelContext& context) {
  const Tensor& x = context.input(0);
  const Tensor& w = context.input(1);
  const Dims spatial = spatial_dims(context);
  require_rank(context, 1, x.rank());
  if (w.type() != x.type()) context.fail("X and W have different types");

  TransposedConvolution<T> conv;
  conv.batch = x.dims()[0];
  conv.groups = context.attr_int("group", 1);
  const int64_t channels = x.dims()[1];
  if (conv.groups < 1 || channels % conv.groups != 0 || channels != w.dims()[0]) {
    context.fail("X " + dims_text(x.dims()) + " and W " + dims_text(w.dims()) + " do not fit in " +
                 std::to_string(conv.groups) + " groups");
  }
  conv.channels = channels / conv.groups;
  conv.outputs = w.dims()[1];
  const Dims kernel(w.dims().begin() + 2, w.dims().end());
  if (const Dims shape = context.attr_ints("kernel_shape"); !shape.empty() && shape != kernel) {
    context.fail("attribute 'kernel_shape' is " + dims_text(shape) + ", W has shape " + dims_text(w.dims()));
  }
  conv.window = read_transposed_window(context, spatial, kernel);

  const int64_t outputs = checked_mul(context, conv.groups, conv.outputs);
  if (const Tensor* bias = context.optional_input(2)) {
    if (bias->type() != x.type() || bias->dims() != Dims{outputs}) {
      context.fail("B has shape " + dims_text(bias->dims()) + ", expected [" + std::to_string(outputs) +
                   "] of X's type");
    }
    conv.bias = elements<T>(*bias).data();
  }
  Dims dims{conv.batch, outputs};
  dims.insert(dims.end(), conv.window.input.begin(), conv.window.input.end());
  conv.x = elements<T>(x).data();
  conv.weights = elements<T>(w).data();
  conv.y = mutable_elements<T>(context.output(0, x.type(), std::move(dims))).data();
  run(conv);
}

constexpr Kernel kKernels[] = {
    {"ConvTranspose", "", 1, kLatest, type_bit(DataType::kFloat), 0, conv_transpose<float>},
    {"ConvTranspose", "", 1, kLatest, type_bit(DataType::kDouble), 0, conv_transpose<double>},
    {"ConvTranspose", "", 1, kLatest, kHalfFloats, 0, widened<conv_transpose<float>>},
};

}  // namespace

std::span<const Kernel> conv_transpose_kernels() { return kKernels; }

}  // namespace exec::cpu
