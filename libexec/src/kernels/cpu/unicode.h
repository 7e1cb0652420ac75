#pragma once

#include <string>
#include <string_view>

namespace exec::cpu {

/// Every letter in its lower (upper) case by Unicode's simple mapping, one code point for one, whatever the locale.
/// Bytes that are no UTF-8 stay as they are.
std::string lower_case(std::string_view text);
std::string upper_case(std::string_view text);

/// How many bytes at the front of `text` are one white-space character (general category Zs, or bidirectional class
/// WS, B or S, as Python's str.isspace() has it); 0 where it starts with something else.
size_t leading_space(std::string_view text);

/// Bytes of the character at the front of `text`, which is not empty; a byte that is no UTF-8 counts as one.
size_t leading_character(std::string_view text);

}  // namespace exec::cpu
