#include "ir/dim_expression.h"

#include <algorithm>
#include <utility>

namespace surgery {
namespace {

uint64_t mix(uint64_t hash, uint64_t value) {
  hash ^= value + 0x9e3779b97f4a7c15ULL + (hash << 6) + (hash >> 2);
  return hash * 0xff51afd7ed558ccdULL;
}

/// A bound of a product or sum that no longer fits: none.
int64_t multiply_bound(int64_t bound, int64_t factor, int64_t missing) {
  if (bound == INT64_MIN || bound == INT64_MAX) return missing;
  int64_t product = 0;
  return __builtin_mul_overflow(bound, factor, &product) ? missing : product;
}

int64_t add_bound(int64_t a, int64_t b, int64_t missing) {
  if (a == missing || b == missing) return missing;
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? missing : sum;
}

}  // namespace

int Dim::Expression::compare(const Atom& a, const Atom& b) {
  if (&a == &b) return 0;
  if (a.kind != b.kind) return a.kind < b.kind ? -1 : 1;
  if (a.kind == Atom::Kind::kSymbol) {
    const int order = a.name.compare(b.name);
    return order < 0 ? -1 : (order > 0 ? 1 : 0);
  }
  const int order = compare(a.a, b.a);
  return order != 0 ? order : compare(a.b, b.b);
}

int Dim::Expression::compare_products(const std::vector<AtomPtr>& a, const std::vector<AtomPtr>& b) {
  if (a.size() != b.size()) return a.size() > b.size() ? -1 : 1;
  for (size_t i = 0; i < a.size(); ++i) {
    const int order = compare(*a[i], *b[i]);
    if (order != 0) return order;
  }
  return 0;
}

int Dim::Expression::compare(const Dim& a, const Dim& b) {
  if (a.kind_ != b.kind_) return a.kind_ < b.kind_ ? -1 : 1;
  if (a.kind_ == Kind::kUnknown) return 0;
  if (a.kind_ == Kind::kInteger) return a.value_ < b.value_ ? -1 : (a.value_ > b.value_ ? 1 : 0);
  if (a.expression_ == b.expression_) return 0;
  const Terms& x = a.expression_->terms;
  const Terms& y = b.expression_->terms;
  for (size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
    const int order = compare_products(x[i].atoms, y[i].atoms);
    if (order != 0) return order;
    if (x[i].coefficient != y[i].coefficient) return x[i].coefficient < y[i].coefficient ? -1 : 1;
  }
  return x.size() == y.size() ? 0 : (x.size() < y.size() ? -1 : 1);
}

Dim Dim::Expression::from_terms(Terms terms) {
  if (terms.empty()) return 0;
  if (terms.size() == 1 && terms.front().atoms.empty()) return terms.front().coefficient;
  if (terms.size() > kMaxTerms) return {};
  auto expression = std::make_shared<Expression>();
  uint64_t size = 0;
  uint64_t hash = 0;
  Bounds bounds{0, 0};
  for (const Term& term : terms) {
    size += 1;
    hash = mix(hash, static_cast<uint64_t>(term.coefficient));
    int64_t lower = 1;
    int64_t upper = 1;
    for (const AtomPtr& atom : term.atoms) {
      size += atom->size;
      hash = mix(hash, atom->hash);
      if (atom->bounds.lower < 0 || lower == kLowest) {
        lower = kLowest;  // a product with a factor of unknown sign: no bounds
        upper = kHighest;
      } else {
        lower = multiply_bound(lower, atom->bounds.lower, 0);
        const bool bounded = upper != kHighest && atom->bounds.upper != kHighest;
        upper = bounded ? multiply_bound(upper, atom->bounds.upper, kHighest) : kHighest;
      }
    }
    if (term.atoms.size() == 1) {
      lower = term.atoms.front()->bounds.lower;
      upper = term.atoms.front()->bounds.upper;
    }
    const bool flip = term.coefficient < 0;
    const int64_t low = multiply_bound(flip ? upper : lower, term.coefficient, kLowest);
    const int64_t high = multiply_bound(flip ? lower : upper, term.coefficient, kHighest);
    bounds = {add_bound(bounds.lower, low, kLowest), add_bound(bounds.upper, high, kHighest)};
  }
  if (size > kMaxSize) return {};
  expression->terms = std::move(terms);
  expression->size = static_cast<uint32_t>(size);
  expression->hash = hash;
  expression->bounds = bounds;
  return Dim(std::shared_ptr<const Expression>(std::move(expression)));
}

Dim::Expression::Terms Dim::Expression::terms_of(const Dim& dim) {
  if (dim.kind_ == Kind::kExpression) return dim.expression_->terms;
  if (dim.value_ == 0) return {};
  Terms terms(1);
  terms.front().coefficient = dim.value_;
  return terms;
}

Dim Dim::Expression::from_atom(Atom atom) {
  uint64_t hash = static_cast<uint64_t>(atom.kind) + 1;
  if (atom.kind == Atom::Kind::kSymbol) {
    hash = mix(hash, std::hash<std::string>{}(atom.name));
  } else {
    uint64_t size = 1;
    for (const Dim* part : {&atom.a, &atom.b}) {
      const bool nested = part->kind_ == Kind::kExpression;
      size += nested ? part->expression_->size : 1;
      hash = mix(hash, nested ? part->expression_->hash : static_cast<uint64_t>(part->value_));
    }
    if (size > kMaxSize) return {};
    atom.size = static_cast<uint32_t>(size);
  }
  atom.hash = hash;
  Terms terms(1);
  terms.front().coefficient = 1;
  terms.front().atoms.push_back(std::make_shared<const Atom>(std::move(atom)));
  return from_terms(std::move(terms));
}

Dim Dim::Expression::symbol(std::string name) {
  Atom atom;
  atom.name = std::move(name);
  return from_atom(std::move(atom));
}

Dim Dim::Expression::add(const Dim& a, const Dim& b, int64_t factor) {
  const Terms x = terms_of(a);
  const Terms y = terms_of(b);
  Terms sum;
  sum.reserve(x.size() + y.size());
  auto i = x.begin();
  auto j = y.begin();
  while (i != x.end() || j != y.end()) {
    const int order = i == x.end() ? 1 : (j == y.end() ? -1 : compare_products(i->atoms, j->atoms));
    if (order < 0) {
      sum.push_back(*i++);
      continue;
    }
    Term term{0, j->atoms};
    if (__builtin_mul_overflow(j->coefficient, factor, &term.coefficient)) return {};
    if (order == 0 && __builtin_add_overflow(term.coefficient, i++->coefficient, &term.coefficient)) return {};
    if (term.coefficient != 0) sum.push_back(std::move(term));
    ++j;
  }
  return from_terms(std::move(sum));
}

Dim::Expression::Terms Dim::Expression::normalized(Terms terms, bool& overflow) {
  const auto before = [](const AtomPtr& a, const AtomPtr& b) { return compare(*a, *b) < 0; };
  for (Term& term : terms) std::sort(term.atoms.begin(), term.atoms.end(), before);
  std::sort(terms.begin(), terms.end(),
            [](const Term& a, const Term& b) { return compare_products(a.atoms, b.atoms) < 0; });
  Terms merged;
  for (Term& term : terms) {
    if (merged.empty() || compare_products(merged.back().atoms, term.atoms) != 0) {
      if (!merged.empty() && merged.back().coefficient == 0) merged.pop_back();
      merged.push_back(std::move(term));
    } else if (__builtin_add_overflow(merged.back().coefficient, term.coefficient, &merged.back().coefficient)) {
      overflow = true;
    }
  }
  if (!merged.empty() && merged.back().coefficient == 0) merged.pop_back();
  return merged;
}

Dim Dim::Expression::multiply(const Dim& a, const Dim& b) {
  if (a.is(0) || b.is(0)) return 0;
  if (a.is(1)) return b;
  if (b.is(1)) return a;
  const Terms x = terms_of(a);
  const Terms y = terms_of(b);
  // Before terms merge the product may be longer than the limit; a bound on the work is enough here.
  if (x.size() * y.size() > kMaxTerms * kMaxTerms) return {};
  Terms product;
  product.reserve(x.size() * y.size());
  bool overflow = false;
  for (const Term& i : x) {
    for (const Term& j : y) {
      Term term;
      overflow |= __builtin_mul_overflow(i.coefficient, j.coefficient, &term.coefficient);
      if (i.atoms.size() + j.atoms.size() > kMaxTerms) return {};
      term.atoms = i.atoms;
      term.atoms.insert(term.atoms.end(), j.atoms.begin(), j.atoms.end());
      product.push_back(std::move(term));
    }
  }
  product = normalized(std::move(product), overflow);
  return overflow ? Dim() : from_terms(std::move(product));
}

Dim::Expression::Bounds Dim::Expression::bounds_of(const Dim& dim) {
  if (dim.kind_ == Kind::kInteger) return {dim.value_, dim.value_};
  if (dim.kind_ == Kind::kExpression) return dim.expression_->bounds;
  return {kLowest, kHighest};
}

bool Dim::Expression::is_non_negative(const Dim& dim, int depth) {
  if (dim.is_unknown()) return false;
  if (bounds_of(dim).lower >= 0) return true;
  if (dim.is_known() || depth == 0) return false;
  for (const Term& term : dim.expression_->terms) {
    if (term.atoms.size() != 1) continue;
    const Atom& atom = *term.atoms.front();
    const Dim coefficient = term.coefficient;
    if (atom.kind == Atom::Kind::kPositive) {
      // Both things that max(x, 0) may be, or for a positive coefficient the better one: it is at least either.
      const Dim rest = dim - from_terms(Terms{term});
      const bool without = is_non_negative(rest, depth - 1);
      if (without == (term.coefficient > 0)) return without;
      return is_non_negative(rest + coefficient * atom.a, depth - 1);
    }
    if (atom.kind == Atom::Kind::kFloor && atom.b.is_known()) {
      // floor(x/b) lies in [(x - b + 1)/b, x/b]. With the end that makes `dim` smallest put in, b*dim is an expression
      // without that atom.
      const Dim rest = (dim - from_terms(Terms{term})) * atom.b;
      const Dim least = term.coefficient > 0 ? atom.a - atom.b + Dim(1) : atom.a;
      return is_non_negative(rest + coefficient * least, depth - 1);
    }
  }
  return false;
}

}  // namespace surgery
