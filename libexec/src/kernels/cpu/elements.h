#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <type_traits>

#include "exec/kernel.h"

namespace exec::cpu {

// ---- Sets of element types, for registration tables ------------------------------------------------------------

constexpr TypeMask type_mask(std::initializer_list<DataType> types) {
  TypeMask mask = 0;
  for (const DataType type : types) mask |= type_bit(type);
  return mask;
}

inline constexpr TypeMask kFullFloats = type_mask({DataType::kFloat, DataType::kDouble});
inline constexpr TypeMask kHalfFloats = type_mask({DataType::kFloat16, DataType::kBfloat16});
inline constexpr TypeMask kFloats = kFullFloats | kHalfFloats;
inline constexpr TypeMask kSignedInts =
    type_mask({DataType::kInt8, DataType::kInt16, DataType::kInt32, DataType::kInt64});
inline constexpr TypeMask kUnsignedInts =
    type_mask({DataType::kUint8, DataType::kUint16, DataType::kUint32, DataType::kUint64});
inline constexpr TypeMask kInts = kSignedInts | kUnsignedInts;
inline constexpr TypeMask kBools = type_bit(DataType::kBool);
inline constexpr TypeMask kStrings = type_bit(DataType::kString);
inline constexpr TypeMask kComplexes = type_mask({DataType::kComplex64, DataType::kComplex128});
inline constexpr TypeMask kFloat8s =
    type_mask({DataType::kFloat8E4M3Fn, DataType::kFloat8E4M3Fnuz, DataType::kFloat8E5M2, DataType::kFloat8E5M2Fnuz,
               DataType::kFloat8E8M0});
/// Elements of less than a byte.
inline constexpr TypeMask kPackedTypes =
    type_mask({DataType::kUint4, DataType::kInt4, DataType::kFloat4E2M1, DataType::kUint2, DataType::kInt2,
               DataType::kFloat6E2M3, DataType::kFloat6E3M2});
/// Whatever has whole bytes (or strings): what kernels that only move elements take.
inline constexpr TypeMask kMovableTypes = kFloats | kInts | kBools | kStrings | kComplexes | kFloat8s;
inline constexpr TypeMask kAllTypes = kMovableTypes | kPackedTypes;

constexpr bool is_packed(DataType type) { return (kPackedTypes & type_bit(type)) != 0; }
constexpr bool is_half(DataType type) { return (kHalfFloats & type_bit(type)) != 0; }

// ---- C++ types of elements -------------------------------------------------------------------------------------

/// An element of 16 bytes that is only moved.
struct Word128 {
  uint64_t low = 0;
  uint64_t high = 0;
};

/// The type that T stands for in arithmetic. Booleans are uint8_t: a file may hold bytes other than 0 and 1.
template <typename T>
constexpr DataType data_type_of() {
  if constexpr (std::is_same_v<T, float>) return DataType::kFloat;
  if constexpr (std::is_same_v<T, double>) return DataType::kDouble;
  if constexpr (std::is_same_v<T, int8_t>) return DataType::kInt8;
  if constexpr (std::is_same_v<T, int16_t>) return DataType::kInt16;
  if constexpr (std::is_same_v<T, int32_t>) return DataType::kInt32;
  if constexpr (std::is_same_v<T, int64_t>) return DataType::kInt64;
  if constexpr (std::is_same_v<T, uint8_t>) return DataType::kUint8;
  if constexpr (std::is_same_v<T, uint16_t>) return DataType::kUint16;
  if constexpr (std::is_same_v<T, uint32_t>) return DataType::kUint32;
  if constexpr (std::is_same_v<T, uint64_t>) return DataType::kUint64;
  if constexpr (std::is_same_v<T, std::string>) return DataType::kString;
  return DataType::kUndefined;
}

/// Whether a number is a NaN; an integer never is.
template <typename T>
bool is_nan(T x) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::isnan(x);
  } else {
    return false;
  }
}

/// The elements of a tensor as T (std::string for string tensors).
template <typename T>
std::span<const T> elements(const Tensor& tensor) {
  if constexpr (std::is_same_v<T, std::string>) {
    return tensor.strings();
  } else {
    return tensor.values<T>();
  }
}

template <typename T>
std::span<T> mutable_elements(Tensor& tensor) {
  if constexpr (std::is_same_v<T, std::string>) {
    return tensor.mutable_strings();
  } else {
    return tensor.mutable_values<T>();
  }
}

// ---- From a run-time type to a compile-time one ----------------------------------------------------------------

/// Calls `body.operator()<T>()` for the T among Ts that `type` names. Error(kUnsupported) when there is none.
template <typename... Ts, typename Body>
void dispatch(const KernelContext& context, DataType type, Body&& body) {
  const bool found = ((type == data_type_of<Ts>() ? (body.template operator()<Ts>(), true) : false) || ...);
  if (!found) context.unsupported("element type " + std::string(surgery::to_string(type)) + " is not supported");
}

template <typename Body>
void dispatch_floats(const KernelContext& context, DataType type, Body&& body) {
  dispatch<float, double>(context, type, std::forward<Body>(body));
}

template <typename Body>
void dispatch_ints(const KernelContext& context, DataType type, Body&& body) {
  dispatch<int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t>(context, type,
                                                                                     std::forward<Body>(body));
}

template <typename Body>
void dispatch_numbers(const KernelContext& context, DataType type, Body&& body) {
  dispatch<float, double, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t>(
      context, type, std::forward<Body>(body));
}

/// For kernels that only move elements: T is an unsigned word of the element's size, or std::string.
template <typename Body>
void dispatch_movable(const KernelContext& context, DataType type, Body&& body) {
  if (type == DataType::kString) return body.template operator()<std::string>();
  switch (surgery::bit_width(type)) {
    case 8:
      return body.template operator()<uint8_t>();
    case 16:
      return body.template operator()<uint16_t>();
    case 32:
      return body.template operator()<uint32_t>();
    case 64:
      return body.template operator()<uint64_t>();
    case 128:
      return body.template operator()<Word128>();
    default:
      context.unsupported("element type " + std::string(surgery::to_string(type)) + " is not supported");
  }
}

}  // namespace exec::cpu
