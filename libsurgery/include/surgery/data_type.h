#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace surgery {

/// Element types, with the numbers of TensorProto.DataType (IR version 14).
enum class DataType : int32_t {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kComplex64 = 14,
  kComplex128 = 15,
  kBfloat16 = 16,
  kFloat8E4M3Fn = 17,
  kFloat8E4M3Fnuz = 18,
  kFloat8E5M2 = 19,
  kFloat8E5M2Fnuz = 20,
  kUint4 = 21,
  kInt4 = 22,
  kFloat4E2M1 = 23,
  kFloat8E8M0 = 24,
  kUint2 = 25,
  kInt2 = 26,
  kFloat6E2M3 = 27,
  kFloat6E3M2 = 28,
};

inline constexpr int32_t kMaxDataType = 28;

/// True for a number that names an element type (kUndefined does not).
constexpr bool is_valid(DataType type) {
  return static_cast<int32_t>(type) >= 1 && static_cast<int32_t>(type) <= kMaxDataType;
}

/// The specification's name in lower case ("float", "int64", "float8e4m3fn"); "undefined" for anything else.
std::string_view to_string(DataType type);

/// The inverse of to_string; nothing for a name that is none.
std::optional<DataType> parse_data_type(std::string_view name);

/// Bits of one element in raw_data: 2 to 128; 0 for strings and undefined.
int bit_width(DataType type);

/// Bytes that `num_elements` elements take in raw_data, packed types (2, 4 and 6 bits) rounded up; nothing on overflow,
/// for strings and for undefined.
std::optional<int64_t> packed_size_bytes(DataType type, int64_t num_elements);

bool is_float(DataType type);    ///< any floating-point type, 4 bits to 64
bool is_integer(DataType type);  ///< any signed or unsigned integer, 2 bits to 64; bool is none

}  // namespace surgery
