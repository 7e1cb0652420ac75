#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "surgery/dim.h"

namespace surgery {

/// The constant target with which a Reshape (allowzero = 0) turns a tensor of shape `from` into `to`, for every value
/// of the symbols in them. Each entry is the dim where it is a number other than 0, 0 ("as in the input") where the dim
/// at the same place is proven equal, and -1 in at most one place.
///
/// A -1 cannot be worked out when the other dims have a product of 0. So it is used only where they are all numbers, or
/// where `present`, the content of the target the model has now, says -1 at the same place.
std::optional<std::vector<int64_t>> reshape_target(const Shape& from, const Shape& to,
                                                   const std::vector<Dim>* present = nullptr);

/// The axis with which Flatten turns `from` into `to`; nothing when there is none that does for every value of the
/// symbols.
std::optional<int64_t> flatten_axis(const Shape& from, const Shape& to);

}  // namespace surgery
