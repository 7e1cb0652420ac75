#include "io/type_proto.h"
#include "io/well_formed.h"
#include "io/wire.h"
#include "surgery/error.h"

namespace surgery {
namespace {

using wire::tag;

Type read_type_at(std::string_view source, int depth);

void read_shape(std::string_view source, std::optional<Shape>& shape) {
  if (!shape) shape.emplace();
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag == tag(1, wire::kLength)) shape->push_back(read_dim(field.bytes));
  }
}

void read_tensor_type(std::string_view source, Type& type) {
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag == tag(1, wire::kVarint)) type.element_type = static_cast<DataType>(field.as_int32());
    if (field.tag == tag(2, wire::kLength)) read_shape(field.bytes, type.shape);
  }
}

/// Sequence and Optional: elem_type = 1. Map: key_type = 1, value_type = 2.
void read_container(std::string_view source, uint32_t inner_number, int depth, Type& type) {
  wire::MergedMessage inner;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (type.kind == Type::Kind::kMap && field.tag == tag(1, wire::kVarint)) {
      type.element_type = static_cast<DataType>(field.as_int32());
    }
    if (field.tag == tag(inner_number, wire::kLength)) inner.add(field.bytes);
  }
  if (inner.is_set()) type.inner = std::make_shared<const Type>(read_type_at(inner.view(), depth + 1));
}

Type::Kind kind_of(uint32_t field_tag) {
  switch (field_tag) {
    case tag(1, wire::kLength):
      return Type::Kind::kTensor;
    case tag(4, wire::kLength):
      return Type::Kind::kSequence;
    case tag(5, wire::kLength):
      return Type::Kind::kMap;
    case tag(7, wire::kLength):
      return Type::Kind::kOpaque;
    case tag(8, wire::kLength):
      return Type::Kind::kSparseTensor;
    case tag(9, wire::kLength):
      return Type::Kind::kOptional;
    default:
      return Type::Kind::kUnknown;
  }
}

Type read_type_at(std::string_view source, int depth) {
  if (depth > kMaxTypeDepth) {
    throw Error(ErrorCode::kRead, "a type is nested deeper than " + std::to_string(kMaxTypeDepth));
  }
  // The kinds are a oneof: the last one counts, and pieces of the same one in a row are merged.
  Type::Kind kind = Type::Kind::kUnknown;
  wire::MergedMessage body;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    const Type::Kind field_kind = kind_of(field.tag);
    if (field_kind == Type::Kind::kUnknown) continue;
    if (field_kind == kind) {
      body.add(field.bytes);
    } else {
      if (body.is_set()) require_well_formed(source, Message::kType);  // what is overruled must be readable too
      body.restart(field.bytes);
    }
    kind = field_kind;
  }
  Type type;
  type.kind = kind;
  switch (kind) {
    case Type::Kind::kTensor:
    case Type::Kind::kSparseTensor:
      read_tensor_type(body.view(), type);
      break;
    case Type::Kind::kSequence:
    case Type::Kind::kOptional:
      read_container(body.view(), 1, depth, type);
      break;
    case Type::Kind::kMap:
      read_container(body.view(), 2, depth, type);
      break;
    case Type::Kind::kOpaque:
      require_well_formed(body.view(), Message::kFlat);
      break;
    case Type::Kind::kUnknown:
      break;
  }
  return type;
}

}  // namespace

Dim read_dim(std::string_view source) {
  Dim dim;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {  // dim_value and dim_param are a oneof: the last one counts
    if (field.tag == tag(1, wire::kVarint)) dim = field.as_int64() >= 0 ? Dim(field.as_int64()) : Dim();
    if (field.tag == tag(2, wire::kLength)) dim = field.bytes.empty() ? Dim() : Dim::symbol(std::string(field.bytes));
  }
  return dim;
}

Type read_type(std::string_view source) { return read_type_at(source, 1); }

}  // namespace surgery
