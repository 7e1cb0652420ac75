#include "io/tensor_fields.h"

#include <optional>

#include "io/well_formed.h"
#include "io/wire.h"
#include "surgery/error.h"
#include "surgery/tensor.h"
#include "surgery/text.h"

namespace surgery {
namespace {

using tensor_field::kDataLocation;
using tensor_field::kDataType;
using tensor_field::kDims;
using tensor_field::kDoubleData;
using tensor_field::kExternalData;
using tensor_field::kFloatData;
using tensor_field::kInt32Data;
using tensor_field::kInt64Data;
using tensor_field::kMetadataProps;
using tensor_field::kName;
using tensor_field::kRawData;
using tensor_field::kSegment;
using tensor_field::kStringData;
using tensor_field::kUint64Data;
using wire::tag;

std::string_view typed_field_name(uint32_t number) {
  switch (number) {
    case kFloatData:
      return "float_data";
    case kInt32Data:
      return "int32_data";
    case kStringData:
      return "string_data";
    case kInt64Data:
      return "int64_data";
    case kDoubleData:
      return "double_data";
    case kUint64Data:
      return "uint64_data";
    default:
      return "no field";
  }
}

std::pair<std::string_view, std::string_view> parse_entry(std::string_view source) {
  std::pair<std::string_view, std::string_view> entry;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag == tag(1, wire::kLength)) entry.first = field.bytes;
    if (field.tag == tag(2, wire::kLength)) entry.second = field.bytes;
  }
  return entry;
}

/// The tensor's name where it may come after the field at hand.
std::string_view find_name(std::string_view source) {
  std::string_view name;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag == tag(kName, wire::kLength)) name = field.bytes;
  }
  return name;
}

/// Notes a piece of a typed data field; `entries` of them, 0 where that takes a walk.
void add_typed(TensorFields& fields, uint32_t number, int64_t entries, std::string_view packed) {
  if (fields.typed_field != number) {
    ++fields.num_typed_fields;  // a field met in turns with another counts several times: wrong in any case
    fields.typed_field = number;
    fields.typed_count = 0;
    fields.typed_is_one_chunk = !packed.empty();
    fields.typed_chunk = packed;
  } else {
    fields.typed_is_one_chunk = false;
  }
  fields.typed_count += entries;
}

void add_packed_fixed(TensorFields& fields, const wire::Field& field, size_t size) {
  if (field.bytes.size() % size != 0) {
    throw Error(ErrorCode::kRead, tensor_label(find_name(fields.source)) + ": malformed protobuf: packed " +
                                      std::string(typed_field_name(field.number())) + " of " +
                                      std::to_string(field.bytes.size()) + " bytes, expected a multiple of " +
                                      std::to_string(size));
  }
  if (field.bytes.empty()) return;
  add_typed(fields, field.number(), static_cast<int64_t>(field.bytes.size() / size), field.bytes);
}

std::string typed_fault(const TensorFields& fields, int64_t num_elements) {
  const uint32_t expected_field = typed_field_of(fields.type());
  if (fields.typed_field != expected_field) {
    return "its elements are in " + std::string(typed_field_name(fields.typed_field)) + ", those of type " +
           std::string(to_string(fields.type())) + " belong into " + std::string(typed_field_name(expected_field));
  }
  if (expected_field == kInt32Data || expected_field == kInt64Data || expected_field == kUint64Data) return {};
  const int64_t needed = num_typed_entries(fields.type(), num_elements);
  if (fields.typed_count == needed) return {};
  return std::string(typed_field_name(fields.typed_field)) + " has " + std::to_string(fields.typed_count) +
         " entries, " + describe_type(fields) + " needs " + std::to_string(needed);
}

std::string dims_fault(const TensorFields& fields) {
  if (fields.dims.size() > static_cast<size_t>(kMaxRank)) {
    return "rank " + std::to_string(fields.dims.size()) + " is over the limit of " + std::to_string(kMaxRank);
  }
  for (size_t i = 0; i < fields.dims.size(); ++i) {
    if (fields.dims[i] < 0) return "dim " + std::to_string(i) + " is " + std::to_string(fields.dims[i]);
  }
  if (!checked_product(fields.dims)) return "the product of its dims " + describe_type(fields) + " overflows";
  return {};
}

}  // namespace

uint32_t typed_field_of(DataType type) {
  switch (type) {
    case DataType::kFloat:
    case DataType::kComplex64:
      return kFloatData;
    case DataType::kDouble:
    case DataType::kComplex128:
      return kDoubleData;
    case DataType::kInt64:
      return kInt64Data;
    case DataType::kUint32:
    case DataType::kUint64:
      return kUint64Data;
    case DataType::kString:
      return kStringData;
    default:
      return is_valid(type) ? kInt32Data : 0;
  }
}

