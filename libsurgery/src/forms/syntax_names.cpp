#include "forms/syntax_names.h"

#include <algorithm>
#include <array>

namespace surgery {
namespace {

// In the order of TensorProto.DataType.
constexpr std::array<std::string_view, 29> kElementTypes{
    "undefined",  "float",        "uint8",          "int8",       "uint16",         "int16",  "int32",     "int64",
    "string",     "bool",         "float16",        "double",     "uint32",         "uint64", "complex64", "complex128",
    "bfloat16",   "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4",  "int4",      "float4e2m1",
    "float8e8m0", "uint2",        "int2",           "float6e2m3", "float6e3m2"};

// In the order of AttributeProto.AttributeType.
constexpr std::array<std::string_view, 15> kAttributeTypes{
    "undefined", "float",   "int",    "string",        "tensor",         "graph",      "floats",     "ints",
    "strings",   "tensors", "graphs", "sparse_tensor", "sparse_tensors", "type_proto", "type_protos"};

template <size_t kSize>
int32_t find(const std::array<std::string_view, kSize>& words, std::string_view word) {
  const auto found = std::find(words.begin() + 1, words.end(), word);
  return found == words.end() ? 0 : static_cast<int32_t>(found - words.begin());
}

template <size_t kSize>
std::string_view at(const std::array<std::string_view, kSize>& words, int32_t index) {
  return index >= 0 && static_cast<size_t>(index) < kSize ? words[static_cast<size_t>(index)] : words[0];
}

}  // namespace

int32_t element_type_of_word(std::string_view word) { return find(kElementTypes, word); }
std::string_view word_of_element_type(int32_t type) { return at(kElementTypes, type); }
int32_t attribute_type_of_word(std::string_view word) { return find(kAttributeTypes, word); }
std::string_view word_of_attribute_type(int32_t type) { return at(kAttributeTypes, type); }

bool is_syntax_identifier(std::string_view text) {
  return !text.empty() && is_syntax_letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_syntax_letter(c) || is_syntax_digit(c); });
}

bool is_qualified_identifier(std::string_view text) {
  if (text.empty() || !is_syntax_letter(text[0]) || text.ends_with('.')) return false;
  return text.find("..") == std::string_view::npos && std::all_of(text.begin(), text.end(), [](char c) {
           return is_syntax_letter(c) || is_syntax_digit(c) || c == '.' || c == '-';
         });
}

}  // namespace surgery
