#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace surgery {

void append_base64(std::string& out, std::string_view bytes);

/// Decodes the standard and the URL alphabet, padded or not; nothing for anything else.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace surgery