int64_t num_typed_entries(DataType type, int64_t num_elements) {
  if (type == DataType::kComplex64 || type == DataType::kComplex128) {
    int64_t doubled = 0;
    return __builtin_mul_overflow(num_elements, 2, &doubled) ? INT64_MAX : doubled;
  }
  if (bit_width(type) == 2 || bit_width(type) == 4) return packed_size_bytes(type, num_elements).value_or(INT64_MAX);
  return num_elements;
}

TensorFields parse_tensor_fields(std::string_view source) {
  TensorFields fields;
  fields.source = source;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    switch (field.tag) {
      case tag(kDims, wire::kVarint):
        fields.dims.push_back(field.as_int64());
        break;
      case tag(kDims, wire::kLength):
        wire::require_whole_varints(field.bytes);
        wire::for_each_varint(field, [&](uint64_t dim) { fields.dims.push_back(static_cast<int64_t>(dim)); });
        break;
      case tag(kDataType, wire::kVarint):
        fields.data_type = field.as_int32();
        break;
      case tag(kSegment, wire::kLength):
        fields.has_segment = true;
        require_well_formed(field.bytes, Message::kFlat);
        break;
      case tag(kName, wire::kLength):
        fields.name = field.bytes;
        break;
      case tag(kRawData, wire::kLength):
        fields.has_raw_data = true;
        fields.raw_data = field.bytes;
        break;
      case tag(kFloatData, wire::kFixed32):
      case tag(kDoubleData, wire::kFixed64):
      case tag(kInt32Data, wire::kVarint):
      case tag(kInt64Data, wire::kVarint):
      case tag(kUint64Data, wire::kVarint):
      case tag(kStringData, wire::kLength):
        add_typed(fields, field.number(), 1, {});
        break;
      case tag(kFloatData, wire::kLength):
        add_packed_fixed(fields, field, sizeof(float));
        break;
      case tag(kDoubleData, wire::kLength):
        add_packed_fixed(fields, field, sizeof(double));
        break;
      case tag(kInt32Data, wire::kLength):
      case tag(kInt64Data, wire::kLength):
      case tag(kUint64Data, wire::kLength):
        if (!field.bytes.empty()) add_typed(fields, field.number(), 0, field.bytes);
        break;
      case tag(kExternalData, wire::kLength):
        fields.external_entries.push_back(parse_entry(field.bytes));
        break;
      case tag(kMetadataProps, wire::kLength):
        require_well_formed(field.bytes, Message::kFlat);
        break;
      case tag(kDataLocation, wire::kVarint):
        if (field.scalar <= 1) fields.is_external = field.scalar == 1;  // other values are no DataLocation: unknown
        break;
      default:
        break;
    }
  }
  return fields;
}

std::string tensor_label(std::string_view name) { return name.empty() ? "unnamed tensor" : "tensor " + quote(name); }

std::string describe_type(const TensorFields& fields) {
  constexpr size_t kMaxShown = 8;
  std::string text(to_string(fields.type()));
  text += '[';
  for (size_t i = 0; i < fields.dims.size() && i < kMaxShown; ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(fields.dims[i]);
  }
  return text + (fields.dims.size() > kMaxShown ? ", ...]" : "]");
}

std::string fields_fault(const TensorFields& fields) {
  if (std::string fault = dims_fault(fields); !fault.empty()) return fault;
  const DataType type = fields.type();
  if (!is_valid(type)) return "data_type " + std::to_string(fields.data_type) + " is no element type";
  const int64_t num_elements = checked_product(fields.dims).value_or(0);
  const bool is_string = type == DataType::kString;
  const std::optional<int64_t> size = is_string ? 0 : packed_size_bytes(type, num_elements);
  if (!size) return "the size of " + describe_type(fields) + " overflows";
  if (fields.has_segment) return "it is one segment of a larger tensor, which is not supported";

  const bool has_raw_data = fields.has_raw_data && !(fields.raw_data.empty() && fields.num_typed_fields > 0);
  if (fields.is_external) {
    if (is_string) return "strings cannot be external data";
    if (!fields.raw_data.empty() || fields.num_typed_fields > 0) return "it has external data and data of its own";
    return {};
  }
  if (fields.num_typed_fields > 1 || (has_raw_data && fields.num_typed_fields > 0)) {
    return "it has data in several fields, expected one";
  }
  if (fields.num_typed_fields > 0) return typed_fault(fields, num_elements);
  if (has_raw_data) {
    if (is_string) return "strings cannot be in raw_data";
    if (fields.raw_data.size() == static_cast<size_t>(*size)) return {};
    return "raw_data has " + std::to_string(fields.raw_data.size()) + " bytes, " + describe_type(fields) + " needs " +
           std::to_string(*size);
  }
  if (num_elements == 0) return {};
  return "it has no data, " + describe_type(fields) + " needs " +
         (is_string ? std::to_string(num_elements) + " strings" : std::to_string(*size) + " bytes");
}

}  // namespace surgery
