#include "kernels/cpu/unicode.h"

#include <utf8proc.h>

namespace exec::cpu {
namespace {

struct Character {
  utf8proc_int32_t code_point;  ///< -1: no UTF-8
  size_t size_bytes;
};

Character first_character(std::string_view text) {
  Character first{-1, 1};
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const utf8proc_ssize_t size = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &first.code_point);
  if (size > 0) first.size_bytes = static_cast<size_t>(size);
  return first;
}

std::string map_characters(std::string_view text, utf8proc_int32_t (*map)(utf8proc_int32_t)) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const Character first = first_character(text);
    if (first.code_point < 0) {
      result += text[0];
    } else {
      utf8proc_uint8_t bytes[4];
      const utf8proc_ssize_t size = utf8proc_encode_char(map(first.code_point), bytes);
      result.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
    }
    text.remove_prefix(first.size_bytes);
  }
  return result;
}

}  // namespace

std::string lower_case(std::string_view text) { return map_characters(text, utf8proc_tolower); }

std::string upper_case(std::string_view text) {
  // The sharp s has no simple mapping in Unicode; utf8proc gives it the capital one all the same.
  constexpr utf8proc_int32_t kSharpS = 0xDF;
  return map_characters(text, [](utf8proc_int32_t c) { return c == kSharpS ? c : utf8proc_toupper(c); });
}

size_t leading_space(std::string_view text) {
  if (text.empty()) return 0;
  const Character first = first_character(text);
  if (first.code_point < 0) return 0;
  const utf8proc_property_t& property = *utf8proc_get_property(first.code_point);
  const bool is_space = property.category == UTF8PROC_CATEGORY_ZS || property.bidi_class == UTF8PROC_BIDI_CLASS_WS ||
                        property.bidi_class == UTF8PROC_BIDI_CLASS_B || property.bidi_class == UTF8PROC_BIDI_CLASS_S;
  return is_space ? first.size_bytes : 0;
}

size_t leading_character(std::string_view text) { return first_character(text).size_bytes; }

}  // namespace exec::cpu
