#include "surgery/text.h"
#include "text/utf8.h"

namespace surgery {
namespace {

/// Length of the set "[...]" that `pattern` starts with; 0 when it is not closed, so that the bracket stands for
/// itself.
size_t set_length(std::string_view pattern) {
  size_t i = 1;
  if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) ++i;
  if (i < pattern.size() && pattern[i] == ']') ++i;  // a bracket in first place is a member
  const size_t close = pattern.find(']', i);
  return close == std::string_view::npos ? 0 : close + 1;
}

/// Whether `c` is in the set, given without its brackets.
bool in_set(std::string_view set, char32_t c) {
  const bool negated = !set.empty() && (set[0] == '!' || set[0] == '^');
  if (negated) set.remove_prefix(1);
  bool found = false;
  while (!set.empty()) {
    const CodePoint low = decode_utf8(set);
    set.remove_prefix(low.size_bytes);
    char32_t high = low.value;
    if (set.size() >= 2 && set[0] == '-') {
      const CodePoint end = decode_utf8(set.substr(1));
      high = end.value;
      set.remove_prefix(1 + end.size_bytes);
    }
    found = found || (low.value <= c && c <= high);
  }
  return found != negated;
}

/// How far the first element of `pattern` (no star) and the character of `text` it matches reach; zeros for no match.
struct Step {
  size_t pattern = 0;
  size_t text = 0;
};

Step match_one(std::string_view pattern, std::string_view text) {
  if (pattern.empty() || text.empty()) return {};
  if (pattern[0] == '?') return {1, decode_utf8(text).size_bytes};
  if (pattern[0] == '[') {
    if (const size_t length = set_length(pattern); length > 0) {
      const CodePoint c = decode_utf8(text);
      return in_set(pattern.substr(1, length - 2), c.value) ? Step{length, c.size_bytes} : Step{};
    }
  }
  return pattern[0] == text[0] ? Step{1, 1} : Step{};
}

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view text) {
  // A star takes as little as it can. When the rest fails, only the last star need be tried again with one character
  // more: an earlier one taking more could only leave less text to the rest.
  size_t p = 0;
  size_t t = 0;
  size_t after_star = std::string_view::npos;
  size_t star_end = 0;  // the last star takes the text up to here
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      star_end = t;
      continue;
    }
    if (const Step step = match_one(pattern.substr(p), text.substr(t)); step.pattern > 0) {
      p += step.pattern;
      t += step.text;
      continue;
    }
    if (after_star == std::string_view::npos) return false;
    star_end += decode_utf8(text.substr(star_end)).size_bytes;
    p = after_star;
    t = star_end;
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool is_glob(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }

}  // namespace surgery
