// DeformConv, for any number of spatial axes: each tap of the window reads where its offset says, linearly
// interpolated, times its mask. X [N, C, ...], W [oC, C/group, ...], offset [N, offset_group * taps * axes, output...],
// B [oC], mask [N, offset_group * taps, output...].

#include <algorithm>
#include <string>

#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/matrix_product.h"
#include "kernels/cpu/sample_taps.h"
#include "kernels/cpu/substitute.h"
#include "kernels/cpu/window.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

/// Bytes of the unfolded input; one output position is always done at once.
constexpr int64_t kColumnBytes = int64_t{4} << 20;

struct DeformDims {
  Window window;
  int64_t batch = 0;
  int64_t channels = 0;  ///< in all groups
  int64_t outputs = 0;
  int64_t groups = 1;
  int64_t offset_groups = 1;
};

DeformDims read_dims(const KernelContext& context) {
  const Dims& x = context.input(0).dims();
  const Dims& w = context.input(1).dims();
  const Dims spatial = spatial_dims(context);
  require_rank(context, 1, static_cast<int64_t>(x.size()));
  require_same_type(context, 0, 4);
  DeformDims dims;
  dims.batch = x[0];
  dims.channels = x[1];
  dims.outputs = w[0];
  dims.groups = context.attr_int("group", 1);
  dims.offset_groups = context.attr_int("offset_group", 1);
  if (dims.groups < 1 || x[1] % dims.groups != 0 || w[0] % dims.groups != 0 || x[1] / dims.groups != w[1]) {
    context.fail("X " + dims_text(x) + " and W " + dims_text(w) + " do not fit in " + std::to_string(dims.groups) +
                 " groups");
  }
  if (dims.offset_groups < 1 || x[1] % dims.offset_groups != 0) {
    context.fail(std::to_string(x[1]) + " channels cannot be split into " + std::to_string(dims.offset_groups) +
                 " groups of offsets");
  }
  const Dims kernel(w.begin() + 2, w.end());
  if (const Dims shape = context.attr_ints("kernel_shape"); !shape.empty() && shape != kernel) {
    context.fail("attribute 'kernel_shape' is " + dims_text(shape) + ", W has shape " + dims_text(w));
  }
  dims.window = read_window(context, spatial, kernel, WindowFit::kSome);
  const int64_t taps = checked_mul(context, dims.offset_groups, dims.window.kernel_size());
  Dims per_tap{x[0], taps};
  per_tap.insert(per_tap.end(), dims.window.output.begin(), dims.window.output.end());
  if (context.has_input(4)) require_shape(context, 4, per_tap);
  per_tap[1] = checked_mul(context, taps, static_cast<int64_t>(spatial.size()));
  require_shape(context, 2, per_tap);
  if (context.has_input(3)) require_shape(context, 3, {w[0]});
  return dims;
}

/// What the taps of one image read, for a stretch of output positions.
template <typename T>
class Unfolding {
 public:
  Unfolding(const DeformDims& dims, const T* image, const T* offset, const T* mask)
      : dims_(dims),
        image_(image),
        offset_(offset),
        mask_(mask),
        rank_(static_cast<int64_t>(dims.window.rank())),
        taps_(dims.window.kernel_size()),
        positions_(dims.window.output_size()),
        strides_(contiguous_strides(dims.window.input)) {}

  /// columns[(channel, tap), i] of position first + i.
  void fill(int64_t first, int64_t count, T* columns) const {
    parallel_for(dims_.offset_groups * taps_, 1, [&](int64_t begin, int64_t end) {
      for (int64_t pair = begin; pair < end; ++pair) fill_tap(pair / taps_, pair % taps_, first, count, columns);
    });
  }

 private:
  void fill_tap(int64_t group, int64_t tap, int64_t first, int64_t count, T* columns) const {
    const int64_t channels = dims_.channels / dims_.offset_groups;
    const int64_t input_size = dims_.window.input_size();
    std::vector<AxisTaps> along(static_cast<size_t>(rank_));
    std::vector<WeightedOffset> reads;
    for (int64_t i = 0; i < count; ++i) {
      place(group, tap, first + i, along);
      combine_taps(along, strides_, reads);
      const double factor =
          mask_ == nullptr ? 1.0 : static_cast<double>(mask_[(group * taps_ + tap) * positions_ + first + i]);
      for (int64_t channel = group * channels; channel < (group + 1) * channels; ++channel) {
        double sum = 0;
        for (const WeightedOffset& read : reads) {
          sum += read.weight * static_cast<double>(image_[channel * input_size + read.offset]);
        }
        columns[(channel * taps_ + tap) * count + i] = static_cast<T>(sum * factor);
      }
    }
  }

