#pragma once

#include <optional>
#include <string>

#include "surgery/tensor.h"

namespace surgery {

/// What keeps the elements of a tensor from being read, as reading them would tell it ("tensor 'w': raw_data has 15
/// bytes, float[4] needs 16"); nothing when they can be read. Opens external files, but reads no elements, except that
/// the packed varints of int32_data, int64_data and uint64_data are counted. Covers type, rank, dims and their product,
/// which field holds the data, its size, and location, offset and length of external data.
std::optional<std::string> payload_fault(const Tensor& tensor);

/// What is allowed but suspicious: a data file with several hard links.
std::optional<std::string> payload_warning(const Tensor& tensor);

}  // namespace surgery
