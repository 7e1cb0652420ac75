#include "forms/syntax_lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "forms/syntax_names.h"
#include "surgery/error.h"
#include "surgery/text.h"

namespace surgery {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_word(char c) { return is_syntax_letter(c) || is_syntax_digit(c); }

bool is_special_number(std::string_view word) {
  constexpr std::array<std::string_view, 3> kWords{"nan", "inf", "infinity"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view special) {
    return std::equal(word.begin(), word.end(), special.begin(), special.end(), [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
  });
}

}  // namespace

void SyntaxLexer::skip_blank() {
  while (true) {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    if (at_ == text_.size() || text_[at_] != '#') return;
    at_ = std::min(text_.find('\n', at_), text_.size());
  }
}

bool SyntaxLexer::at_end() {
  skip_blank();
  return at_ == text_.size();
}

char SyntaxLexer::peek() {
  skip_blank();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool SyntaxLexer::take(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void SyntaxLexer::expect(char c) {
  if (!take(c)) fail_expecting("'" + std::string(1, c) + "'");
}

void SyntaxLexer::expect_arrow() {
  skip_blank();
  if (!text_.substr(at_).starts_with("=>")) fail_expecting("'=>'");
  at_ += 2;
}

std::string_view SyntaxLexer::peek_identifier() {
  skip_blank();
  size_t end = at_;
  if (end < text_.size() && is_syntax_letter(text_[end])) {
    while (end < text_.size() && is_word(text_[end])) ++end;
  }
  return text_.substr(at_, end - at_);
}

std::string_view SyntaxLexer::take_identifier() {
  const std::string_view identifier = peek_identifier();
  at_ += identifier.size();
  return identifier;
}

std::string_view SyntaxLexer::expect_identifier(std::string_view what) {
  const std::string_view identifier = take_identifier();
  if (identifier.empty()) fail_expecting(what);
  return identifier;
}

std::string_view SyntaxLexer::expect_qualified_identifier(std::string_view what) {
  skip_blank();
  size_t end = at_;
  while (end < text_.size() && (is_word(text_[end]) || text_[end] == '.' || text_[end] == '-')) ++end;
  const std::string_view identifier = text_.substr(at_, end - at_);
  if (!is_qualified_identifier(identifier)) fail_expecting(what);
  at_ = end;
  return identifier;
}

std::string SyntaxLexer::expect_name(std::string_view what) {
  if (peek() == '"') return expect_string(what);
  return std::string(expect_identifier(what));
}

std::string SyntaxLexer::expect_string(std::string_view what) {
  if (peek() != '"') fail_expecting(what);
  std::string value;
  size_t at = at_ + 1;
  while (at < text_.size() && text_[at] != '"') {
    if (text_[at] == '\\') ++at;
    if (at < text_.size()) value += text_[at++];
  }
  if (at == text_.size()) fail("this text in quotes has no end");
  at_ = at + 1;
  return value;
}

bool SyntaxLexer::next_is_number() {
  const char c = peek();
  return is_syntax_digit(c) || c == '-' || is_special_number(peek_identifier());
}

SyntaxLexer::Number SyntaxLexer::expect_number(std::string_view what) {
  if (!next_is_number()) fail_expecting(what);
  Number number;
  number.is_negative = take('-');
  skip_blank();
  const size_t start = at_;
  if (const std::string_view word = peek_identifier(); is_special_number(word)) {
    at_ += word.size();
    number.is_whole = false;
  } else {
    const auto digits = [&] {
      while (at_ < text_.size() && is_syntax_digit(text_[at_])) ++at_;
    };
    digits();
    if (at_ == start) fail_expecting(what);
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      digits();
      number.is_whole = false;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      digits();
      number.is_whole = false;
    }
  }
  number.digits = text_.substr(start, at_ - start);
  return number;
}

std::string SyntaxLexer::text_of(const Number& number) const {
  return (number.is_negative ? "-" : "") + std::string(number.digits);
}

namespace {

template <typename T>
bool parse_whole(const std::string& text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

/// Rounds like strtod(): what is too small becomes 0; what is too large, or no number ("1e"), is refused.
template <typename T>
bool parse_real(const std::string& text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end) return false;
  if (error == std::errc()) return true;
  value = sizeof(T) == sizeof(float) ? static_cast<T>(std::strtof(text.c_str(), nullptr))
                                     : static_cast<T>(std::strtod(text.c_str(), nullptr));
  return std::isfinite(value);
}

}  // namespace

int64_t SyntaxLexer::to_int64(const Number& number) const {
  int64_t value = 0;
  if (!number.is_whole || !parse_whole(text_of(number), value))
    fail(quote(text_of(number)) + " is no integer of 64 bits");
  return value;
}

float SyntaxLexer::to_float(const Number& number) const {
  float value = 0;
  if (!parse_real(text_of(number), value)) fail(quote(text_of(number)) + " is no float");
  return value;
}

int64_t SyntaxLexer::expect_int64(std::string_view what) { return to_int64(expect_number(what)); }

int32_t SyntaxLexer::expect_int32(std::string_view what) {
  const int64_t value = expect_int64(what);
  if (value < INT32_MIN || value > INT32_MAX) fail(std::to_string(value) + " does not fit into 32 bits");
  return static_cast<int32_t>(value);
}

uint64_t SyntaxLexer::expect_uint64(std::string_view what) {
  const Number number = expect_number(what);
  uint64_t value = 0;
  if (!number.is_whole || !parse_whole(text_of(number), value)) {
    fail(quote(text_of(number)) + " is no unsigned integer of 64 bits");
  }
  return value;
}

float SyntaxLexer::expect_float(std::string_view what) { return to_float(expect_number(what)); }

double SyntaxLexer::expect_double(std::string_view what) {
  const Number number = expect_number(what);
  double value = 0;
  if (!parse_real(text_of(number), value)) fail(quote(text_of(number)) + " is no double");
  return value;
}

void SyntaxLexer::fail_expecting(std::string_view what) {
  skip_blank();
  std::string found = "the end of the text";
  if (at_ < text_.size()) {
    size_t end = at_ + 1;
    while (end < text_.size() && end - at_ < 32 && is_word(text_[end]) && is_word(text_[at_])) ++end;
    found = quote(text_.substr(at_, end - at_));
  }
  fail("expected " + std::string(what) + ", found " + found);
}

void SyntaxLexer::fail(const std::string& what) const {
  const std::string_view before = text_.substr(0, at_);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  throw Error(ErrorCode::kRead,
              "line " + std::to_string(line) + ", column " + std::to_string(at_ - line_start + 1) + ": " + what);
}

}  // namespace surgery
