#include <algorithm>
#include <utility>

#include "ir/dim_expression.h"

namespace surgery {

void Dim::Expression::write(const Dim& dim, std::string& out) {
  if (dim.kind_ == Kind::kUnknown) {
    out += '?';
  } else if (dim.kind_ == Kind::kInteger) {
    out += std::to_string(dim.value_);
  } else if (!write_as_extremum(dim.expression_->terms, out)) {
    write_terms(dim.expression_->terms, out);
  }
}

/// x + positive(d) is max(x, x + d) and x - positive(d) is min(x, x - d): shown as such where that is shorter.
bool Dim::Expression::write_as_extremum(const Terms& terms, std::string& out) {
  const auto is_extremum = [](const Term& term) {
    return term.atoms.size() == 1 && term.atoms.front()->kind == Atom::Kind::kPositive &&
           (term.coefficient == 1 || term.coefficient == -1);
  };
  if (std::count_if(terms.begin(), terms.end(), is_extremum) != 1) return false;
  const auto position = std::find_if(terms.begin(), terms.end(), is_extremum);
  const Dim& argument = position->atoms.front()->a;
  Terms rest = terms;
  rest.erase(rest.begin() + (position - terms.begin()));
  const Dim base = from_terms(std::move(rest));
  const Dim other = position->coefficient > 0 ? base + argument : base - argument;
  if (base.is_unknown() || other.is_unknown()) return false;
  if (terms_of(base).size() + terms_of(other).size() > terms_of(argument).size()) return false;
  const bool is_max = position->coefficient > 0;
  out += is_max ? "max(" : "min(";
  write(is_max ? other : base, out);
  out += ", ";
  write(is_max ? base : other, out);
  out += ')';
  return true;
}

void Dim::Expression::write_terms(const Terms& terms, std::string& out) {
  for (size_t i = 0; i < terms.size(); ++i) {
    const Term& term = terms[i];
    const bool negative = term.coefficient < 0;
    if (i > 0) {
      out += negative ? " - " : " + ";
    } else if (negative) {
      out += '-';
    }
    std::string number = std::to_string(term.coefficient);
    if (negative) number.erase(0, 1);
    const bool one = number == "1";
    if (term.atoms.empty() || !one) out += number;
    for (size_t k = 0; k < term.atoms.size(); ++k) {
      if (k > 0 || !one) out += '*';
      write_atom(*term.atoms[k], out);
    }
  }
}

void Dim::Expression::write_atom(const Atom& atom, std::string& out) {
  const auto in_parentheses = [&out](const Dim& dim, bool needed) {
    if (needed) out += '(';
    write(dim, out);
    if (needed) out += ')';
  };
  switch (atom.kind) {
    case Atom::Kind::kSymbol:
      out += atom.name;
      return;
    case Atom::Kind::kFloor: {
      out += "floor(";
      in_parentheses(atom.a, terms_of(atom.a).size() > 1);
      out += '/';
      in_parentheses(atom.b, atom.b.is_symbolic() && !atom.b.is_plain_symbol());
      out += ')';
      return;
    }
    case Atom::Kind::kPositive:
      out += "max(0, ";
      write(atom.a, out);
      out += ')';
      return;
  }
}

std::optional<int64_t> Dim::Expression::evaluate(const Dim& dim, const Bindings& bindings) {
  if (dim.kind_ == Kind::kUnknown) return std::nullopt;
  if (dim.kind_ == Kind::kInteger) return dim.value_;
  int64_t sum = 0;
  for (const Term& term : dim.expression_->terms) {
    int64_t product = term.coefficient;
    for (const AtomPtr& atom : term.atoms) {
      std::optional<int64_t> factor;
      if (atom->kind == Atom::Kind::kSymbol) {
        const auto found = bindings.find(atom->name);
        if (found != bindings.end()) factor = found->second;
      } else {
        factor = evaluate(atom->a, bindings);
        if (factor && atom->kind == Atom::Kind::kPositive) factor = std::max<int64_t>(*factor, 0);
        if (factor && atom->kind == Atom::Kind::kFloor) {
          const std::optional<int64_t> divisor = evaluate(atom->b, bindings);
          factor = divisor ? floor_div_checked(*factor, *divisor) : std::nullopt;
        }
      }
      if (!factor || __builtin_mul_overflow(product, *factor, &product)) return std::nullopt;
    }
    if (__builtin_add_overflow(sum, product, &sum)) return std::nullopt;
  }
  return sum;
}

void Dim::Expression::collect_symbols(const Dim& dim, std::set<std::string>& names) {
  if (dim.kind_ != Kind::kExpression) return;
  for (const Term& term : dim.expression_->terms) {
    for (const AtomPtr& atom : term.atoms) {
      if (atom->kind == Atom::Kind::kSymbol) {
        names.insert(atom->name);
      } else {
        collect_symbols(atom->a, names);
        collect_symbols(atom->b, names);
      }
    }
  }
}

Dim Dim::Expression::substitute(const Dim& dim, const std::map<std::string, Dim, std::less<>>& values) {
  if (dim.kind_ != Kind::kExpression) return dim;
  Dim sum = 0;
  for (const Term& term : dim.expression_->terms) {
    Dim product = term.coefficient;
    for (const AtomPtr& atom : term.atoms) {
      Dim factor;
      switch (atom->kind) {
        case Atom::Kind::kSymbol: {
          const auto found = values.find(atom->name);
          factor = found != values.end() ? found->second : from_terms(Terms{{1, {atom}}});
          break;
        }
        case Atom::Kind::kFloor:
          factor = floor_div(substitute(atom->a, values), substitute(atom->b, values));
          break;
        case Atom::Kind::kPositive:
          factor = max(substitute(atom->a, values), Dim(0));
          break;
      }
      product = product * factor;
    }
    sum = sum + product;
  }
  return sum;
}

}  // namespace surgery
