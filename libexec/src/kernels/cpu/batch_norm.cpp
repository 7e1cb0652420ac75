// BatchNormalization: y = (x - mean) * scale / sqrt(var + epsilon) + bias, x [N, C, ...], one set of numbers per
// channel (per element of a sample where, before version 9, spatial = 0).

#include <cmath>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// x seen as [samples, features, inner].
struct Layout {
  int64_t samples;
  int64_t features;
  int64_t inner;
};

Layout layout_of(const KernelContext& context) {
  const Dims& dims = context.input(0).dims();
  const auto rank = static_cast<int64_t>(dims.size());
  if (rank < 2) context.fail("input 0 has rank " + std::to_string(rank) + ", expected 2 or more");
  const bool spatial = context.opset() >= 9 || context.attr_int("spatial", 1) != 0;
  const Dims wanted(dims.begin() + 1, spatial ? dims.begin() + 2 : dims.end());
  for (size_t i = 1; i < 5; ++i) {
    if (context.input(i).dims() == wanted) continue;
    context.fail("input " + std::to_string(i) + " has shape " + dims_text(context.input(i).dims()) + ", expected " +
                 dims_text(wanted) + (spatial ? "" : " since spatial is 0"));
  }
  if (spatial) return {dims[0], dims[1], product(dims, 2, rank)};
  return {dims[0], product(dims, 1, rank), 1};
}

/// target = (source - mean) * factor + bias, the three numbers per feature.
template <typename T>
void normalize(const Layout& layout, const T* source, const T* mean, const T* factor, const T* bias, T* target) {
  const int64_t extents[] = {layout.samples, layout.features, layout.inner};
  const int64_t feature_strides[] = {0, 1, 0};
  const LoopNest nest(extents, {contiguous_strides(extents), feature_strides});
  const bool is_vector = nest.run_stride(1) != 0;
  nest.for_each_run_parallel([&](const LoopNest::Offsets& offsets, int64_t count) {
    const T* from = source + offsets[0];
    T* to = target + offsets[0];
    const T* means = mean + offsets[1];
    const T* factors = factor + offsets[1];
    const T* biases = bias + offsets[1];
    if (is_vector) {
      for (int64_t i = 0; i < count; ++i) to[i] = (from[i] - means[i]) * factors[i] + biases[i];
    } else {
      const T m = *means;
      const T f = *factors;
      const T b = *biases;
      for (int64_t i = 0; i < count; ++i) to[i] = (from[i] - m) * f + b;
    }
  });
}

/// Mean and population variance of each feature over the batch.
template <typename T>
void batch_statistics(const Layout& layout, const T* source, std::vector<double>& mean, std::vector<double>& variance) {
  const double count = static_cast<double>(layout.samples) * static_cast<double>(layout.inner);
  mean.assign(static_cast<size_t>(layout.features), 0);
  variance.assign(static_cast<size_t>(layout.features), 0);
  parallel_for(layout.features, 1, [&](int64_t begin, int64_t end) {
    for (int64_t feature = begin; feature < end; ++feature) {
      const auto sum = [&](auto term) {
        double total = 0;
        for (int64_t sample = 0; sample < layout.samples; ++sample) {
          const T* from = source + (sample * layout.features + feature) * layout.inner;
          for (int64_t i = 0; i < layout.inner; ++i) total += term(static_cast<double>(from[i]));
        }
        return total;
      };
      const double average = sum([](double x) { return x; }) / count;
      mean[static_cast<size_t>(feature)] = average;
      variance[static_cast<size_t>(feature)] = sum([=](double x) { return (x - average) * (x - average); }) / count;
    }
  });
}

void batch_norm(KernelContext& context) {
  const Tensor& x = context.input(0);
  const Layout layout = layout_of(context);
  const bool training = context.opset() >= 14 && context.attr_int("training_mode", 0) != 0;
  if (!training && context.num_outputs() > 1) {
    for (size_t i = 1; i < context.num_outputs(); ++i) {
      if (context.has_output(i)) context.unsupported("the training form of this version is not supported");
    }
  }
  const double epsilon = static_cast<double>(context.attr_float("epsilon", 1e-5F));
  dispatch_floats(context, x.type(), [&]<typename T>() {
    const Tensor scale = cast_tensor(context, 1, x.type());
    const Tensor bias = cast_tensor(context, 2, x.type());
    Tensor mean = cast_tensor(context, 3, DataType::kDouble);
    Tensor variance = cast_tensor(context, 4, DataType::kDouble);
    if (training) {
      const double momentum = static_cast<double>(context.attr_float("momentum", 0.9F));
      std::vector<double> batch_mean;
      std::vector<double> batch_variance;
      batch_statistics(layout, x.values<T>().data(), batch_mean, batch_variance);
      const auto put_running = [&](size_t index, const Tensor& old, const std::vector<double>& batch) {
        if (!context.has_output(index)) return;
        const std::span<const double> before = old.values<double>();
        const DataType type = context.input(index + 2).type();
        Tensor running = Tensor::zeros(DataType::kDouble, old.dims());
        const std::span<double> after = running.mutable_values<double>();
        for (size_t i = 0; i < after.size(); ++i) after[i] = before[i] * momentum + batch[i] * (1 - momentum);
        context.set_output(index, cast_tensor(context, running, type));
      };
      put_running(1, mean, batch_mean);
      put_running(2, variance, batch_variance);
      mean = Tensor::from_values<double>(DataType::kDouble, mean.dims(), batch_mean);
      variance = Tensor::from_values<double>(DataType::kDouble, variance.dims(), batch_variance);
    }
    const auto features = static_cast<size_t>(layout.features);
    std::vector<T> means(features);
    std::vector<T> factors(features);
    for (size_t i = 0; i < features; ++i) {
      means[i] = static_cast<T>(mean.values<double>()[i]);
      factors[i] =
          static_cast<T>(static_cast<double>(scale.values<T>()[i]) / std::sqrt(variance.values<double>()[i] + epsilon));
    }
    Tensor& y = context.output_to_fill(0, x.type(), x.dims());
    normalize(layout, x.values<T>().data(), means.data(), factors.data(), bias.values<T>().data(),
              y.mutable_values<T>().data());
  });
}

constexpr Kernel kKernels[] = {
    {"BatchNormalization", "", 1, kLatest, kFullFloats, 0, batch_norm},
    {"BatchNormalization", "", 1, kLatest, kHalfFloats, 0, widened<batch_norm>},
};

}  // namespace

std::span<const Kernel> batch_norm_kernels() { return kKernels; }

}  // namespace exec::cpu
