#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "surgery/data_type.h"

namespace surgery {

/// Decodes float_data, double_data, int32_data, int64_data or uint64_data of an encoded TensorProto, packed or not,
/// into raw_data's form. `source` is one that fields_fault() finds nothing wrong with. Throws Error(kRead), its message
/// with the tensor's name, when the number of entries is not what the type and the number of elements need.
std::vector<std::byte> decode_typed_data(std::string_view source, DataType type, int64_t num_elements);

/// What decode_typed_data() would throw, without decoding; "" when nothing is wrong.
std::string typed_data_fault(std::string_view source, DataType type, int64_t num_elements);

std::vector<std::string> decode_string_data(std::string_view source);

}  // namespace surgery
