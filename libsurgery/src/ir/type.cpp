#include "surgery/type.h"

#include <utility>

namespace surgery {

Type Type::tensor(DataType element_type, std::optional<Shape> shape) {
  Type type;
  type.kind = Kind::kTensor;
  type.element_type = element_type;
  type.shape = std::move(shape);
  return type;
}

Type Type::sequence(Type element) {
  Type type;
  type.kind = Kind::kSequence;
  type.inner = std::make_shared<const Type>(std::move(element));
  return type;
}

Type Type::optional(Type element) {
  Type type;
  type.kind = Kind::kOptional;
  type.inner = std::make_shared<const Type>(std::move(element));
  return type;
}

Type Type::map(DataType key, Type value) {
  Type type;
  type.kind = Kind::kMap;
  type.element_type = key;
  type.inner = std::make_shared<const Type>(std::move(value));
  return type;
}

namespace {

std::string element_name(DataType type) { return type == DataType::kUndefined ? "?" : std::string(to_string(type)); }

std::string inner_name(const Type& type) { return type.inner == nullptr ? "?" : to_string(*type.inner); }

bool same_dim(const Dim& a, const Dim& b) { return a == b || (a.is_unknown() && b.is_unknown()); }

bool same_shape(const std::optional<Shape>& a, const std::optional<Shape>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  if (a->size() != b->size()) return false;
  for (size_t i = 0; i < a->size(); ++i) {
    if (!same_dim((*a)[i], (*b)[i])) return false;
  }
  return true;
}

}  // namespace

std::string to_string(const Type& type) {
  switch (type.kind) {
    case Type::Kind::kUnknown:
      return "?";
    case Type::Kind::kTensor:
      return element_name(type.element_type) + (type.shape ? to_string(*type.shape) : "[...]");
    case Type::Kind::kSparseTensor:
      return "sparse " + element_name(type.element_type) + (type.shape ? to_string(*type.shape) : "[...]");
    case Type::Kind::kSequence:
      return "sequence(" + inner_name(type) + ")";
    case Type::Kind::kMap:
      return "map(" + element_name(type.element_type) + ", " + inner_name(type) + ")";
    case Type::Kind::kOptional:
      return "optional(" + inner_name(type) + ")";
    case Type::Kind::kOpaque:
      return "opaque";
  }
  return "?";
}

bool same(const Type& a, const Type& b) {
  if (a.kind != b.kind || a.element_type != b.element_type || !same_shape(a.shape, b.shape)) return false;
  if (a.inner == nullptr || b.inner == nullptr) return a.inner == b.inner;
  return same(*a.inner, *b.inner);
}

}  // namespace surgery
