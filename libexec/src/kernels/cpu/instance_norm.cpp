// InstanceNormalization and GroupNormalization: x [N, C, ...], each sample's channels (or groups of them) brought to
// mean 0 and variance 1, then scaled and shifted per channel.

#include <cmath>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/moments.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

/// `scale` and `bias` hold `num_parameters` numbers each: one per group, or one per channel.
void normalize_groups(KernelContext& context, int64_t groups, int64_t num_parameters) {
  const Tensor& x = context.input(0);
  if (x.rank() < 2) context.fail("input 0 has rank " + std::to_string(x.rank()) + ", expected 2 or more");
  const int64_t channels = x.dims()[1];
  if (groups < 1 || channels % groups != 0) {
    context.fail(std::to_string(channels) + " channels cannot be split into " + std::to_string(groups) + " groups");
  }
  for (size_t i = 1; i < 3; ++i) {
    if (context.input(i).dims() == Dims{num_parameters}) continue;
    context.fail("input " + std::to_string(i) + " has shape " + dims_text(context.input(i).dims()) + ", expected [" +
                 std::to_string(num_parameters) + "]");
  }
  const double epsilon = static_cast<double>(context.attr_float("epsilon", 1e-5F));
  Tensor& y = context.output(0, x.type(), x.dims());
  if (x.num_elements() == 0) return;
  const int64_t channels_per_group = channels / groups;
  const int64_t inner = product(x.dims(), 2, x.rank());
  dispatch_floats(context, x.type(), [&]<typename T>() {
    const Tensor scale_tensor = cast_tensor(context, 1, x.type());
    const Tensor bias_tensor = cast_tensor(context, 2, x.type());
    const std::span<const T> scale = scale_tensor.values<T>();
    const std::span<const T> bias = bias_tensor.values<T>();
    const T* source = x.values<T>().data();
    T* target = y.mutable_values<T>().data();
    parallel_for(x.dims()[0] * groups, 1, [&](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; ++block) {
        const int64_t offset = block * channels_per_group * inner;
        const Moments found = moments(source + offset, channels_per_group * inner);
        const double inverse = 1 / std::sqrt(found.variance + epsilon);
        for (int64_t channel = 0; channel < channels_per_group; ++channel) {
          const int64_t group = block % groups;
          const auto parameter =
              static_cast<size_t>(num_parameters == groups ? group : group * channels_per_group + channel);
          const double factor = inverse * static_cast<double>(scale[parameter]);
          const auto shift = static_cast<double>(bias[parameter]);
          const T* from = source + offset + channel * inner;
          T* to = target + offset + channel * inner;
          for (int64_t i = 0; i < inner; ++i) {
            to[i] = static_cast<T>((static_cast<double>(from[i]) - found.mean) * factor + shift);
          }
        }
      }
    });
  });
}

int64_t channels_of(const KernelContext& context) {
  const Tensor& x = context.input(0);
  return x.rank() >= 2 ? x.dims()[1] : 0;
}

void instance_norm(KernelContext& context) {
  const int64_t channels = channels_of(context);
  normalize_groups(context, std::max<int64_t>(channels, 1), channels);
}

void group_norm(KernelContext& context) {
  const int64_t groups = context.attr_int("num_groups", 0);
  // Version 18 scaled whole groups, 21 single channels.
  normalize_groups(context, groups, context.opset() < 21 ? groups : channels_of(context));
}

constexpr Kernel kKernels[] = {
    {"GroupNormalization", "", 18, kLatest, kFullFloats, 0, group_norm},
    {"GroupNormalization", "", 18, kLatest, kHalfFloats, 0, widened<group_norm>},
    {"InstanceNormalization", "", 1, kLatest, kFullFloats, 0, instance_norm},
    {"InstanceNormalization", "", 1, kLatest, kHalfFloats, 0, widened<instance_norm>},
};

}  // namespace

std::span<const Kernel> instance_norm_kernels() { return kKernels; }

}  // namespace exec::cpu
