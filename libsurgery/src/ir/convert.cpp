#include "surgery/convert.h"

#include <cmath>
#include <limits>
#include <utility>

namespace surgery {
namespace {

struct Half {
  uint16_t bits;
};
struct Brain {
  uint16_t bits;
};
struct Boolean {
  uint8_t byte;
};

/// From a double to the nearest element: whether it is in range, and whether it is exact. Worst first.
enum class Fit { kNo, kRounded, kExact };

template <typename T>
Fit fit(double value, T& element) {
  if constexpr (std::is_floating_point_v<T>) {
    element = static_cast<T>(value);
    if (std::isinf(element) && !std::isinf(value)) return Fit::kNo;
    return static_cast<double>(element) == value || std::isnan(value) ? Fit::kExact : Fit::kRounded;
  } else {
    // The limits of 64 bits are not doubles; 2^63 and 2^64 are, and are out of range.
    const double low = static_cast<double>(std::numeric_limits<T>::min());
    const double beyond = std::ldexp(1.0, std::numeric_limits<T>::digits);
    if (!(value >= low && value < beyond) || value != std::trunc(value)) return Fit::kNo;
    element = static_cast<T>(value);
    return Fit::kExact;
  }
}

Fit fit(double value, Half& element) {
  element.bits = float_to_half(static_cast<float>(value));
  const double back = half_to_float(element.bits);
  if (std::isinf(back) && !std::isinf(value)) return Fit::kNo;
  return back == value || std::isnan(value) ? Fit::kExact : Fit::kRounded;
}

Fit fit(double value, Brain& element) {
  element.bits = float_to_bfloat16(static_cast<float>(value));
  const double back = bfloat16_to_float(element.bits);
  if (std::isinf(back) && !std::isinf(value)) return Fit::kNo;
  return back == value || std::isnan(value) ? Fit::kExact : Fit::kRounded;
}

Fit fit(double value, Boolean& element) {
  element.byte = value != 0 ? 1 : 0;
  return value == 0 || value == 1 ? Fit::kExact : Fit::kNo;
}

/// Calls `visit` with a default element of the type's C++ representation; false for a type that has none here.
template <typename Visit>
bool with_element(DataType type, Visit&& visit) {
  switch (type) {
    case DataType::kFloat:
      return visit(float{});
    case DataType::kDouble:
      return visit(double{});
    case DataType::kFloat16:
      return visit(Half{});
    case DataType::kBfloat16:
      return visit(Brain{});
    case DataType::kBool:
      return visit(Boolean{});
    case DataType::kInt8:
      return visit(int8_t{});
    case DataType::kInt16:
      return visit(int16_t{});
    case DataType::kInt32:
      return visit(int32_t{});
    case DataType::kInt64:
      return visit(int64_t{});
    case DataType::kUint8:
      return visit(uint8_t{});
    case DataType::kUint16:
      return visit(uint16_t{});
    case DataType::kUint32:
      return visit(uint32_t{});
    case DataType::kUint64:
      return visit(uint64_t{});
    default:
      return false;
  }
}

/// Integers beyond 2^53 are no doubles: between integer types they go as integers.
std::optional<Tensor> convert_integers(const Tensor& tensor, DataType type) {
  const auto integers = tensor.to_int64s(INT64_MAX);
  if (!integers) return std::nullopt;
  Tensor result = Tensor::zeros(type, tensor.dims());
  const bool possible = with_element(type, [&](auto element) {
    using T = decltype(element);
    if constexpr (!std::is_integral_v<T>) {
      return false;
    } else {
      const std::span<T> target = result.mutable_values<T>();
      for (size_t i = 0; i < integers->size(); ++i) {
        if (!std::in_range<T>((*integers)[i])) return false;
        target[i] = static_cast<T>((*integers)[i]);
      }
      return true;
    }
  });
  return possible ? std::optional(std::move(result)) : std::nullopt;
}

/// Each element converted at least as well as `worst` says.
std::optional<Tensor> convert(const Tensor& tensor, DataType type, Fit worst) {
  if (tensor.type() == type) return tensor;
  if (is_integer(tensor.type()) && is_integer(type)) return convert_integers(tensor, type);
  const auto numbers = tensor.to_doubles();
  if (!numbers || bit_width(type) < 8) return std::nullopt;
  const bool from_wide = tensor.type() == DataType::kInt64 || tensor.type() == DataType::kUint64;
  Tensor result = Tensor::zeros(type, tensor.dims());
  const bool possible = with_element(type, [&](auto element) {
    using T = decltype(element);
    const std::span<T> target = result.mutable_values<T>();
    for (size_t i = 0; i < numbers->size(); ++i) {
      const double value = (*numbers)[i];
      const bool is_rounded = from_wide && std::abs(value) > std::ldexp(1.0, 53);
      if (is_rounded && worst == Fit::kExact) return false;
      if (fit(value, target[i]) < worst) return false;
    }
    return true;
  });
  return possible ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace

std::optional<Tensor> convert_exactly(const Tensor& tensor, DataType type) {
  return convert(tensor, type, Fit::kExact);
}

std::optional<Tensor> convert_nearest(const Tensor& tensor, DataType type) {
  return convert(tensor, type, Fit::kRounded);
}

std::optional<Tensor> filled(DataType type, std::vector<int64_t> dims, double value) {
  if (bit_width(type) < 8) return std::nullopt;
  Tensor result = Tensor::zeros(type, std::move(dims));
  const bool possible = with_element(type, [&](auto element) {
    if (fit(value, element) == Fit::kNo) return false;
    for (auto& target : result.mutable_values<decltype(element)>()) target = element;
    return true;
  });
  return possible ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace surgery
