#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "surgery/model.h"

/// The small messages of a model: read whole, and written with what else is in `base`, the message they were read from.
namespace surgery {

using StringPair = std::pair<std::string, std::string>;

/// StringStringEntryProto.
StringPair read_string_entry(std::string_view source);
std::string encode_string_entry(const StringPair& entry, std::string_view base = {});

/// OperatorSetIdProto.
OpsetImport read_opset_import(std::string_view source);
std::string encode_opset_import(const OpsetImport& import, std::string_view base = {});

/// The name that a ValueInfoProto declares.
std::string_view value_info_name(std::string_view source);

}  // namespace surgery
