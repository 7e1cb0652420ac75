#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <protozero/types.hpp>
#include <protozero/varint.hpp>

/// The protobuf wire format, as far as a byte-preserving reader and writer need it: every field with the bytes it
/// takes.
namespace surgery::wire {

using Type = protozero::pbf_wire_type;
inline constexpr Type kVarint = Type::varint;
inline constexpr Type kFixed64 = Type::fixed64;
inline constexpr Type kLength = Type::length_delimited;
inline constexpr Type kFixed32 = Type::fixed32;

/// Field number and wire type at once, as a case label. A known number with another wire type is an unknown field.
constexpr uint32_t tag(uint32_t number, Type type) { return number << 3 | static_cast<uint32_t>(type); }

struct Field {
  uint32_t tag = 0;
  uint64_t scalar = 0;        ///< of varint, fixed32 and fixed64
  std::string_view bytes{};   ///< of a length-delimited field: what is inside
  std::string_view source{};  ///< the field itself, its key included

  uint32_t number() const { return tag >> 3; }
  float as_float() const;    ///< of fixed32
  double as_double() const;  ///< of fixed64
  int64_t as_int64() const { return static_cast<int64_t>(scalar); }
  int32_t as_int32() const { return static_cast<int32_t>(scalar); }  ///< protobuf drops the upper bits
};

/// Walks the fields of one encoded message. Groups (an obsolete form that ONNX does not use) count as one unknown
/// field. Throws Error(kRead) starting with "malformed protobuf" at whatever does not follow the format.
class FieldReader {
 public:
  explicit FieldReader(std::string_view message) : at_(message.data()), end_(message.data() + message.size()) {}
  bool next(Field& field);

 private:
  uint32_t read_key();
  uint64_t read_varint();
  void read_payload(Field& field);
  void skip_group(uint32_t number);

  const char* at_;
  const char* end_;
};

/// The pieces of a singular message field, put together: protobuf merges them, which is what one message with the
/// fields of all of them means. Copies nothing in the usual case of one piece.
class MergedMessage {
 public:
  /// Throws Error(kRead) where one of several pieces is no message by itself.
  void add(std::string_view piece);
  /// Forgets what was added before: another member of a oneof takes over.
  void restart(std::string_view piece);

  bool is_set() const { return is_set_; }
  std::string_view view() const { return is_owned_ ? std::string_view(owned_) : view_; }
  /// Whether view() views this object and not what was added.
  bool is_owned() const { return is_owned_; }
  std::string release() { return std::move(owned_); }

 private:
  bool is_set_ = false;
  bool is_owned_ = false;
  std::string_view view_;
  std::string owned_;
};

/// Calls `visit(value)` for each number of a repeated varint field that is met packed (kLength) or alone (kVarint).
template <typename Visit>
void for_each_varint(const Field& field, Visit&& visit) {
  if ((field.tag & 7U) == static_cast<uint32_t>(kVarint)) {
    visit(field.scalar);
    return;
  }
  const char* at = field.bytes.data();
  const char* const end = at + field.bytes.size();
  while (at != end) visit(protozero::decode_varint(&at, end));
}

/// Whether packed varints are whole; for data whose decoding is put off.
bool is_whole_varints(std::string_view packed);
/// Throws Error(kRead) when they are not. Always called before for_each_varint() on a packed field.
void require_whole_varints(std::string_view packed);
/// Appends packed floats. Throws Error(kRead) when the last one is cut short.
void append_packed(std::string_view packed, std::vector<float>& values);
int64_t count_varints(std::string_view packed);

size_t varint_size(uint64_t value);
void append_varint(std::string& out, uint64_t value);
void append_key(std::string& out, uint32_t number, Type type);
void append_varint_field(std::string& out, uint32_t number, uint64_t value);
void append_bytes_field(std::string& out, uint32_t number, std::string_view bytes);
void append_float_field(std::string& out, uint32_t number, float value);

}  // namespace surgery::wire
