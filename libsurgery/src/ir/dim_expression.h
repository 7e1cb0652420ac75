#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "surgery/dim.h"

namespace surgery {

/// The normal form behind a symbolic Dim: a sum of terms, each an integer times a product of atoms.
///
/// Three kinds of atom are enough: a symbol, floor(a/b), and positive(a) = max(a, 0). The others are written with them:
///   ceil(a/b) = floor((a + b - 1)/b), max(a, b) = b + positive(a - b), min(a, b) = a - positive(a - b).
/// Invariants:
///  1. Terms are sorted (higher degree first, the integer last), their atoms too; no two have the same atoms; no
///     coefficient is 0; there is at least one term with an atom.
///  2. In floor(a/b) with an integer b: b > 1, the coefficients of a lie in [0, b), and no number divides all of them
///     and b. With a symbolic b: a and b share no factor, and the first coefficient of b is positive.
///  3. In positive(a) the first coefficient of a is positive, and neither a nor -a is proven non-negative.
struct Dim::Expression {
  struct Atom;
  using AtomPtr = std::shared_ptr<const Atom>;
  struct Term {
    int64_t coefficient = 0;
    std::vector<AtomPtr> atoms;
  };
  using Terms = std::vector<Term>;

  /// Closed interval; kLowest and kHighest stand for "no bound".
  struct Bounds {
    int64_t lower;
    int64_t upper;
  };
  static constexpr int64_t kLowest = INT64_MIN;
  static constexpr int64_t kHighest = INT64_MAX;

  static constexpr size_t kMaxTerms = 64;
  static constexpr uint32_t kMaxSize = 512;  ///< atoms and terms, nested ones included

  Terms terms;
  uint32_t size = 0;
  uint64_t hash = 0;
  Bounds bounds{kLowest, kHighest};

  /// The dim for terms that are sorted and merged (invariant 1, but for the last part); unknown over the limits.
  static Dim from_terms(Terms terms);
  /// The terms of a dim that is not unknown: none for 0.
  static Terms terms_of(const Dim& dim);

  static Dim symbol(std::string name);
  static Dim add(const Dim& a, const Dim& b, int64_t factor);  ///< a + factor*b
  static Dim multiply(const Dim& a, const Dim& b);
  static std::optional<Dim> divide_exactly(const Dim& a, const Dim& b);
  static Dim floor_divide(const Dim& a, const Dim& b);
  static Dim positive(const Dim& a);  ///< max(a, 0)

  static Bounds bounds_of(const Dim& dim);
  /// Proven to be at least 0. `depth` limits how many atoms are looked through.
  static bool is_non_negative(const Dim& dim, int depth = 4);

  static int compare(const Dim& a, const Dim& b);  ///< a total order; 0 for equal ones
  static void write(const Dim& dim, std::string& out);
  static std::optional<int64_t> evaluate(const Dim& dim, const Bindings& bindings);
  static void collect_symbols(const Dim& dim, std::set<std::string>& names);
  static Dim substitute(const Dim& dim, const std::map<std::string, Dim, std::less<>>& values);

 private:
  static int compare(const Atom& a, const Atom& b);
  static int compare_products(const std::vector<AtomPtr>& a, const std::vector<AtomPtr>& b);
  static Terms normalized(Terms terms, bool& overflow);
  static Dim from_atom(Atom atom);
  static Dim floor_divide_by_integer(const Dim& a, int64_t divisor);
  static Dim floor_divide_by_symbols(const Dim& a, const Dim& b);
  static Bounds floor_bounds(const Dim& a, const Dim& b);
  static void write_terms(const Terms& terms, std::string& out);
  static void write_atom(const Atom& atom, std::string& out);
  static bool write_as_extremum(const Terms& terms, std::string& out);
};

struct Dim::Expression::Atom {
  enum class Kind : uint8_t { kSymbol, kFloor, kPositive };

  Kind kind = Kind::kSymbol;
  std::string name;  ///< of a symbol
  Dim a;             ///< numerator, or the argument of positive()
  Dim b;             ///< denominator
  uint32_t size = 1;
  uint64_t hash = 0;
  Bounds bounds{0, kHighest};
};

/// floor(a / b) of integers; nothing for b = 0 and on overflow.
std::optional<int64_t> floor_div_checked(int64_t a, int64_t b);

}  // namespace surgery
