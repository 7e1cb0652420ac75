#pragma once

#include <cstdint>
#include <string_view>

namespace surgery {

/// The words that ONNX's textual syntax has for element types and for types of attributes: "float", "int64"; "ints",
/// "graph". The number of TensorProto.DataType or AttributeProto.AttributeType, 0 for other words; "undefined" for
/// other numbers.
int32_t element_type_of_word(std::string_view word);
std::string_view word_of_element_type(int32_t type);
int32_t attribute_type_of_word(std::string_view word);
std::string_view word_of_attribute_type(int32_t type);

/// [A-Za-z_][A-Za-z0-9_]*: what need not stand in quotes.
bool is_syntax_identifier(std::string_view text);
/// Identifiers joined by dots, as domains are. After the first character digits and '-' may stand anywhere, which real
/// domains have ("pkg.torch.2.9") and nothing else in the grammar could mean.
bool is_qualified_identifier(std::string_view text);

constexpr bool is_syntax_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool is_syntax_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace surgery
