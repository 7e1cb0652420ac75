#include "analysis/element_blocks.h"

#include <array>
#include <cstring>

#include "surgery/error.h"
#include "surgery/minifloat.h"
#include "surgery/tensor.h"

namespace surgery::analysis {
namespace {

/// What each byte stands for in a type of 8 bits.
using ByteTable = std::array<float, 256>;

ByteTable byte_table(DataType type) {
  ByteTable table{};
  for (uint16_t i = 0; i < 256; ++i) table[i] = decode_minifloat(i, type);
  return table;
}

const ByteTable& table_of(DataType type) {
  // One table per type, made once, by whichever thread comes first.
  switch (type) {
    case DataType::kFloat8E4M3Fn: {
      static const ByteTable kTable = byte_table(DataType::kFloat8E4M3Fn);
      return kTable;
    }
    case DataType::kFloat8E4M3Fnuz: {
      static const ByteTable kTable = byte_table(DataType::kFloat8E4M3Fnuz);
      return kTable;
    }
    case DataType::kFloat8E5M2: {
      static const ByteTable kTable = byte_table(DataType::kFloat8E5M2);
      return kTable;
    }
    case DataType::kFloat8E5M2Fnuz: {
      static const ByteTable kTable = byte_table(DataType::kFloat8E5M2Fnuz);
      return kTable;
    }
    default: {
      static const ByteTable kTable = byte_table(DataType::kFloat8E8M0);
      return kTable;
    }
  }
}

float small_number(DataType type, unsigned bits) {
  const int value = static_cast<int>(bits);
  switch (type) {
    case DataType::kInt4:
      return static_cast<float>(value < 8 ? value : value - 16);
    case DataType::kInt2:
      return static_cast<float>(value < 2 ? value : value - 4);
    case DataType::kFloat4E2M1:
      return decode_minifloat(static_cast<uint16_t>(bits), type);
    default:
      return static_cast<float>(value);
  }
}

/// Elements of 2 or 4 bits, the first one in the low bits.
void unpack(DataType type, const std::byte* bytes, int64_t count, float* numbers) {
  const unsigned width = bit_width(type) == 4 ? 4 : 2;
  const unsigned per_byte = 8 / width;
  const unsigned mask = (1U << width) - 1;
  std::array<float, 16> table{};
  for (unsigned bits = 0; bits <= mask; ++bits) table[bits] = small_number(type, bits);
  for (int64_t i = 0; i < count; ++i) {
    const auto index = static_cast<unsigned>(i);
    numbers[i] = table[std::to_integer<unsigned>(bytes[index / per_byte]) >> (index % per_byte * width) & mask];
  }
}

template <typename T, typename Number>
void convert(const std::byte* bytes, int64_t count, Number* numbers) {
  std::array<T, kBlock> elements;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled just below
  std::memcpy(elements.data(), bytes, static_cast<size_t>(count) * sizeof(T));
  for (int64_t i = 0; i < count; ++i) numbers[i] = static_cast<Number>(elements[static_cast<size_t>(i)]);
}

template <float (*kDecode)(uint16_t)>
void decode_halves(const std::byte* bytes, int64_t count, float* numbers) {
  std::array<uint16_t, kBlock> elements;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled just below
  std::memcpy(elements.data(), bytes, static_cast<size_t>(count) * sizeof(uint16_t));
  for (int64_t i = 0; i < count; ++i) numbers[i] = kDecode(elements[static_cast<size_t>(i)]);
}

const std::byte* start_of(DataType type, std::span<const std::byte> bytes, int64_t first, int64_t count) {
  const auto start = static_cast<size_t>(first) * static_cast<size_t>(bit_width(type)) / 8;
  const auto size = static_cast<size_t>(packed_size_bytes(type, count).value_or(0));
  SURGERY_ASSERT(count <= kBlock && start + size <= bytes.size(), "a block inside the tensor");
  return bytes.data() + start;
}

}  // namespace

bool has_numbers(DataType type) {
  return is_valid(type) && type != DataType::kString && type != DataType::kComplex64 && type != DataType::kComplex128 &&
         bit_width(type) != 6;
}

bool needs_double(DataType type) {
  switch (type) {
    case DataType::kDouble:
    case DataType::kInt32:
    case DataType::kInt64:
    case DataType::kUint32:
    case DataType::kUint64:
      return true;
    default:
      return false;
  }
}

void read_block(DataType type, std::span<const std::byte> bytes, int64_t first, int64_t count, float* numbers) {
  const std::byte* start = start_of(type, bytes, first, count);
  switch (type) {
    case DataType::kFloat:
      std::memcpy(numbers, start, static_cast<size_t>(count) * sizeof(float));
      return;
    case DataType::kFloat16:
      return decode_halves<&half_to_float>(start, count, numbers);
    case DataType::kBfloat16:
      return decode_halves<&bfloat16_to_float>(start, count, numbers);
    case DataType::kInt16:
      return convert<int16_t>(start, count, numbers);
    case DataType::kUint16:
      return convert<uint16_t>(start, count, numbers);
    case DataType::kInt8:
      return convert<int8_t>(start, count, numbers);
    case DataType::kUint8:
    case DataType::kBool:
      return convert<uint8_t>(start, count, numbers);
    default:
      break;
  }
  if (bit_width(type) < 8) return unpack(type, start, count, numbers);
  const ByteTable& table = table_of(type);
  for (int64_t i = 0; i < count; ++i) numbers[i] = table[std::to_integer<size_t>(start[i])];
}

void read_block(DataType type, std::span<const std::byte> bytes, int64_t first, int64_t count, double* numbers) {
  const std::byte* start = start_of(type, bytes, first, count);
  switch (type) {
    case DataType::kDouble:
      std::memcpy(numbers, start, static_cast<size_t>(count) * sizeof(double));
      return;
    case DataType::kInt32:
      return convert<int32_t>(start, count, numbers);
    case DataType::kUint32:
      return convert<uint32_t>(start, count, numbers);
    case DataType::kInt64:
      return convert<int64_t>(start, count, numbers);
    default:
      return convert<uint64_t>(start, count, numbers);
  }
}

}  // namespace surgery::analysis
