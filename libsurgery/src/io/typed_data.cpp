#include "io/typed_data.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "io/tensor_fields.h"
#include "io/wire.h"
#include "surgery/error.h"

namespace surgery {
namespace {

using tensor_field::kDoubleData;
using tensor_field::kFloatData;
using tensor_field::kStringData;

wire::Type entry_wire_type(uint32_t number) {
  switch (number) {
    case kFloatData:
      return wire::kFixed32;
    case kDoubleData:
      return wire::kFixed64;
    case kStringData:
      return wire::kLength;
    default:
      return wire::kVarint;
  }
}

/// Calls `visit(field)` for each piece of the tensor's typed data, single entries and packed ones.
template <typename Visit>
void for_each_piece(std::string_view source, uint32_t number, Visit&& visit) {
  const uint32_t single = wire::tag(number, entry_wire_type(number));
  const uint32_t packed = wire::tag(number, wire::kLength);
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag == single || field.tag == packed) visit(field);
  }
}

bool is_length(const wire::Field& field) { return field.tag == wire::tag(field.number(), wire::kLength); }

/// Bytes that one entry takes in raw_data's form.
size_t entry_size(DataType type) {
  switch (type) {
    case DataType::kComplex64:
      return sizeof(float);
    case DataType::kComplex128:
      return sizeof(double);
    default:
      return bit_width(type) < 8 ? 1 : static_cast<size_t>(bit_width(type) / 8);
  }
}

/// Elements of 6 bits, one in each byte, as raw_data has them: side by side, low bits first.
std::vector<std::byte> pack_6_bits(std::span<const std::byte> elements) {
  std::vector<std::byte> packed((elements.size() * 6 + 7) / 8);
  for (size_t i = 0; i < elements.size(); ++i) {
    const uint32_t bits = (std::to_integer<uint32_t>(elements[i]) & 0x3FU) << (i * 6 % 8);
    packed[i * 6 / 8] |= static_cast<std::byte>(bits & 0xFFU);
    if (bits > 0xFFU) packed[i * 6 / 8 + 1] |= static_cast<std::byte>(bits >> 8);
  }
  return packed;
}

}  // namespace

std::string typed_data_fault(std::string_view source, DataType type, int64_t num_elements) {
  const uint32_t number = typed_field_of(type);
  if (number == kFloatData || number == kDoubleData) return {};  // counted when the tensor was read
  int64_t count = 0;
  bool whole = true;
  for_each_piece(source, number, [&](const wire::Field& field) {
    if (!is_length(field)) {
      ++count;
      return;
    }
    whole &= wire::is_whole_varints(field.bytes);
    count += wire::count_varints(field.bytes);
  });
  const int64_t needed = num_typed_entries(type, num_elements);
  if (whole && count == needed) return {};
  const std::string label = tensor_label(parse_tensor_fields(source).name) + ": ";
  if (!whole) return label + "malformed protobuf: packed numbers are cut short";
  return label + "it has " + std::to_string(count) + " entries of data, its dims need " + std::to_string(needed);
}

std::vector<std::byte> decode_typed_data(std::string_view source, DataType type, int64_t num_elements) {
  if (const std::string fault = typed_data_fault(source, type, num_elements); !fault.empty()) {
    throw Error(ErrorCode::kRead, fault);
  }
  const size_t size = entry_size(type);
  std::vector<std::byte> raw(size * static_cast<size_t>(num_typed_entries(type, num_elements)));
  size_t used = 0;  // never past the end, even if another process changes the file between the count and now
  // Numbers of an integer type are cut to its width, which is how bits of float16 and the like are stored as well.
  const auto append = [&](uint64_t value) {
    if (used == raw.size()) return;
    std::memcpy(raw.data() + used, &value, size);
    used += size;
  };
  const uint32_t number = typed_field_of(type);
  const bool is_fixed = number == kFloatData || number == kDoubleData;
  for_each_piece(source, number, [&](const wire::Field& field) {
    if (!is_length(field)) {
      append(field.scalar);
    } else if (is_fixed) {
      const size_t length = std::min(field.bytes.size(), raw.size() - used);
      std::memcpy(raw.data() + used, field.bytes.data(), length);
      used += length;
    } else {
      wire::for_each_varint(field, append);
    }
  });
  return bit_width(type) == 6 ? pack_6_bits(raw) : raw;
}

std::vector<std::string> decode_string_data(std::string_view source) {
  std::vector<std::string> strings;
  for_each_piece(source, kStringData, [&](const wire::Field& field) { strings.emplace_back(field.bytes); });
  return strings;
}

}  // namespace surgery
