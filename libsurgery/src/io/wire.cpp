#include "io/wire.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "surgery/error.h"

namespace surgery::wire {
namespace {

constexpr uint32_t kStartGroup = 3;
constexpr uint32_t kEndGroup = 4;
constexpr size_t kMaxGroupDepth = 100;  // protobuf's own limit on nesting

[[noreturn]] void malformed(const std::string& what) { throw Error(ErrorCode::kRead, "malformed protobuf: " + what); }

template <typename T>
T read_little_endian(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

void require_whole_fields(std::string_view message) {
  FieldReader reader(message);
  for (Field field; reader.next(field);) {
  }
}

}  // namespace

static_assert(std::endian::native == std::endian::little, "payloads are used as they lie in the file");

float Field::as_float() const { return std::bit_cast<float>(static_cast<uint32_t>(scalar)); }

double Field::as_double() const { return std::bit_cast<double>(scalar); }

bool FieldReader::next(Field& field) {
  if (at_ == end_) return false;
  const char* const start = at_;
  field.tag = read_key();
  read_payload(field);
  field.source = {start, static_cast<size_t>(at_ - start)};
  return true;
}

void FieldReader::read_payload(Field& field) {
  const auto require = [&](uint64_t size) {
    const auto left = static_cast<uint64_t>(end_ - at_);
    if (size > left) {
      malformed("field " + std::to_string(field.number()) + " is " + std::to_string(size) + " bytes long, " +
                std::to_string(left) + " bytes of its message are left (truncated file?)");
    }
  };
  switch (field.tag & 7U) {
    case static_cast<uint32_t>(kVarint):
      field.scalar = read_varint();
      return;
    case static_cast<uint32_t>(kFixed64):
      require(8);
      field.scalar = read_little_endian<uint64_t>(at_);
      at_ += 8;
      return;
    case static_cast<uint32_t>(kLength): {
      const uint64_t size = read_varint();
      require(size);
      field.bytes = {at_, static_cast<size_t>(size)};
      at_ += size;
      return;
    }
    case kStartGroup:
      skip_group(field.number());
      return;
    case static_cast<uint32_t>(kFixed32):
      require(4);
      field.scalar = read_little_endian<uint32_t>(at_);
      at_ += 4;
      return;
    case kEndGroup:
      malformed("a group ends that did not start");
    default:
      malformed("wire type " + std::to_string(field.tag & 7U) + " does not exist");
  }
}

void FieldReader::skip_group(uint32_t number) {
  std::array<uint32_t, kMaxGroupDepth> open{};
  size_t depth = 0;
  open[depth++] = number;
  while (depth > 0) {
    if (at_ == end_) malformed("a group does not end");
    Field inner;
    inner.tag = read_key();
    if ((inner.tag & 7U) == kStartGroup) {
      if (depth == kMaxGroupDepth) malformed("groups are nested deeper than " + std::to_string(kMaxGroupDepth));
      open[depth++] = inner.number();
    } else if ((inner.tag & 7U) == kEndGroup) {
      if (open[--depth] != inner.number()) malformed("a group ends that did not start");
    } else {
      read_payload(inner);
    }
  }
}

uint32_t FieldReader::read_key() {
  constexpr ptrdiff_t kMaxKeyLength = 5;  // 32 bits
  const char* const start = at_;
  const auto key = static_cast<uint32_t>(read_varint());  // protobuf drops the upper bits
  if (at_ - start > kMaxKeyLength) malformed("the key of a field is longer than 5 bytes");
  if (key >> 3 == 0) malformed("field number 0 does not exist");
  return key;
}

uint64_t FieldReader::read_varint() {
  try {
    return protozero::decode_varint(&at_, end_);
  } catch (const protozero::end_of_buffer_exception&) {
    malformed("a number goes past the end of its message (truncated file?)");
  } catch (const protozero::varint_too_long_exception&) {
    malformed("a varint is longer than 10 bytes");
  }
}

void MergedMessage::add(std::string_view piece) {
  if (!is_set_) {
    is_set_ = true;
    view_ = piece;
    return;
  }
  // Put together, two halves of a field would look like a whole one.
  if (!is_owned_) {
    require_whole_fields(view_);
    is_owned_ = true;
    owned_ = view_;
  }
  require_whole_fields(piece);
  owned_ += piece;
}

void MergedMessage::restart(std::string_view piece) {
  is_set_ = true;
  is_owned_ = false;
  view_ = piece;
}

bool is_whole_varints(std::string_view packed) {
  size_t length = 0;
  for (const char byte : packed) {
    ++length;
    if (length > static_cast<size_t>(protozero::max_varint_length)) return false;
    if ((static_cast<unsigned char>(byte) & 0x80U) == 0) length = 0;
  }
  return length == 0;
}

void require_whole_varints(std::string_view packed) {
  if (!is_whole_varints(packed)) malformed("packed numbers are cut short");
}

void append_packed(std::string_view packed, std::vector<float>& values) {
  if (packed.size() % sizeof(float) != 0) {
    malformed("packed floats of " + std::to_string(packed.size()) + " bytes, expected a multiple of 4");
  }
  const size_t start = values.size();
  values.resize(start + packed.size() / sizeof(float));
  if (!packed.empty()) std::memcpy(values.data() + start, packed.data(), packed.size());
}

int64_t count_varints(std::string_view packed) {
  return std::count_if(packed.begin(), packed.end(),
                       [](char byte) { return (static_cast<unsigned char>(byte) & 0x80U) == 0; });
}

size_t varint_size(uint64_t value) { return static_cast<size_t>(protozero::length_of_varint(value)); }

void append_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

void append_key(std::string& out, uint32_t number, Type type) { append_varint(out, tag(number, type)); }

void append_varint_field(std::string& out, uint32_t number, uint64_t value) {
  append_key(out, number, kVarint);
  append_varint(out, value);
}

void append_bytes_field(std::string& out, uint32_t number, std::string_view bytes) {
  append_key(out, number, kLength);
  append_varint(out, bytes.size());
  out += bytes;
}

void append_float_field(std::string& out, uint32_t number, float value) {
  append_key(out, number, kFixed32);
  const auto bits = std::bit_cast<std::array<char, sizeof value>>(value);
  out.append(bits.data(), bits.size());
}

}  // namespace surgery::wire
