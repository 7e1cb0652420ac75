#include "runtime/input_values.h"

#include <algorithm>
#include <cmath>

#include "runtime/memory.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::DataType;
using surgery::Error;
using surgery::ErrorCode;
using surgery::Tensor;

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of the result depends on every bit of x.
uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

/// 64 random bits by number.
class Stream {
 public:
  Stream(std::string_view name, uint64_t seed) : key_(mix(seed + kGamma)) {
    for (const char c : name) key_ = mix(key_ ^ static_cast<unsigned char>(c));
  }
  uint64_t bits(uint64_t index) const { return mix(key_ + (index + 1) * kGamma); }

  /// Sum of twelve numbers uniform in [0, 1) less 6: mean 0, variance 1, a multiple of 2^-16.
  double normal(uint64_t index) const {
    uint64_t sum = 0;
    for (uint64_t part = 0; part < 3; ++part) {
      const uint64_t word = bits(3 * index + part);
      sum += (word & 0xFFFFU) + (word >> 16 & 0xFFFFU) + (word >> 32 & 0xFFFFU) + (word >> 48);
    }
    return static_cast<double>(sum) * 0x1p-16 - 6.0;
  }
  /// Uniform in [first, second).
  double between(uint64_t index, const std::pair<double, double>& bounds) const {
    const double unit = static_cast<double>(bits(index) >> 11) * 0x1p-53;
    return bounds.first + (bounds.second - bounds.first) * unit;
  }
  /// A whole number, uniform in [first, second].
  double whole_between(uint64_t index, const std::pair<double, double>& bounds) const {
    const double low = std::ceil(bounds.first);
    const double high = std::floor(bounds.second);
    return std::min(high, std::floor(between(index, {low, high + 1})));
  }
  bool coin(uint64_t index) const { return (bits(index) >> 63) != 0; }

 private:
  static constexpr uint64_t kGamma = 0x9E3779B97F4A7C15U;
  uint64_t key_;
};

template <typename T, typename Make>
void fill(Tensor& tensor, Make&& make) {
  // Complex elements are two numbers of half the width.
  const std::span<std::byte> raw = tensor.mutable_bytes();
  auto* values = reinterpret_cast<T*>(raw.data());
  for (size_t i = 0; i < raw.size() / sizeof(T); ++i) values[i] = static_cast<T>(make(i));
}

using Bounds = std::optional<std::pair<double, double>>;

/// Throws where an integer type cannot hold the bounds.
void require_bounds(std::string_view name, const Tensor& tensor, const std::pair<double, double>& bounds) {
  const DataType type = tensor.type();
  const bool is_real = surgery::is_float(type) || type == DataType::kComplex64 || type == DataType::kComplex128;
  const int width = type == DataType::kBool ? 1 : surgery::bit_width(type);
  const bool is_unsigned = type == DataType::kBool || (!is_real && to_string(type).starts_with("u"));
  // Whole numbers up to 2^53 are all that a double has one by one.
  const double high = std::min(std::ldexp(1.0, is_unsigned ? width : width - 1), 0x1p53);
  const double low = is_unsigned ? 0 : -high;
  const bool fits = std::isfinite(bounds.first) && std::isfinite(bounds.second) && bounds.first <= bounds.second &&
                    (is_real || (bounds.first >= low && bounds.second < high));
  if (!fits) {
    throw Error(ErrorCode::kUsage,
                "the range of input " + surgery::quote(name) + " does not fit type " + std::string(to_string(type)));
  }
}

void fill_numbers(Tensor& tensor, const Stream& stream, const Bounds& bounds) {
  const auto normal = [&](uint64_t i) { return bounds ? stream.between(i, *bounds) : stream.normal(i); };
  const auto coin = [&](uint64_t i) {
    return bounds ? static_cast<int64_t>(stream.whole_between(i, *bounds)) : int64_t{stream.coin(i)};
  };
  switch (tensor.type()) {
    case DataType::kFloat:
    case DataType::kComplex64:
      return fill<float>(tensor, normal);
    case DataType::kDouble:
    case DataType::kComplex128:
      return fill<double>(tensor, normal);
    case DataType::kFloat16:
      return fill<uint16_t>(tensor, [&](uint64_t i) { return surgery::float_to_half(static_cast<float>(normal(i))); });
    case DataType::kBfloat16:
      return fill<uint16_t>(tensor,
                            [&](uint64_t i) { return surgery::float_to_bfloat16(static_cast<float>(normal(i))); });
    default:
      break;
  }
  switch (surgery::is_float(tensor.type()) ? 0 : surgery::bit_width(tensor.type())) {
    case 8:
      return fill<uint8_t>(tensor, coin);
    case 16:
      return fill<uint16_t>(tensor, coin);
    case 32:
      return fill<uint32_t>(tensor, coin);
    case 64:
      return fill<uint64_t>(tensor, coin);
    default:
      throw Error(ErrorCode::kUnsupported, "no seeded values for type " + std::string(to_string(tensor.type())) +
                                               "; give the input with --input");
  }
}

}  // namespace

Tensor seeded_values(std::string_view name, DataType type, std::vector<int64_t> dims, uint64_t seed,
                     const Bounds& range) {
  const Stream stream(name, seed);
  const std::optional<int64_t> count = surgery::checked_product(dims);
  // A string takes its object; every other type its bits.
  const std::optional<int64_t> size =
      !count ? std::nullopt
             : surgery::packed_size_bytes(type == DataType::kString ? DataType::kComplex128 : type, *count);
  if (!size || *size > free_memory_bytes()) {
    throw Error(ErrorCode::kUnsupported,
                "input " + surgery::quote(name) + " " +
                    surgery::to_string(surgery::Type::tensor(type, surgery::Shape(dims.begin(), dims.end()))) +
                    " does not fit into memory");
  }
  if (type == DataType::kString) {
    std::vector<std::string> values(static_cast<size_t>(*count));
    for (size_t i = 0; i < values.size(); ++i) values[i] = stream.coin(i) ? "a" : "b";
    return Tensor::from_strings(std::move(dims), std::move(values));
  }
  Tensor tensor = Tensor::zeros(type, std::move(dims));
  if (range) require_bounds(name, tensor, *range);
  fill_numbers(tensor, stream, range);
  return tensor;
}

}  // namespace exec
