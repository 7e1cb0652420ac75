#pragma once

#include <optional>

#include "surgery/tensor.h"

namespace surgery {

/// The tensor with elements of another real type of 8 bits or more, where every element has exactly the same value in
/// it (NaN stays NaN); otherwise nothing.
std::optional<Tensor> convert_exactly(const Tensor& tensor, DataType type);

/// The same with every element as near as a floating-point type allows. Nothing where one is out of the type's range,
/// or no integer for an integer type.
std::optional<Tensor> convert_nearest(const Tensor& tensor, DataType type);

/// A tensor of that type and shape with every element as near `value` as the type allows. Nothing where the value is
/// out of the type's range, no integer for an integer type, or the type is none of the real types of 8 bits or more.
std::optional<Tensor> filled(DataType type, std::vector<int64_t> dims, double value);

}  // namespace surgery
