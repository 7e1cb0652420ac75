#include "edit/arguments.h"

#include <algorithm>
#include <string>

#include "surgery/text.h"

namespace surgery {
namespace {

// No tensor with a longer axis fits a runtime; what is larger is a slip of the keyboard.
constexpr int64_t kMaxDim = INT32_MAX;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool is_symbol(std::string_view text) {
  return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

}  // namespace

Error expected(std::string_view what, std::string_view found) {
  return {ErrorCode::kUsage, "expected " + std::string(what) + ", found " + quote(found)};
}

std::pair<std::string_view, std::string_view> split_assignment(std::string_view argument, std::string_view form) {
  const size_t equals = argument.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == argument.size()) {
    throw expected(form, argument);
  }
  return {argument.substr(0, equals), argument.substr(equals + 1)};
}

Dim parse_dim(std::string_view text) {
  if (const auto number = parse_int(text); number && *number >= 1 && *number <= kMaxDim) return {*number};
  if (is_symbol(text)) return Dim::symbol(std::string(text));
  throw expected("a size from 1 to " + std::to_string(kMaxDim) + " or a name", text);
}

Shape parse_shape(std::string_view text) {
  text = trimmed(text);
  if (!text.empty() && text.front() == '[') {
    if (text.back() != ']') throw expected("a shape such as 1,3,224,224 or [1,3,H,W]", text);
    text = trimmed(text.substr(1, text.size() - 2));
  }
  Shape shape;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    shape.push_back(parse_dim(trimmed(text.substr(0, comma))));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
    if (trimmed(text).empty()) throw expected("a dimension behind the last comma", "");
  }
  return shape;
}

bool parse_yes_no(std::string_view text) {
  if (text == "yes") return true;
  if (text == "no") return false;
  throw expected("yes or no", text);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace surgery
