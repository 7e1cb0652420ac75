#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"
#include "surgery/text.h"

/// Elementwise operators that broadcast: arithmetic, comparison, logic, bits, Where, and the variadic Sum, Max, Min,
/// Mean.
namespace surgery::infer {
namespace {

using Combine = Dim (*)(const Dim& a, const Dim& b);

Dim truth(bool value) { return value ? Dim(1) : Dim(0); }

Dim add(const Dim& a, const Dim& b) { return a + b; }
Dim subtract(const Dim& a, const Dim& b) { return a - b; }
Dim multiply(const Dim& a, const Dim& b) { return a.is(0) || b.is(0) ? Dim(0) : a * b; }
Dim smaller(const Dim& a, const Dim& b) { return min(a, b); }
Dim larger(const Dim& a, const Dim& b) { return max(a, b); }

/// Integer division rounds towards zero: a floor where neither side is negative.
Dim divide(const Dim& a, const Dim& b) {
  if (b.is(0)) return {};
  if (a.is_known() && b.is_known()) {
    if (a.value() == INT64_MIN && b.value() == -1) return {};
    return a.value() / b.value();
  }
  if (const std::optional<Dim> exact = exact_div(a, b)) return *exact;
  return a.is_non_negative() && b.is_non_negative() ? floor_div(a, b) : Dim();
}

/// The result has the sign of the divisor: a - b*floor(a/b).
Dim modulo(const Dim& a, const Dim& b) { return b.is(0) ? Dim() : a - b * floor_div(a, b); }

/// fmod = 1: the sign of the dividend.
Dim remainder(const Dim& a, const Dim& b) {
  if (b.is(0)) return {};
  if (a.is_known() && b.is_known()) return b.value() == -1 ? Dim(0) : Dim(a.value() % b.value());
  return a.is_non_negative() && b.is_non_negative() ? modulo(a, b) : Dim();
}

Dim power(const Dim& a, const Dim& b) {
  if (!b.is_known() || b.value() < 0 || b.value() > 62) return {};
  Dim result = 1;
  for (int64_t i = 0; i < b.value(); ++i) result = result * a;
  return result;
}

Dim is_equal(const Dim& a, const Dim& b) {
  if (a == b) return truth(true);
  return proven_different(a, b) ? truth(false) : Dim();
}

Dim is_greater(const Dim& a, const Dim& b) {
  if ((a - b - Dim(1)).is_non_negative()) return truth(true);
  return (b - a).is_non_negative() ? truth(false) : Dim();
}

Dim is_less(const Dim& a, const Dim& b) { return is_greater(b, a); }

Dim negated(const Dim& a) { return a.is_known() ? truth(a.value() == 0) : Dim(); }
Dim is_greater_or_equal(const Dim& a, const Dim& b) { return negated(is_greater(b, a)); }
Dim is_less_or_equal(const Dim& a, const Dim& b) { return negated(is_greater(a, b)); }

Dim both(const Dim& a, const Dim& b) {
  if (a.is(0) || b.is(0)) return truth(false);
  return a.is_known() && b.is_known() ? truth(true) : Dim();
}

Dim either(const Dim& a, const Dim& b) {
  if (a.is(1) || b.is(1)) return truth(true);
  return a.is_known() && b.is_known() ? truth(false) : Dim();
}

Dim one_of(const Dim& a, const Dim& b) { return a.is_known() && b.is_known() ? truth(a.value() != b.value()) : Dim(); }

/// The elements of input `index` broadcast to the shape of output 0.
std::optional<std::vector<Dim>> content_for_output(const InferContext& c, size_t index, const Shape& shape) {
  const std::vector<Dim>* content = c.content(index);
  const Shape* from = c.shape(index);
  if (content == nullptr || from == nullptr) return std::nullopt;
  return broadcast_content(*content, *from, shape);
}

void combine_content(InferContext& c, const Shape& shape, DataType type, Combine combine) {
  if (c.content(0) == nullptr || c.content(1) == nullptr || !has_content(type)) return;
  std::optional<std::vector<Dim>> a = content_for_output(c, 0, shape);
  const std::optional<std::vector<Dim>> b = content_for_output(c, 1, shape);
  if (!a || !b) return;
  for (size_t i = 0; i < a->size(); ++i) (*a)[i] = fitted(combine((*a)[i], (*b)[i]), type);
  c.set_content(0, std::move(*a));
}

/// Before opset 7: the second operand is broadcast where `broadcast` is set, aligned at `axis`, and the result always
/// has the shape of the first.
bool has_limited_broadcast(const InferContext& c) { return c.opset() < 7; }

std::optional<Shape> binary_shape(InferContext& c) {
  if (!has_limited_broadcast(c)) return broadcast_inputs(c, 0, 2);
  const Shape* a = c.shape(0);
  return a != nullptr ? std::optional(*a) : std::nullopt;
}

void check_types(InferContext& c) {
  const DataType a = c.element_type(0);
  const DataType b = c.element_type(1);
  if (a != DataType::kUndefined && b != DataType::kUndefined && a != b) {
    c.fail("element types " + std::string(to_string(a)) + " and " + std::string(to_string(b)) + " differ");
  }
}

void infer_binary(InferContext& c, Combine combine, bool is_predicate) {
  check_types(c);
  DataType type = c.element_type(0) != DataType::kUndefined ? c.element_type(0) : c.element_type(1);
  if (is_predicate) type = DataType::kBool;
  const std::optional<Shape> shape = binary_shape(c);
  c.set(0, type, shape);
  if (combine != nullptr && shape) combine_content(c, *shape, type, combine);
}

template <Combine combine>
void infer_arithmetic(InferContext& c) {
  infer_binary(c, combine, false);
}

template <Combine combine>
void infer_predicate(InferContext& c) {
  infer_binary(c, combine, true);
}

void infer_plain(InferContext& c) { infer_binary(c, nullptr, false); }

void infer_mod(InferContext& c) { infer_binary(c, c.int_or("fmod", 0) != 0 ? remainder : modulo, false); }

/// The exponent may be of another type (Pow-12).
void infer_pow(InferContext& c) {
  const std::optional<Shape> shape = binary_shape(c);
  c.set(0, c.element_type(0), shape);
  if (shape && has_content(c.element_type(1))) combine_content(c, *shape, c.element_type(0), power);
}

/// The slope broadcasts to the data and never the other way round.
void infer_prelu(InferContext& c) {
  same_type(c, 0, 0);
  if (c.opset() < 9 || c.shape(0) == nullptr || c.shape(1) == nullptr) return;
  const Shape result = broadcast(c, *c.shape(0), *c.shape(1));
  bool grows = result.size() != c.shape(0)->size();
  for (size_t i = 0; !grows && i < result.size(); ++i) grows = proven_different(result[i], (*c.shape(0))[i]);
  if (grows) {
    c.fail("slope " + escape(to_string(*c.shape(1))) + " does not broadcast to " + escape(to_string(*c.shape(0))));
  }
}

void infer_variadic(InferContext& c, Combine combine) {
  if (c.num_inputs() == 0) return;
  // All inputs have the same shape before opset 8.
  const std::optional<Shape> shape = broadcast_inputs(c, 0, c.num_inputs());
  const DataType type = c.element_type(0);
  c.set(0, type, shape);
  if (!shape || combine == nullptr || !has_content(type)) return;
  std::optional<std::vector<Dim>> result = content_for_output(c, 0, *shape);
  for (size_t i = 1; result && i < c.num_inputs(); ++i) {
    const std::optional<std::vector<Dim>> next = content_for_output(c, i, *shape);
    if (!next) return;
    for (size_t k = 0; k < result->size(); ++k) (*result)[k] = fitted(combine((*result)[k], (*next)[k]), type);
  }
  if (result) c.set_content(0, std::move(*result));
}

template <Combine combine>
void infer_fold(InferContext& c) {
  infer_variadic(c, combine);
}

void infer_where(InferContext& c) {
  const std::optional<Shape> shape = broadcast_inputs(c, 0, 3);
  const DataType type = c.element_type(1) != DataType::kUndefined ? c.element_type(1) : c.element_type(2);
  c.set(0, type, shape);
  if (!shape || !has_content(type)) return;
  const std::optional<std::vector<Dim>> condition = content_for_output(c, 0, *shape);
  std::optional<std::vector<Dim>> yes = content_for_output(c, 1, *shape);
  std::optional<std::vector<Dim>> no = content_for_output(c, 2, *shape);
  if (!condition || (!yes && !no)) return;
  if (!yes) yes.emplace(condition->size());
  if (!no) no.emplace(condition->size());
  std::vector<Dim> result(condition->size());
  for (size_t i = 0; i < result.size(); ++i) {
    const Dim& chosen = (*condition)[i];
    if (chosen.is_known()) {
      result[i] = chosen.is(0) ? (*no)[i] : (*yes)[i];
    } else if ((*yes)[i] == (*no)[i]) {
      result[i] = (*yes)[i];
    }
  }
  c.set_content(0, std::move(result));
}

constexpr Operator kOperators[] = {
    {"Add", infer_arithmetic<add>},
    {"And", infer_predicate<both>},
    {"BitShift", infer_plain},
    {"BitwiseAnd", infer_plain},
    {"BitwiseOr", infer_plain},
    {"BitwiseXor", infer_plain},
    {"Div", infer_arithmetic<divide>},
    {"Equal", infer_predicate<is_equal>},
    {"Greater", infer_predicate<is_greater>},
    {"GreaterOrEqual", infer_predicate<is_greater_or_equal>},
    {"Less", infer_predicate<is_less>},
    {"LessOrEqual", infer_predicate<is_less_or_equal>},
    {"Max", infer_fold<larger>},
    {"Mean", infer_fold<nullptr>},
    {"Min", infer_fold<smaller>},
    {"Mod", infer_mod},
    {"Mul", infer_arithmetic<multiply>},
    {"Or", infer_predicate<either>},
    {"Pow", infer_pow},
    {"PRelu", infer_prelu},
    {"Sub", infer_arithmetic<subtract>},
    {"Sum", infer_fold<add>},
    {"Where", infer_where},
    {"Xor", infer_predicate<one_of>},
};

}  // namespace

std::span<const Operator> binary_operators() { return kOperators; }

}  // namespace surgery::infer
