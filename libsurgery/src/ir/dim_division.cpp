#include <algorithm>
#include <numeric>
#include <utility>

#include "ir/dim_expression.h"

namespace surgery {

std::optional<int64_t> floor_div_checked(int64_t a, int64_t b) {
  if (b == 0 || (a == INT64_MIN && b == -1)) return std::nullopt;
  const int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

namespace {

/// |a| as unsigned, so that INT64_MIN has one.
uint64_t magnitude(int64_t a) { return a < 0 ? 0 - static_cast<uint64_t>(a) : static_cast<uint64_t>(a); }

/// Largest common divisor as a coefficient; 1 where it would not fit.
int64_t common_divisor(uint64_t a, uint64_t b) {
  const uint64_t divisor = std::gcd(a, b);
  return divisor == 0 || divisor > static_cast<uint64_t>(INT64_MAX) ? 1 : static_cast<int64_t>(divisor);
}

}  // namespace

std::optional<Dim> Dim::Expression::divide_exactly(const Dim& a, const Dim& b) {
  if (b.is(1)) return a;
  // Long division of polynomials: the order of terms is compatible with multiplication (degree, then lexicographic).
  const Terms divisor = terms_of(b);
  const Term& leading = divisor.front();
  const auto before = [](const AtomPtr& x, const AtomPtr& y) { return compare(*x, *y) < 0; };
  const auto same_atom = [](const AtomPtr& x, const AtomPtr& y) { return compare(*x, *y) == 0; };
  Dim rest = a;
  Dim quotient = 0;
  for (size_t step = 0; step <= kMaxTerms; ++step) {
    if (rest.is_unknown() || quotient.is_unknown()) return std::nullopt;
    const Terms terms = terms_of(rest);
    if (terms.empty()) return quotient;
    const Term& first = terms.front();
    const std::optional<int64_t> coefficient = floor_div_checked(first.coefficient, leading.coefficient);
    if (!coefficient || first.coefficient % leading.coefficient != 0) return std::nullopt;
    if (!std::includes(first.atoms.begin(), first.atoms.end(), leading.atoms.begin(), leading.atoms.end(), before)) {
      return std::nullopt;
    }
    Term term;
    term.coefficient = *coefficient;
    auto taken = leading.atoms.begin();
    for (const AtomPtr& atom : first.atoms) {
      if (taken != leading.atoms.end() && same_atom(atom, *taken)) {
        ++taken;
      } else {
        term.atoms.push_back(atom);
      }
    }
    const Dim part = from_terms(Terms{std::move(term)});
    quotient = quotient + part;
    rest = rest - part * b;
  }
  return std::nullopt;
}

Dim Dim::Expression::floor_divide(const Dim& a, const Dim& b) {
  if (a.is(0)) return 0;
  if (b.is_known()) {
    if (b.value_ == 1) return a;
    if (b.value_ > 0) return floor_divide_by_integer(a, b.value_);
    return floor_div(Dim(0) - a, Dim(0) - b);
  }
  return floor_divide_by_symbols(a, b);
}

Dim Dim::Expression::floor_divide_by_integer(const Dim& a, int64_t divisor) {
  // floor((b*q + r)/b) = q + floor(r/b): of every coefficient only the rest stays inside.
  Terms whole;
  Terms rest;
  int64_t integer = 0;
  uint64_t divisors = static_cast<uint64_t>(divisor);
  for (const Term& term : terms_of(a)) {
    const int64_t quotient = *floor_div_checked(term.coefficient, divisor);
    const int64_t remainder = static_cast<int64_t>(static_cast<uint64_t>(term.coefficient) -
                                                   static_cast<uint64_t>(quotient) * static_cast<uint64_t>(divisor));
    if (quotient != 0) whole.push_back({quotient, term.atoms});
    if (remainder == 0) continue;
    if (term.atoms.empty()) {
      integer = remainder;
    } else {
      divisors = std::gcd(divisors, static_cast<uint64_t>(remainder));
      rest.push_back({remainder, term.atoms});
    }
  }
  Dim quotient = from_terms(std::move(whole));
  if (rest.empty()) return quotient;  // the integer alone is below the divisor

  // floor((g*x + c)/(g*b)) = floor((x + floor(c/g))/b)
  const int64_t common = static_cast<int64_t>(divisors);
  for (Term& term : rest) term.coefficient /= common;
  integer /= common;
  divisor /= common;
  if (integer != 0) rest.push_back({integer, {}});
  if (divisor == 1) return quotient + from_terms(std::move(rest));

  // floor((floor(x/c) + y)/b) = floor((x + c*y)/(b*c))
  const auto is_floor = [](const Term& term) {
    return term.coefficient == 1 && term.atoms.size() == 1 && term.atoms.front()->kind == Atom::Kind::kFloor &&
           term.atoms.front()->b.is_known();
  };
  if (std::count_if(rest.begin(), rest.end(), is_floor) == 1) {
    const auto position = std::find_if(rest.begin(), rest.end(), is_floor);
    const AtomPtr inner = position->atoms.front();
    Terms others = rest;
    others.erase(others.begin() + (position - rest.begin()));
    const Dim numerator = inner->a + inner->b * from_terms(std::move(others));
    const Dim denominator = inner->b * Dim(divisor);
    if (!numerator.is_unknown() && !denominator.is_unknown()) {
      return quotient + floor_divide_by_integer(numerator, denominator.value_);
    }
  }

  Atom atom;
  atom.kind = Atom::Kind::kFloor;
  atom.a = from_terms(std::move(rest));
  if (atom.a.is_unknown()) return {};
  atom.b = Dim(divisor);
  atom.bounds = floor_bounds(atom.a, atom.b);
  if (atom.bounds.lower == atom.bounds.upper) return quotient + Dim(atom.bounds.lower);
  return quotient + from_atom(std::move(atom));
}

Dim Dim::Expression::floor_divide_by_symbols(const Dim& a, const Dim& b) {
  if (const std::optional<Dim> exact = divide_exactly(a, b)) return *exact;
  Terms above = terms_of(a);
  Terms below = terms_of(b);
  if (below.front().coefficient < 0) return floor_div(Dim(0) - a, Dim(0) - b);

  // What divides every term of both goes: integers first, then atoms.
  const auto before = [](const AtomPtr& x, const AtomPtr& y) { return compare(*x, *y) < 0; };
  uint64_t divisors = 0;
  std::vector<AtomPtr> shared = above.front().atoms;
  for (const Terms* terms : {&above, &below}) {
    for (const Term& term : *terms) {
      divisors = std::gcd(divisors, magnitude(term.coefficient));
      std::vector<AtomPtr> both;
      std::set_intersection(shared.begin(), shared.end(), term.atoms.begin(), term.atoms.end(),
                            std::back_inserter(both), before);
      shared = std::move(both);
    }
  }
  const int64_t common = common_divisor(divisors, 0);
  if (common != 1 || !shared.empty()) {
    const Dim factor = from_terms(Terms{{common, shared}});
    const std::optional<Dim> x = divide_exactly(a, factor);
    const std::optional<Dim> y = divide_exactly(b, factor);
    if (x && y) return floor_div(*x, *y);
  }

  // floor((b*q + r)/b) = q + floor(r/b) for a denominator of one term.
  Dim quotient = 0;
  Dim rest = a;
  if (below.size() == 1) {
    for (const Term& term : above) {
      const Dim part = from_terms(Terms{term});
      if (const std::optional<Dim> exact = divide_exactly(part, b)) {
        quotient = quotient + *exact;
        rest = rest - part;
      }
    }
  }
  if (rest.is_unknown()) return {};
  Atom atom;
  atom.kind = Atom::Kind::kFloor;
  atom.a = rest;
  atom.b = b;
  atom.bounds = floor_bounds(rest, b);
  return quotient + from_atom(std::move(atom));
}

Dim::Expression::Bounds Dim::Expression::floor_bounds(const Dim& a, const Dim& b) {
  const Bounds above = bounds_of(a);
  if (b.is_known()) {  // above 1 by invariant 2
    return {above.lower == kLowest ? kLowest : *floor_div_checked(above.lower, b.value_),
            above.upper == kHighest ? kHighest : *floor_div_checked(above.upper, b.value_)};
  }
  if (above.lower < 0 || bounds_of(b).lower < 0) return {kLowest, kHighest};
  return {0, above.upper};
}

Dim Dim::Expression::positive(const Dim& a) {
  if (a.is_unknown()) return {};
  if (a.is_known()) return std::max<int64_t>(a.value_, 0);
  const Terms& terms = a.expression_->terms;
  if (terms.front().coefficient < 0) return a + positive(Dim(0) - a);
  uint64_t divisors = 0;
  for (const Term& term : terms) divisors = std::gcd(divisors, magnitude(term.coefficient));
  const int64_t common = common_divisor(divisors, 0);
  if (common > 1) {
    const std::optional<Dim> smaller = divide_exactly(a, Dim(common));
    return smaller ? Dim(common) * positive(*smaller) : Dim();
  }
  Atom atom;
  atom.kind = Atom::Kind::kPositive;
  atom.a = a;
  atom.b = Dim(0);
  atom.bounds = {0, bounds_of(a).upper};
  return from_atom(std::move(atom));
}

}  // namespace surgery
