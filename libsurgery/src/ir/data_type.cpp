#include "surgery/data_type.h"

#include <array>

namespace surgery {
namespace {

struct TypeFacts {
  std::string_view name;
  int bits;
  enum class Family { kOther, kFloat, kInteger } family;
};

using enum TypeFacts::Family;

constexpr std::array<TypeFacts, kMaxDataType + 1> kFacts{{
    {"undefined", 0, kOther},      {"float", 32, kFloat},     {"uint8", 8, kInteger},
    {"int8", 8, kInteger},         {"uint16", 16, kInteger},  {"int16", 16, kInteger},
    {"int32", 32, kInteger},       {"int64", 64, kInteger},   {"string", 0, kOther},
    {"bool", 8, kOther},           {"float16", 16, kFloat},   {"double", 64, kFloat},
    {"uint32", 32, kInteger},      {"uint64", 64, kInteger},  {"complex64", 64, kOther},
    {"complex128", 128, kOther},   {"bfloat16", 16, kFloat},  {"float8e4m3fn", 8, kFloat},
    {"float8e4m3fnuz", 8, kFloat}, {"float8e5m2", 8, kFloat}, {"float8e5m2fnuz", 8, kFloat},
    {"uint4", 4, kInteger},        {"int4", 4, kInteger},     {"float4e2m1", 4, kFloat},
    {"float8e8m0", 8, kFloat},     {"uint2", 2, kInteger},    {"int2", 2, kInteger},
    {"float6e2m3", 6, kFloat},     {"float6e3m2", 6, kFloat},
}};

const TypeFacts& facts(DataType type) { return kFacts[is_valid(type) ? static_cast<size_t>(type) : 0]; }

}  // namespace

std::string_view to_string(DataType type) { return facts(type).name; }

std::optional<DataType> parse_data_type(std::string_view name) {
  for (int32_t i = 1; i <= kMaxDataType; ++i) {
    if (kFacts[static_cast<size_t>(i)].name == name) return static_cast<DataType>(i);
  }
  return std::nullopt;
}

int bit_width(DataType type) { return facts(type).bits; }

std::optional<int64_t> packed_size_bytes(DataType type, int64_t num_elements) {
  const int64_t bits = bit_width(type);
  if (bits == 0 || num_elements < 0) return std::nullopt;
  if (bits >= 8) {
    int64_t size = 0;
    if (__builtin_mul_overflow(num_elements, bits / 8, &size)) return std::nullopt;
    return size;
  }
  return num_elements / 8 * bits + (num_elements % 8 * bits + 7) / 8;
}

bool is_float(DataType type) { return facts(type).family == kFloat; }

bool is_integer(DataType type) { return facts(type).family == kInteger; }

}  // namespace surgery
