// Normalisations without parameters: LpNormalization, MeanVarianceNormalization, LRN.

#include <cmath>
#include <string>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// Along one axis, x over its norm of order 1 or 2; 0 where that is 0.
void lp_norm(KernelContext& context) {
  const Tensor& x = context.input(0);
  const int64_t axis = normal_axis(context, context.attr_int("axis", -1), x.rank());
  const int64_t p = context.attr_int("p", 2);
  if (p != 1 && p != 2) context.fail("p is " + std::to_string(p) + ", expected 1 or 2");
  Tensor& y = context.output(0, x.type(), x.dims());
  if (x.num_elements() == 0) return;
  const int64_t length = x.dims()[static_cast<size_t>(axis)];
  const int64_t inner = product(x.dims(), axis + 1, x.rank());
  dispatch_floats(context, x.type(), [&]<typename T>() {
    const T* source = x.values<T>().data();
    T* target = y.mutable_values<T>().data();
    parallel_for(x.num_elements() / length, std::max<int64_t>(1, 8192 / length), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const int64_t offset = row / inner * length * inner + row % inner;
        double sum = 0;
        for (int64_t i = 0; i < length; ++i) {
          const auto value = static_cast<double>(source[offset + i * inner]);
          sum += p == 1 ? std::abs(value) : value * value;
        }
        const double norm = p == 1 ? sum : std::sqrt(sum);
        for (int64_t i = 0; i < length; ++i) {
          const auto value = static_cast<double>(source[offset + i * inner]);
          target[offset + i * inner] = norm == 0 ? T{0} : static_cast<T>(value / norm);
        }
      }
    });
  });
}

/// (x - mean) / (standard deviation + 1e-9), over `axes` together.
void mean_variance_norm(KernelContext& context) {
  const Tensor& x = context.input(0);
  const Dims axes = normal_axes(context, context.attr_ints("axes", {0, 2, 3}), x.rank());
  const Dims strides = contiguous_strides(x.dims());
  Dims kept_extents = x.dims();
  Dims reduced_extents(x.dims().size(), 1);
  for (const int64_t axis : axes) {
    std::swap(kept_extents[static_cast<size_t>(axis)], reduced_extents[static_cast<size_t>(axis)]);
  }
  Tensor& y = context.output(0, x.type(), x.dims());
  if (x.num_elements() == 0) return;
  const LoopNest kept(kept_extents, {strides});
  const LoopNest reduced(reduced_extents, {strides});
  const auto count = static_cast<double>(reduced.num_elements());
  dispatch_floats(context, x.type(), [&]<typename T>() {
    const T* source = x.values<T>().data();
    T* target = y.mutable_values<T>().data();
    const auto for_each_reduced = [&](int64_t base, auto visit) {
      reduced.for_each_run(0, reduced.num_elements(), [&](const LoopNest::Offsets& offsets, int64_t length) {
        for (int64_t i = 0; i < length; ++i) visit(base + offsets[0] + i * reduced.run_stride(0));
      });
    };
    const auto normalize = [&](int64_t base) {
      double sum = 0;
      for_each_reduced(base, [&](int64_t i) { sum += static_cast<double>(source[i]); });
      const double mean = sum / count;
      double squares = 0;
      for_each_reduced(base, [&](int64_t i) {
        const double difference = static_cast<double>(source[i]) - mean;
        squares += difference * difference;
      });
      const double deviation = std::sqrt(squares / count) + 1e-9;
      for_each_reduced(
          base, [&](int64_t i) { target[i] = static_cast<T>((static_cast<double>(source[i]) - mean) / deviation); });
    };
    parallel_for(kept.num_elements(), 1, [&](int64_t begin, int64_t end) {
      kept.for_each_run(begin, end, [&](const LoopNest::Offsets& offsets, int64_t length) {
        for (int64_t i = 0; i < length; ++i) normalize(offsets[0] + i * kept.run_stride(0));
      });
    });
  });
}

/// Local response normalisation across channels: x / (bias + alpha / size * sum of squares of `size` channels)^beta.
void lrn(KernelContext& context) {
  const Tensor& x = context.input(0);
  if (x.rank() < 2) context.fail("input 0 has rank " + std::to_string(x.rank()) + ", expected 2 or more");
  const int64_t size = context.attr_int("size", 0);
  if (size < 1) context.fail("size is " + std::to_string(size) + ", expected 1 or more");
  const double alpha = static_cast<double>(context.attr_float("alpha", 1e-4F)) / static_cast<double>(size);
  const auto beta = static_cast<double>(context.attr_float("beta", 0.75F));
  const auto bias = static_cast<double>(context.attr_float("bias", 1.0F));
  const int64_t channels = x.dims()[1];
  const int64_t inner = product(x.dims(), 2, x.rank());
  const int64_t before = (size - 1) / 2;
  const int64_t after = size - 1 - before;
  Tensor& y = context.output(0, x.type(), x.dims());
  if (x.num_elements() == 0) return;
  dispatch_floats(context, x.type(), [&]<typename T>() {
    const T* source = x.values<T>().data();
    T* target = y.mutable_values<T>().data();
    parallel_for(x.dims()[0] * channels, 1, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const int64_t channel = row % channels;
        const int64_t first = std::max<int64_t>(0, channel - before) - channel;
        const int64_t last = channel > channels - 1 - std::min(after, channels) ? channels - 1 - channel : after;
        const T* from = source + row * inner;
        for (int64_t i = 0; i < inner; ++i) {
          double squares = 0;
          for (int64_t k = first; k <= last; ++k) {
            const auto value = static_cast<double>(from[i + k * inner]);
            squares += value * value;
          }
          target[row * inner + i] =
              static_cast<T>(static_cast<double>(from[i]) / std::pow(bias + alpha * squares, beta));
        }
      }
    });
  });
}

constexpr Kernel kKernels[] = {
    {"LRN", "", 1, kLatest, kFullFloats, 0, lrn},
    {"LRN", "", 1, kLatest, kHalfFloats, 0, widened<lrn>},
    {"LpNormalization", "", 1, kLatest, kFullFloats, 0, lp_norm},
    {"LpNormalization", "", 1, kLatest, kHalfFloats, 0, widened<lp_norm>},
    {"MeanVarianceNormalization", "", 9, kLatest, kFullFloats, 0, mean_variance_norm},
    {"MeanVarianceNormalization", "", 9, kLatest, kHalfFloats, 0, widened<mean_variance_norm>},
};

}  // namespace

std::span<const Kernel> simple_norm_kernels() { return kKernels; }

}  // namespace exec::cpu
