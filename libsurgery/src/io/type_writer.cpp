#include <optional>

#include "io/message_writer.h"
#include "io/type_proto.h"

namespace surgery {
namespace {

using wire::kLength;
using wire::kVarint;
using wire::tag;

bool is_same(const Dim& a, const Dim& b) { return (a.is_unknown() && b.is_unknown()) || a == b; }

/// One Dimension: dim_value = 1 or dim_param = 2, and from the old one the denotation = 3 and what is unknown to us.
std::string write_dim(const Dim& dim, std::string_view base) {
  std::string out;
  if (dim.is_known()) wire::append_varint_field(out, 1, static_cast<uint64_t>(dim.value()));
  if (dim.is_symbolic()) wire::append_bytes_field(out, 2, dim.to_string());
  wire::FieldReader reader(base);
  for (wire::Field field; reader.next(field);) {
    if (field.tag != tag(1, kVarint) && field.tag != tag(2, kLength)) out += field.source;
  }
  return out;
}

std::string write_shape(const Shape& shape, std::string_view base) {
  std::vector<std::string_view> old_dims;
  std::string out;
  wire::FieldReader reader(base);
  for (wire::Field field; reader.next(field);) {
    if (field.tag == tag(1, kLength)) {
      old_dims.push_back(field.bytes);
    } else {
      out += field.source;
    }
  }
  // Dims of another rank are other dims: nothing of the old ones applies.
  if (old_dims.size() != shape.size()) old_dims.assign(shape.size(), {});
  for (size_t i = 0; i < shape.size(); ++i) {
    const bool is_kept = is_same(shape[i], read_dim(old_dims[i]));
    wire::append_bytes_field(out, 1, is_kept ? std::string(old_dims[i]) : write_dim(shape[i], old_dims[i]));
  }
  return out;
}

/// TypeProto.Tensor, TypeProto.SparseTensor: elem_type = 1, shape = 2.
std::string write_tensor_type(const Type& type, std::string_view base) {
  std::string out;
  if (type.element_type != DataType::kUndefined) {
    wire::append_varint_field(out, 1, static_cast<uint64_t>(type.element_type));
  }
  const std::string_view old_shape = single_field(base, tag(2, kLength)).value_or(std::string_view());
  if (type.shape) wire::append_bytes_field(out, 2, write_shape(*type.shape, old_shape));
  wire::FieldReader reader(base);
  for (wire::Field field; reader.next(field);) {
    if (field.tag != tag(1, kVarint) && field.tag != tag(2, kLength)) out += field.source;
  }
  return out;
}

std::string write_container(const Type& type, std::string_view base) {
  std::string out;
  const bool is_map = type.kind == Type::Kind::kMap;
  if (is_map) wire::append_varint_field(out, 1, static_cast<uint64_t>(type.element_type));
  const uint32_t number = is_map ? 2 : 1;
  const std::string_view old_inner = single_field(base, tag(number, kLength)).value_or(std::string_view());
  if (type.inner != nullptr) wire::append_bytes_field(out, number, write_type(*type.inner, old_inner));
  return out;
}

uint32_t number_of(Type::Kind kind) {
  switch (kind) {
    case Type::Kind::kTensor:
      return 1;
    case Type::Kind::kSequence:
      return 4;
    case Type::Kind::kMap:
      return 5;
    case Type::Kind::kOpaque:
      return 7;
    case Type::Kind::kSparseTensor:
      return 8;
    case Type::Kind::kOptional:
      return 9;
    case Type::Kind::kUnknown:
      break;
  }
  return 0;
}

bool is_kind_field(uint32_t field_tag) {
  for (const uint32_t number : {1U, 4U, 5U, 7U, 8U, 9U}) {
    if (field_tag == tag(number, kLength)) return true;
  }
  return false;
}

}  // namespace

bool is_identical(const Type& a, const Type& b) {
  if (a.kind != b.kind || a.element_type != b.element_type || a.shape.has_value() != b.shape.has_value()) return false;
  if (a.shape) {
    if (!std::equal(a.shape->begin(), a.shape->end(), b.shape->begin(), b.shape->end(), is_same)) return false;
  }
  if (a.inner == nullptr || b.inner == nullptr) return a.inner == b.inner;
  return is_identical(*a.inner, *b.inner);
}

std::string write_type(const Type& type, std::string_view base) {
  const uint32_t number = number_of(type.kind);
  std::string_view old_body;
  if (number != 0) old_body = single_field(base, tag(number, kLength)).value_or(std::string_view());
  std::string out;
  switch (type.kind) {
    case Type::Kind::kTensor:
    case Type::Kind::kSparseTensor:
      wire::append_bytes_field(out, number, write_tensor_type(type, old_body));
      break;
    case Type::Kind::kSequence:
    case Type::Kind::kOptional:
    case Type::Kind::kMap:
      wire::append_bytes_field(out, number, write_container(type, old_body));
      break;
    case Type::Kind::kOpaque:
      wire::append_bytes_field(out, number, old_body);
      break;
    case Type::Kind::kUnknown:
      break;
  }
  wire::FieldReader reader(base);
  for (wire::Field field; reader.next(field);) {
    if (!is_kind_field(field.tag)) out += field.source;
  }
  return out;
}

}  // namespace surgery
