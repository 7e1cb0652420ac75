#include <string>

#include "kernels/cpu/convolution.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

constexpr size_t kMaxUnfoldedAxes = 3;

/// By the first that takes it, the reference last.
template <typename T>
void convolve(const Convolution<T>& convolution) {
  if (convolution.window.rank() > kMaxUnfoldedAxes) return convolve_reference(convolution);
  if (convolution.is_depthwise()) return convolve_depthwise(convolution);
  convolve_by_product(convolution);
}

/// Conv-22 and before: X [N, C, ...], W [M, C/group, ...], B [M].
template <typename T>
void conv(KernelContext& context) {
  const Tensor& x = context.input(0);
  const Tensor& w = context.input(1);
  const Dims spatial = spatial_dims(context);
  require_rank(context, 1, x.rank());
  if (w.type() != x.type()) context.fail("X and W have different types");

  Convolution<T> convolution;
  convolution.batch = x.dims()[0];
  convolution.groups = context.attr_int("group", 1);
  const int64_t channels = x.dims()[1];
  const int64_t outputs = w.dims()[0];
  if (convolution.groups < 1 || channels % convolution.groups != 0 || outputs % convolution.groups != 0 ||
      channels / convolution.groups != w.dims()[1]) {
    context.fail("X " + dims_text(x.dims()) + " and W " + dims_text(w.dims()) + " do not fit in " +
                 std::to_string(convolution.groups) + " groups");
  }
  convolution.channels = channels / convolution.groups;
  convolution.outputs = outputs / convolution.groups;

  const Dims kernel(w.dims().begin() + 2, w.dims().end());
  if (const Dims shape = context.attr_ints("kernel_shape"); !shape.empty() && shape != kernel) {
    context.fail("attribute 'kernel_shape' is " + dims_text(shape) + ", W has shape " + dims_text(w.dims()));
  }
  convolution.window = read_window(context, spatial, kernel, WindowFit::kSome);

  if (const Tensor* bias = context.optional_input(2)) {
    if (bias->type() != x.type() || bias->dims() != Dims{outputs}) {
      context.fail("B has shape " + dims_text(bias->dims()) + ", expected [" + std::to_string(outputs) +
                   "] of X's type");
    }
    convolution.bias = elements<T>(*bias).data();
  }
  Dims dims{convolution.batch, outputs};
  dims.insert(dims.end(), convolution.window.output.begin(), convolution.window.output.end());
  convolution.x = elements<T>(x).data();
  convolution.weights = elements<T>(w).data();
  convolution.y = mutable_elements<T>(context.output_to_fill(0, x.type(), std::move(dims))).data();
  convolve(convolution);
}

constexpr Kernel kKernels[] = {
    {"Conv", "", 1, kLatest, type_bit(DataType::kFloat), 0, conv<float>},
    {"Conv", "", 1, kLatest, type_bit(DataType::kDouble), 0, conv<double>},
    {"Conv", "", 1, kLatest, kHalfFloats, 0, widened<conv<float>>},
};

}  // namespace

std::span<const Kernel> conv_kernels() { return kKernels; }

}  // namespace exec::cpu
