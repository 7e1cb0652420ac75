#include "io/records.h"

#include "io/onnx_fields.h"
#include "io/wire.h"

namespace surgery {

using wire::kLength;
using wire::kVarint;
using wire::tag;

StringPair read_string_entry(std::string_view source) {
  StringPair entry;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag == tag(1, kLength)) entry.first = field.bytes;
    if (field.tag == tag(2, kLength)) entry.second = field.bytes;
  }
  return entry;
}

std::string encode_string_entry(const StringPair& entry) {
  std::string out;
  wire::append_bytes_field(out, 1, entry.first);
  wire::append_bytes_field(out, 2, entry.second);
  return out;
}

OpsetImport read_opset_import(std::string_view source) {
  OpsetImport import;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag == tag(1, kLength)) import.domain = field.bytes;
    if (field.tag == tag(2, kVarint)) import.version = field.as_int64();
  }
  return import;
}

std::string encode_opset_import(const OpsetImport& import) {
  std::string out;
  if (!import.domain.empty()) wire::append_bytes_field(out, 1, import.domain);
  wire::append_varint_field(out, 2, static_cast<uint64_t>(import.version));
  return out;
}

std::string_view value_info_name(std::string_view source) {
  std::string_view name;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag == tag(value_info_field::kName, kLength)) name = field.bytes;
  }
  return name;
}

}  // namespace surgery
