#pragma once

#include <memory>
#include <optional>
#include <string>

#include "surgery/data_type.h"
#include "surgery/dim.h"

namespace surgery {

/// The type of a value, as TypeProto has it.
struct Type {
  enum class Kind : uint8_t { kUnknown, kTensor, kSparseTensor, kSequence, kMap, kOptional, kOpaque };

  Kind kind = Kind::kUnknown;
  DataType element_type = DataType::kUndefined;  ///< of a tensor; the key's type of a map
  std::optional<Shape> shape;                    ///< of a tensor; nothing when not even the rank is known
  std::shared_ptr<const Type> inner;             ///< element of a sequence or optional, value of a map

  static Type tensor(DataType element_type, std::optional<Shape> shape = std::nullopt);
  static Type sequence(Type element);
  static Type optional(Type element);
  static Type map(DataType key, Type value);

  bool is_tensor() const { return kind == Kind::kTensor; }
  bool is_known() const { return kind != Kind::kUnknown; }
};

/// "float[N, 3, 224, 224]", "int64[...]" without rank, "sequence(map(int64, float[]))", "?" when unknown.
std::string to_string(const Type& type);

/// Same kind, element types, ranks and provably the same dims (unknown dims and missing ranks at the same places).
bool same(const Type& a, const Type& b);

}  // namespace surgery
