#include "io/records.h"

#include <array>

#include "io/message_writer.h"
#include "io/onnx_fields.h"
#include "io/wire.h"

namespace surgery {

using wire::kLength;
using wire::kVarint;
using wire::tag;

namespace {

std::string encode(std::string_view base, FieldPlan& first, FieldPlan& second) {
  Arena arena;
  MessageWriter out(arena);
  const std::array<FieldPlan*, 2> plans{&first, &second};
  rewrite_message(base, plans, out);
  return out.rope().to_string();
}

}  // namespace

StringPair read_string_entry(std::string_view source) {
  StringPair entry;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag == tag(1, kLength)) entry.first = field.bytes;
    if (field.tag == tag(2, kLength)) entry.second = field.bytes;
  }
  return entry;
}

std::string encode_string_entry(const StringPair& entry, std::string_view base) {
  StringPlan key(1, entry.first);
  StringPlan value(2, entry.second);
  return encode(base, key, value);
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

std::string encode_opset_import(const OpsetImport& import, std::string_view base) {
  StringPlan domain(1, import.domain);
  NumberPlan version(2, import.version);
  return encode(base, domain, version);
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