  void place(int64_t group, int64_t tap, int64_t position, std::vector<AxisTaps>& along) const {
    int64_t place_rest = position;
    int64_t tap_rest = tap;
    for (int64_t axis = rank_ - 1; axis >= 0; --axis) {
      const auto k = static_cast<size_t>(axis);
      const int64_t at = dims_.window.at(k, place_rest % dims_.window.output[k], tap_rest % dims_.window.kernel[k]);
      place_rest /= dims_.window.output[k];
      tap_rest /= dims_.window.kernel[k];
      const T shift = offset_[((group * taps_ + tap) * rank_ + axis) * positions_ + position];
      along[k] = linear_taps(static_cast<double>(at) + static_cast<double>(shift), dims_.window.input[k]);
    }
  }

  const DeformDims& dims_;
  const T* image_;
  const T* offset_;
  const T* mask_;
  int64_t rank_;
  int64_t taps_;
  int64_t positions_;
  Dims strides_;
};

template <typename T>
void convolve(KernelContext& context, const DeformDims& dims, T* y) {
  const int64_t taps = dims.window.kernel_size();
  const int64_t positions = dims.window.output_size();
  const int64_t rank = static_cast<int64_t>(dims.window.rank());
  const int64_t rows = checked_mul(context, dims.channels, taps);
  const int64_t chunk = std::clamp<int64_t>(kColumnBytes / std::max<int64_t>(rows * static_cast<int64_t>(sizeof(T)), 1),
                                            1, std::max<int64_t>(positions, 1));
  Tensor columns = scratch(context, context.input(0).type(), {rows, chunk});
  T* unfolded = mutable_elements<T>(columns).data();
  const T* bias = context.has_input(3) ? elements<T>(context.input(3)).data() : nullptr;
  for (int64_t n = 0; n < dims.batch; ++n) {
    const T* mask = context.has_input(4)
                        ? elements<T>(context.input(4)).data() + n * dims.offset_groups * taps * positions
                        : nullptr;
    const Unfolding<T> unfolding(
        dims, elements<T>(context.input(0)).data() + n * dims.channels * dims.window.input_size(),
        elements<T>(context.input(2)).data() + n * dims.offset_groups * taps * rank * positions, mask);
    T* image = y + n * dims.outputs * positions;
    for (int64_t output = 0; output < dims.outputs; ++output) {
      std::fill_n(image + output * positions, positions, bias == nullptr ? T{0} : bias[output]);
    }
    for (int64_t first = 0; first < positions; first += chunk) {
      const int64_t count = std::min(chunk, positions - first);
      unfolding.fill(first, count, unfolded);
      const int64_t group_rows = rows / dims.groups;
      const int64_t group_outputs = dims.outputs / dims.groups;
      for (int64_t group = 0; group < dims.groups; ++group) {
        multiply(MatrixProduct<T>{.m = group_outputs,
                                  .n = count,
                                  .k = group_rows,
                                  .a = elements<T>(context.input(1)).data() + group * group_outputs * group_rows,
                                  .lda = group_rows,
                                  .b = unfolded + group * group_rows * count,
                                  .ldb = count,
                                  .c = image + group * group_outputs * positions + first,
                                  .ldc = positions,
                                  .beta = 1});
      }
    }
  }
}

void deform_conv(KernelContext& context) {
  const DeformDims dims = read_dims(context);
  Dims output{dims.batch, dims.outputs};
  output.insert(output.end(), dims.window.output.begin(), dims.window.output.end());
  const Tensor& x = context.input(0);
  dispatch_floats(context, x.type(), [&]<typename T>() {
    convolve<T>(context, dims, mutable_elements<T>(context.output(0, x.type(), output)).data());
  });
}

constexpr Kernel kKernels[] = {
    {"DeformConv", "", 19, kLatest, kFullFloats, 0, deform_conv},
    {"DeformConv", "", 19, kLatest, kHalfFloats, 0, widened<deform_conv>},
};

}  // namespace

std::span<const Kernel> deform_conv_kernels() { return kKernels; }

}  // namespace exec::cpu
