// RandomUniform, RandomNormal, their -Like forms, Bernoulli, Multinomial. The numbers are those of numpy's RandomState,
// seeded with the attribute 'seed' (its fraction dropped), or, without one, by the name of the node's result: a run
// gives the same numbers each time, and two nodes different ones. Elements are drawn in row-major order.

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/numpy_random.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// FNV-1a, 32 bits.
uint32_t hash_of(std::string_view text) {
  uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

NumpyRandom make_generator(const KernelContext& context) {
  if (context.attribute("seed") == nullptr) {
    return NumpyRandom(hash_of(context.has_output(0) ? context.node().output(0)->name() : std::string()));
  }
  const auto seed = static_cast<double>(context.attr_float("seed", 0));
  if (!(seed > -0x1p63 && seed < 0x1p63)) context.fail("attribute 'seed' is no number to start from");
  return NumpyRandom(static_cast<uint32_t>(static_cast<int64_t>(seed)));
}

/// The attribute 'dtype', or `fallback`. Fails for a type that is not in `allowed`.
DataType read_type(const KernelContext& context, DataType fallback, TypeMask allowed) {
  const int64_t number = context.attr_int("dtype", static_cast<int64_t>(fallback));
  const auto type = static_cast<DataType>(number);
  if (number < 0 || number > 31 || !is_valid(type) || (allowed & type_bit(type)) == 0) {
    context.fail("attribute 'dtype' is " + std::to_string(number) + ", which is no type of its results");
  }
  return type;
}

/// Output 0, its elements made by `draw` as doubles and rounded once.
template <typename Draw>
void fill_output(KernelContext& context, DataType type, const Dims& dims, Draw&& draw) {
  Tensor& output = context.output(0, type, dims);
  if (type == DataType::kDouble) {
    for (double& x : output.mutable_values<double>()) x = draw();
    return;
  }
  if (type == DataType::kFloat) {
    for (float& x : output.mutable_values<float>()) x = static_cast<float>(draw());
    return;
  }
  Tensor values = Tensor::zeros(DataType::kDouble, dims);
  for (double& x : values.mutable_values<double>()) x = draw();
  context.set_output(0, cast_tensor(context, values, type, {}));
}

void fill_uniform(KernelContext& context, DataType type, const Dims& dims) {
  const auto low = static_cast<double>(context.attr_float("low", 0));
  const auto high = static_cast<double>(context.attr_float("high", 1));
  NumpyRandom random = make_generator(context);
  fill_output(context, type, dims, [&] { return low + (high - low) * random.uniform(); });
}

void fill_normal(KernelContext& context, DataType type, const Dims& dims) {
  const auto mean = static_cast<double>(context.attr_float("mean", 0));
  const auto scale = static_cast<double>(context.attr_float("scale", 1));
  NumpyRandom random = make_generator(context);
  fill_output(context, type, dims, [&] { return mean + scale * random.normal(); });
}

using Fill = void (*)(KernelContext&, DataType, const Dims&);

template <Fill fill>
void of_shape(KernelContext& context) {
  if (context.attribute("shape") == nullptr) context.fail("attribute 'shape' is missing");
  fill(context, read_type(context, DataType::kFloat, kFloats), context.attr_ints("shape"));
}

template <Fill fill>
void like_input(KernelContext& context) {
  const Tensor& input = context.input(0);
  fill(context, read_type(context, input.type(), kFloats), input.dims());
}

/// 1 where a uniform number is below the probability: what the function body of the specification does.
void bernoulli(KernelContext& context) {
  const Tensor& input = context.input(0);
  const DataType type = read_type(context, input.type(), kFloats | kInts | kBools);
  const auto probabilities = input.to_doubles();
  NumpyRandom random = make_generator(context);
  size_t at = 0;
  fill_output(context, type, input.dims(), [&] { return random.uniform() < (*probabilities)[at++] ? 1.0 : 0.0; });
}

/// Rows [N, C] of logarithms of unnormalised probabilities; `sample_size` classes are drawn from each.
void multinomial(KernelContext& context) {
  const Tensor& input = context.input(0);
  require_rank(context, 0, 2);
  const int64_t samples = context.attr_int("sample_size", 1);
  const DataType type = read_type(context, DataType::kInt32, type_mask({DataType::kInt32, DataType::kInt64}));
  const int64_t rows = input.dims()[0];
  const auto classes = static_cast<size_t>(input.dims()[1]);
  if (samples < 1 || classes == 0) {
    context.fail("cannot draw " + std::to_string(samples) + " of " + std::to_string(classes) + " classes");
  }
  const auto logits = input.to_doubles();
  NumpyRandom random = make_generator(context);
  std::vector<double> sums(classes);
  int64_t drawn = 0;
  const auto prepare_row = [&](int64_t row) {
    const auto first = logits->begin() + row * static_cast<int64_t>(classes);
    const double largest = *std::max_element(first, first + static_cast<int64_t>(classes));
    double sum = 0;
    for (size_t i = 0; i < classes; ++i) sums[i] = sum += std::exp(first[static_cast<std::ptrdiff_t>(i)] - largest);
    if (!(sum > 0) || std::isinf(sum)) context.fail("row " + std::to_string(row) + " holds no probabilities");
  };
  fill_output(context, type, {rows, samples}, [&] {
    if (drawn % samples == 0) prepare_row(drawn / samples);
    ++drawn;
    const double target = random.uniform() * sums.back();
    const auto found = std::upper_bound(sums.begin(), sums.end(), target);
    return static_cast<double>(
        std::min<std::ptrdiff_t>(found - sums.begin(), static_cast<std::ptrdiff_t>(classes) - 1));
  });
}

constexpr Kernel kKernels[] = {
    {"Bernoulli", "", 15, kLatest, kFloats, 0, bernoulli, false},
    {"Multinomial", "", 7, kLatest, kFloats, 0, multinomial, false},
    {"RandomNormal", "", 1, kLatest, 0, -1, of_shape<fill_normal>, false},
    {"RandomNormalLike", "", 1, kLatest, kAllTypes, 0, like_input<fill_normal>, false},
    {"RandomUniform", "", 1, kLatest, 0, -1, of_shape<fill_uniform>, false},
    {"RandomUniformLike", "", 1, kLatest, kAllTypes, 0, like_input<fill_uniform>, false},
};

}  // namespace

std::span<const Kernel> random_kernels() { return kKernels; }

}  // namespace exec::cpu
