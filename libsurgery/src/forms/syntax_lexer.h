#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace surgery {

/// Walks over a text in ONNX's textual syntax: white space and comments (# to the end of the line) may stand between
/// all words. Throws Error(kRead), "line 3, column 7: expected ..., found ...".
class SyntaxLexer {
 public:
  explicit SyntaxLexer(std::string_view text) : text_(text) {}

  bool at_end();
  /// The next character, not taken; NUL at the end.
  char peek();
  /// Takes `c` if it comes next.
  bool take(char c);
  void expect(char c);
  /// Takes "=>", which may have no space inside.
  void expect_arrow();

  /// Takes an identifier if one comes next; "" otherwise.
  std::string_view take_identifier();
  /// The identifier that comes next, not taken.
  std::string_view peek_identifier();
  std::string_view expect_identifier(std::string_view what);
  /// An identifier, or any text in quotes.
  std::string expect_name(std::string_view what);
  /// "ai.onnx.Op": identifiers and dots, as is_qualified_identifier() has them.
  std::string_view expect_qualified_identifier(std::string_view what);
  std::string expect_string(std::string_view what);

  /// A number or one of nan, inf, infinity, each perhaps after '-'.
  struct Number {
    std::string_view digits{};  ///< without the sign
    bool is_negative = false;
    bool is_whole = true;
  };
  /// Whether a number comes next. Words such as "inf" count only when no letter or digit follows.
  bool next_is_number();
  Number expect_number(std::string_view what);

  // Throw where the number is none of the type.
  int64_t expect_int64(std::string_view what);
  int32_t expect_int32(std::string_view what);
  uint64_t expect_uint64(std::string_view what);
  float expect_float(std::string_view what);
  double expect_double(std::string_view what);
  int64_t to_int64(const Number& number) const;
  float to_float(const Number& number) const;

  /// "found" tells what comes next.
  [[noreturn]] void fail_expecting(std::string_view what);
  [[noreturn]] void fail(const std::string& what) const;

 private:
  void skip_blank();
  std::string text_of(const Number& number) const;

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace surgery
