#include <cstdio>

#include "surgery/text.h"
#include "text/utf8.h"

namespace surgery {
namespace {

/// Characters that move the cursor, start a terminal's escape sequences, or turn the direction of what follows.
bool is_unsafe(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool line_separator = c == 0x2028 || c == 0x2029;
  const bool direction =
      c == 0x200E || c == 0x200F || c == 0x061C || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return control || line_separator || direction;
}

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    const std::string_view encoding = text.substr(0, point.size_bytes);
    if (point.valid && !is_unsafe(point.value)) {
      out += encoding;
    } else {
      for (const char byte : encoding) {
        char hex[5];
        std::snprintf(hex, sizeof hex, "\\x%02X", static_cast<unsigned>(static_cast<unsigned char>(byte)));
        out += hex;
      }
    }
    text.remove_prefix(point.size_bytes);
  }
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

}  // namespace

std::string escape(std::string_view name, size_t max_bytes) {
  std::string out;
  if (name.size() <= max_bytes) {
    append_escaped(out, name);
    return out;
  }
  size_t head = max_bytes - max_bytes / 2;
  size_t tail = name.size() - max_bytes / 2;
  // Not through the middle of a character; an encoding has at most three continuation bytes.
  for (int i = 0; i < 3 && head > 0 && is_continuation(name[head]); ++i) --head;
  for (int i = 0; i < 3 && tail < name.size() && is_continuation(name[tail]); ++i) ++tail;
  append_escaped(out, name.substr(0, head));
  out += "...<" + std::to_string(name.size()) + " bytes>...";
  append_escaped(out, name.substr(tail));
  return out;
}

std::string quote(std::string_view name) { return "'" + escape(name) + "'"; }

}  // namespace surgery
