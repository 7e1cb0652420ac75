#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace surgery {

/// One step through UTF-8 text that may be anything.
struct CodePoint {
  char32_t value = 0;
  size_t size_bytes = 1;  ///< of its encoding; 1 for a byte that starts no valid one
  bool valid = false;
};

/// The code point at the start of `text`, which must not be empty. Overlong forms, surrogates and values over U+10FFFF
/// are invalid.
CodePoint decode_utf8(std::string_view text);

/// Appends the encoding of a code point; false, and nothing appended, for a surrogate and for values over U+10FFFF.
bool append_utf8(std::string& out, char32_t code_point);

}  // namespace surgery
