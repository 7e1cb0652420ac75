#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace surgery {

/// One dimension of a shape, or one element of a shape-like tensor: a known integer, an expression over symbols, or
/// unknown.
///
/// Expressions are kept in a normal form: a sum of terms, each an integer times a product of atoms (symbols, floor and
/// ceiling divisions, min, max), sorted. Equal expressions therefore compare equal however they were written.
/// Arithmetic on an unknown gives unknown; so does an overflow of 64 bits and an expression of over 64 terms.
/// Integers need no allocation.
/// A value type; immutable and cheap to copy; safe to share between threads.
class Dim {
 public:
  using Bindings = std::map<std::string, int64_t, std::less<>>;

  Dim() = default;                      ///< unknown
  Dim(int64_t value);                   // NOLINT(google-explicit-constructor): integers are dims everywhere
  static Dim symbol(std::string name);  ///< a non-negative integer that the model calls `name`; must not be empty

  bool is_unknown() const;
  bool is_known() const;     ///< an integer
  bool is_symbolic() const;  ///< an expression with at least one symbol
  /// Just one symbol, as a model can write it in dim_param.
  bool is_plain_symbol() const;

  int64_t value() const;  ///< requires is_known()
  bool is(int64_t value) const { return is_known() && this->value() == value; }

  /// Proven to be 0 or more, whatever the symbols are; false for unknown.
  bool is_non_negative() const;

  /// "8", "N", "2*N + 1", "floor((H + 1)/2)", "max(N - 1, 0)", "?" for unknown. Names as they are, not escaped.
  std::string to_string() const;

  std::set<std::string> symbols() const;
  /// The value with every symbol replaced; nothing when a symbol is missing, the dim is unknown or a division by zero.
  std::optional<int64_t> evaluate(const Bindings& bindings) const;
  /// The dim with the symbols found in `values` replaced by other dims.
  Dim substitute(const std::map<std::string, Dim, std::less<>>& values) const;

  friend Dim operator+(const Dim& a, const Dim& b);
  friend Dim operator-(const Dim& a, const Dim& b);
  friend Dim operator*(const Dim& a, const Dim& b);
  /// Unknown for a divisor of 0. A symbolic divisor is taken not to be 0: the dim has a meaning only where it is not.
  friend Dim floor_div(const Dim& a, const Dim& b);
  friend Dim ceil_div(const Dim& a, const Dim& b);
  friend Dim min(const Dim& a, const Dim& b);
  friend Dim max(const Dim& a, const Dim& b);
  /// a / b where b divides a by the form of the expression (6*N / 3, N*C / N); nothing where that is not evident.
  friend std::optional<Dim> exact_div(const Dim& a, const Dim& b);

  /// Proven equal. Unknown is not proven equal to anything, itself included.
  friend bool operator==(const Dim& a, const Dim& b);
  /// Proven different: two different integers, or expressions whose difference cannot be 0 (N and N + 1, N and -1).
  friend bool proven_different(const Dim& a, const Dim& b);

 private:
  struct Expression;
  explicit Dim(std::shared_ptr<const Expression> expression);

  enum class Kind : uint8_t { kUnknown, kInteger, kExpression };
  Kind kind_ = Kind::kUnknown;
  int64_t value_ = 0;
  std::shared_ptr<const Expression> expression_;
};

Dim floor_div(const Dim& a, const Dim& b);
Dim ceil_div(const Dim& a, const Dim& b);
std::optional<Dim> exact_div(const Dim& a, const Dim& b);
bool proven_different(const Dim& a, const Dim& b);

/// A shape of known rank. Where the rank is not known, users hold a std::optional<Shape> without value.
using Shape = std::vector<Dim>;

bool is_static(const Shape& shape);                                   ///< every dim known
std::optional<std::vector<int64_t>> static_dims(const Shape& shape);  ///< the dims as integers, if all are known
Dim num_elements(const Shape& shape);
std::string to_string(const Shape& shape);  ///< "[N, 3, 224, 224]"

}  // namespace surgery
