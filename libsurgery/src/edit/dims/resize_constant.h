#pragma once

#include <optional>

#include "surgery/tensor.h"

namespace surgery::dims {

/// An axis of a tensor is outer * count * inner. The tensor with outer * new_count * inner there, when its rows do not
/// differ along the middle factor; nothing when they do. Requires elements of whole bytes, dims of at least 1, and
/// count * inner to divide the axis.
std::optional<Tensor> resize_constant(const Tensor& tensor, size_t axis, int64_t count, int64_t inner,
                                      int64_t new_count);

}  // namespace surgery::dims
