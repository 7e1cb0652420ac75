#include "surgery/dim.h"

#include "ir/dim_expression.h"
#include "surgery/error.h"

namespace surgery {

Dim::Dim(int64_t value) : kind_(Kind::kInteger), value_(value) {}

Dim::Dim(std::shared_ptr<const Expression> expression) : kind_(Kind::kExpression), expression_(std::move(expression)) {}

Dim Dim::symbol(std::string name) {
  SURGERY_ASSERT(!name.empty(), "a symbol has a name");
  return Expression::symbol(std::move(name));
}

bool Dim::is_unknown() const { return kind_ == Kind::kUnknown; }
bool Dim::is_known() const { return kind_ == Kind::kInteger; }
bool Dim::is_symbolic() const { return kind_ == Kind::kExpression; }

bool Dim::is_plain_symbol() const {
  if (kind_ != Kind::kExpression || expression_->terms.size() != 1) return false;
  const Expression::Term& term = expression_->terms.front();
  return term.coefficient == 1 && term.atoms.size() == 1 && term.atoms.front()->kind == Expression::Atom::Kind::kSymbol;
}

int64_t Dim::value() const {
  SURGERY_ASSERT(kind_ == Kind::kInteger, "the dim is an integer");
  return value_;
}

std::string Dim::to_string() const {
  if (kind_ == Kind::kUnknown) return "?";
  if (kind_ == Kind::kInteger) return std::to_string(value_);
  std::string text;
  Expression::write(*this, text);
  return text;
}

std::set<std::string> Dim::symbols() const {
  std::set<std::string> names;
  Expression::collect_symbols(*this, names);
  return names;
}

std::optional<int64_t> Dim::evaluate(const Bindings& bindings) const { return Expression::evaluate(*this, bindings); }

Dim Dim::substitute(const std::map<std::string, Dim, std::less<>>& values) const {
  if (kind_ != Kind::kExpression || values.empty()) return *this;
  return Expression::substitute(*this, values);
}

bool Dim::is_non_negative() const { return !is_unknown() && Expression::is_non_negative(*this); }

Dim operator+(const Dim& a, const Dim& b) {
  if (a.is_unknown() || b.is_unknown()) return {};
  if (a.is_known() && b.is_known()) {
    int64_t sum = 0;
    return __builtin_add_overflow(a.value_, b.value_, &sum) ? Dim() : Dim(sum);
  }
  return Dim::Expression::add(a, b, 1);
}

Dim operator-(const Dim& a, const Dim& b) {
  if (a.is_unknown() || b.is_unknown()) return {};
  if (a.is_known() && b.is_known()) {
    int64_t difference = 0;
    return __builtin_sub_overflow(a.value_, b.value_, &difference) ? Dim() : Dim(difference);
  }
  return Dim::Expression::add(a, b, -1);
}

Dim operator*(const Dim& a, const Dim& b) {
  if (a.is_unknown() || b.is_unknown()) return {};
  if (a.is_known() && b.is_known()) {
    int64_t product = 0;
    return __builtin_mul_overflow(a.value_, b.value_, &product) ? Dim() : Dim(product);
  }
  return Dim::Expression::multiply(a, b);
}

Dim floor_div(const Dim& a, const Dim& b) {
  if (a.is_unknown() || b.is_unknown() || b.is(0)) return {};
  if (a.is_known() && b.is_known()) {
    const std::optional<int64_t> quotient = floor_div_checked(a.value_, b.value_);
    return quotient ? Dim(*quotient) : Dim();
  }
  return Dim::Expression::floor_divide(a, b);
}

Dim ceil_div(const Dim& a, const Dim& b) {
  if (b.is_known() && b.value_ > 0) return floor_div(a + Dim(b.value_ - 1), b);
  return Dim(0) - floor_div(Dim(0) - a, b);
}

Dim min(const Dim& a, const Dim& b) {
  if (a.is_unknown() || b.is_unknown()) return {};
  if (a.is_known() && b.is_known()) return a.value_ < b.value_ ? a : b;
  const Dim difference = a - b;
  if (Dim::Expression::is_non_negative(difference)) return b;
  if (Dim::Expression::is_non_negative(b - a)) return a;
  return a - Dim::Expression::positive(difference);
}

Dim max(const Dim& a, const Dim& b) {
  if (a.is_unknown() || b.is_unknown()) return {};
  if (a.is_known() && b.is_known()) return a.value_ > b.value_ ? a : b;
  const Dim difference = a - b;
  if (Dim::Expression::is_non_negative(difference)) return a;
  if (Dim::Expression::is_non_negative(b - a)) return b;
  return b + Dim::Expression::positive(difference);
}

std::optional<Dim> exact_div(const Dim& a, const Dim& b) {
  if (a.is_unknown() || b.is_unknown() || b.is(0)) return std::nullopt;
  if (a.is_known() && b.is_known()) {
    const std::optional<int64_t> quotient = floor_div_checked(a.value_, b.value_);
    if (!quotient || a.value_ % b.value_ != 0) return std::nullopt;
    return Dim(*quotient);
  }
  return Dim::Expression::divide_exactly(a, b);
}

bool operator==(const Dim& a, const Dim& b) {
  if (a.kind_ != b.kind_ || a.is_unknown()) return false;
  if (a.is_known()) return a.value_ == b.value_;
  return a.expression_ == b.expression_ ||
         (a.expression_->hash == b.expression_->hash && Dim::Expression::compare(a, b) == 0);
}

bool proven_different(const Dim& a, const Dim& b) {
  if (a.is_unknown() || b.is_unknown()) return false;
  if (a.is_known() && b.is_known()) return a.value_ != b.value_;
  if (a.expression_ == b.expression_) return false;
  const Dim difference = a - b;
  if (difference.is_known()) return difference.value_ != 0;
  return Dim::Expression::is_non_negative(difference - Dim(1)) ||
         Dim::Expression::is_non_negative(Dim(-1) - difference);
}

bool is_static(const Shape& shape) {
  for (const Dim& dim : shape) {
    if (!dim.is_known()) return false;
  }
  return true;
}

std::optional<std::vector<int64_t>> static_dims(const Shape& shape) {
  if (!is_static(shape)) return std::nullopt;
  std::vector<int64_t> dims;
  dims.reserve(shape.size());
  for (const Dim& dim : shape) dims.push_back(dim.value());
  return dims;
}

Dim num_elements(const Shape& shape) {
  for (const Dim& dim : shape) {
    if (dim.is(0)) return 0;  // whatever the others are
  }
  Dim product = 1;
  for (const Dim& dim : shape) product = product * dim;
  return product;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += shape[i].to_string();
  }
  return text + "]";
}

}  // namespace surgery
