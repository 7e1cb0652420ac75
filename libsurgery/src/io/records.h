#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "surgery/model.h"

/// The small messages of a model: read whole, written whole.
namespace surgery {

using StringPair = std::pair<std::string, std::string>;

/// StringStringEntryProto.
StringPair read_string_entry(std::string_view source);
std::string encode_string_entry(const StringPair& entry);

/// OperatorSetIdProto.
OpsetImport read_opset_import(std::string_view source);
std::string encode_opset_import(const OpsetImport& import);

/// The name that a ValueInfoProto declares.
std::string_view value_info_name(std::string_view source);

}  // namespace surgery
