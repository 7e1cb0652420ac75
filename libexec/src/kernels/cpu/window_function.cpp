// HannWindow, HammingWindow, BlackmanWindow and MelWeightMatrix: tables made of a few numbers.

#include <cmath>
#include <numbers>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"

namespace exec::cpu {
namespace {

constexpr TypeMask kTableTypes = kFloats | kInts;

DataType output_type(const KernelContext& context) {
  const int64_t asked = context.attr_int("output_datatype", 1);
  const auto type = static_cast<DataType>(asked);
  if (!is_valid(type) || (kTableTypes & type_bit(type)) == 0) {
    context.fail("attribute 'output_datatype' is " + std::to_string(asked) + ", expected a numeric type");
  }
  return type;
}

int64_t read_count(const KernelContext& context, size_t input, const char* name) {
  const std::vector<int64_t> values = context.int_values(input);
  if (values.size() != 1 || values[0] < 0) {
    context.fail(std::string(name) + " is no single number of at least 0");
  }
  return values[0];
}

/// w[n] = a - b * cos(2 pi n / N) + c * cos(4 pi n / N), N being the size, less 1 where the window is symmetric.
struct CosineSum {
  double a;
  double b;
  double c;
};

constexpr CosineSum kHann{0.5, 0.5, 0};
constexpr CosineSum kHamming{25.0 / 46, 1 - 25.0 / 46, 0};
constexpr CosineSum kBlackman{0.42, 0.5, 0.08};

template <const CosineSum& terms>
void window(KernelContext& context) {
  const DataType type = output_type(context);
  const int64_t size = read_count(context, 0, "size");
  Tensor values = scratch(context, DataType::kDouble, {size});
  const auto period = static_cast<double>(context.attr_int("periodic", 1) != 0 ? size : size - 1);
  double* to = values.mutable_values<double>().data();
  for (int64_t n = 0; n < size; ++n) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(n) / period;
    to[n] = terms.a - terms.b * std::cos(angle) + terms.c * std::cos(2 * angle);
  }
  context.set_output(0, cast_tensor(context, values, type));
}

double read_frequency(const KernelContext& context, size_t input) {
  const Tensor& tensor = context.input(input);
  if ((kFloats & type_bit(tensor.type())) == 0 || tensor.num_elements() != 1) {
    context.fail("input " + std::to_string(input) + " is no single floating-point number");
  }
  return cast_tensor(context, input, DataType::kDouble).values<double>()[0];
}

/// MelWeightMatrix-17: [dft_length / 2 + 1, num_mel_bins], triangles between frequencies that are evenly spaced on the
/// mel scale.
void mel_weight_matrix(KernelContext& context) {
  const DataType type = output_type(context);
  const int64_t num_mels = read_count(context, 0, "num_mel_bins");
  const int64_t length = read_count(context, 1, "dft_length");
  const int64_t rate = read_count(context, 2, "sample_rate");
  if (rate < 1) context.fail("sample_rate is 0");
  const double low = read_frequency(context, 3);
  const double high = read_frequency(context, 4);
  const int64_t bins = length / 2 + 1;
  Tensor matrix = scratch(context, DataType::kDouble, {bins, num_mels});
  double* to = matrix.mutable_values<double>().data();

  const auto mel = [](double hertz) { return 2595 * std::log1p(hertz / 700) / std::numbers::ln10; };
  const double low_mel = mel(low);
  // The reference implementation divides by the number of edges, not of gaps.
  const double step = (mel(high) - low_mel) / static_cast<double>(num_mels + 2);
  const auto edge = [&](int64_t i) {
    const double hertz = 700 * std::expm1((static_cast<double>(i) * step + low_mel) / 2595 * std::numbers::ln10);
    const double bin = std::floor((static_cast<double>(length) + 1) * hertz / static_cast<double>(rate));
    if (!(bin >= 0 && bin < static_cast<double>(bins))) {
      context.fail("frequencies of " + std::to_string(low) + " to " + std::to_string(high) +
                   " Hz lie outside of the spectrum");
    }
    return static_cast<int64_t>(bin);
  };
  for (int64_t i = 0; i < num_mels; ++i) {
    const int64_t left = edge(i);
    const int64_t centre = edge(i + 1);
    const int64_t right = edge(i + 2);
    if (left == centre) {
      to[centre * num_mels + i] = 1;
    } else {
      for (int64_t j = left; j <= centre; ++j) {
        to[j * num_mels + i] = static_cast<double>(j - left) / static_cast<double>(centre - left);
      }
    }
    for (int64_t j = centre; j < right; ++j) {
      to[j * num_mels + i] = static_cast<double>(right - j) / static_cast<double>(right - centre);
    }
  }
  context.set_output(0, cast_tensor(context, matrix, type));
}

constexpr TypeMask kCounts = type_mask({DataType::kInt32, DataType::kInt64});

constexpr Kernel kKernels[] = {
    {"BlackmanWindow", "", 17, kLatest, kCounts, 0, window<kBlackman>},
    {"HammingWindow", "", 17, kLatest, kCounts, 0, window<kHamming>},
    {"HannWindow", "", 17, kLatest, kCounts, 0, window<kHann>},
    {"MelWeightMatrix", "", 17, kLatest, kCounts, 0, mel_weight_matrix},
};

}  // namespace

std::span<const Kernel> window_function_kernels() { return kKernels; }

}  // namespace exec::cpu
