#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "exec/datum.h"

namespace exec {

/// The value that a .pb file holds: a TensorProto, SequenceProto, MapProto or OptionalProto, as `type` (that of the
/// model's input or output) says; an unknown type is read as a tensor. Throws Error: kRead for what is malformed,
/// kUnsupported for sparse tensors and maps of anything but scalars.
Datum load_value_proto(const std::filesystem::path& path, const surgery::Type& type);

/// The value as the protobuf message that `type` asks for; an unknown type: as the value is.
std::string encode_value_proto(const Datum& value, const surgery::Type& type, std::string_view name);

}  // namespace exec
