#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "surgery/type.h"

namespace surgery {

/// Types nested deeper than this are refused, as protobuf does.
inline constexpr int kMaxTypeDepth = 100;

/// The type that an encoded TypeProto describes. An unset dim, an empty dim_param and a negative dim_value are unknown
/// dims. Throws Error(kRead) for malformed protobuf and for nesting over the limit.
Type read_type(std::string_view source);

/// The same for one TensorShapeProto.Dimension.
Dim read_dim(std::string_view source);

/// The type encoded anew, with the parts of `base` (an encoded TypeProto, may be empty) that Type does not hold and
/// that still apply: denotations of the type and of dims at the same place, unknown fields.
std::string write_type(const Type& type, std::string_view base = {});

/// Equal in everything that Type holds; unknown dims equal unknown dims.
bool is_identical(const Type& a, const Type& b);

}  // namespace surgery
