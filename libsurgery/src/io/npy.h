#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "surgery/tensor.h"

namespace surgery {

/// Reads the .npy file that `bytes` are; the tensor views them where its form allows, and keeps `owner` alive then.
/// Throws Error(kRead).
Tensor parse_npy(std::string_view bytes, std::shared_ptr<const void> owner);

/// What comes in front of the elements in a .npy file. Throws Error(kUnsupported) for a type that numpy does not have.
std::string npy_header(const Tensor& tensor);

/// The elements as .npy has them: strings as fixed-width UTF-32, empty for all other types (those lie in
/// tensor.bytes()).
std::string npy_strings(const Tensor& tensor);

}  // namespace surgery
