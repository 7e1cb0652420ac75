#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "surgery/dim.h"
#include "surgery/error.h"

/// What the arguments of edits have in common. Every function throws Error(kUsage) that says what was expected.
namespace surgery {

/// Error(kUsage) "expected <expected>, found '<found>'".
Error expected(std::string_view what, std::string_view found);

/// "NAME=REST" at the first '='; both sides must not be empty.
std::pair<std::string_view, std::string_view> split_assignment(std::string_view argument, std::string_view form);

/// One dimension: an integer of at least 1, or a symbol (a letter or '_', then letters, digits, '_', '-', '.').
Dim parse_dim(std::string_view text);

/// "1,3,224,224" or "[1, 3, H, W]"; "" and "[]" are the shape of a scalar.
Shape parse_shape(std::string_view text);

/// "yes" or "no".
bool parse_yes_no(std::string_view text);

/// Without spaces at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace surgery
