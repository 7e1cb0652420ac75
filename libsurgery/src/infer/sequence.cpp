#include <utility>

#include "infer/families.h"
#include "infer/merge.h"
#include "infer/shapes.h"

/// Sequences and optionals.
namespace surgery::infer {
namespace {

/// The element type of a sequence, what an optional holds; unknown for anything else.
Type inner_type(const Type& type) { return type.inner != nullptr ? *type.inner : Type(); }

Type element_of(const InferContext& c, size_t input) {
  return c.type(input).kind == Type::Kind::kSequence ? inner_type(c.type(input)) : Type();
}

void infer_sequence_construct(InferContext& c) {
  if (c.num_inputs() == 0) return c.fail("has no inputs");
  Type element = c.type(0);
  for (size_t i = 1; i < c.num_inputs(); ++i) element = join(element, c.type(i));
  c.set(0, Type::sequence(std::move(element)));
}

void infer_sequence_empty(InferContext& c) {
  c.set(0, Type::sequence(Type::tensor(c.data_type_or("dtype", DataType::kFloat))));
}

void infer_sequence_insert(InferContext& c) {
  const Type element = element_of(c, 0);
  c.set(0, Type::sequence(element.is_known() ? join(element, c.type(1)) : c.type(1)));
  if (!element.is_known()) c.set(0, Type::sequence(Type::tensor(c.element_type(1))));
}

void infer_sequence_erase(InferContext& c) { same_type(c, 0, 0); }

void infer_sequence_at(InferContext& c) { c.set(0, element_of(c, 0)); }

void infer_sequence_length(InferContext& c) { c.set(0, DataType::kInt64, Shape{}); }

void infer_concat_from_sequence(InferContext& c) {
  const Type element = element_of(c, 0);
  c.set(0, element.element_type);
  if (!element.shape) return;
  Shape shape = *element.shape;
  const bool is_new = c.int_or("new_axis", 0) != 0;
  const auto rank = static_cast<int64_t>(shape.size()) + (is_new ? 1 : 0);
  const std::optional<int64_t> axis = c.normalize_axis(c.int_or("axis", 0), rank);
  if (!axis) return;
  if (is_new) {
    shape.insert(shape.begin() + *axis, Dim());
  } else {
    shape[static_cast<size_t>(*axis)] = Dim();
  }
  c.set(0, element.element_type, std::move(shape));
}

void infer_split_to_sequence(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, Type::sequence(Type::tensor(type)));
  const Shape* data = c.shape(0);
  if (data == nullptr) return;
  const std::optional<int64_t> axis = c.normalize_axis(c.int_or("axis", 0), static_cast<int64_t>(data->size()));
  if (!axis) return;
  Shape shape = *data;
  Dim& along = shape[static_cast<size_t>(*axis)];
  const Dim size = along;
  if (!c.has_input(1)) {
    along = 1;
    if (c.int_or("keepdims", 1) == 0) shape.erase(shape.begin() + *axis);
  } else if (const std::vector<Dim>* lengths = c.content(1); lengths == nullptr || lengths->empty()) {
    along = Dim();
  } else {
    along = lengths->front();
    // A scalar leaves a smaller last part where it does not divide the size.
    if (c.rank(1) == 0 && !exact_div(size, along)) along = Dim();
    for (const Dim& length : *lengths) {
      if (!(length == lengths->front())) along = Dim();
    }
  }
  c.set(0, Type::sequence(Type::tensor(type, std::move(shape))));
}

/// Dims that were made up inside the body differ from element to element.
Type without_symbols(Type type) {
  if (type.shape) {
    for (Dim& dim : *type.shape) {
      if (dim.is_symbolic()) dim = Dim();
    }
  }
  return type;
}

void infer_sequence_map(InferContext& c) {
  const Graph* body = c.graph("body");
  if (body == nullptr) return c.fail("attribute 'body' is missing");
  std::vector<Fact> inputs;
  for (size_t i = 0; i < c.num_inputs(); ++i) {
    const bool is_sequence = c.type(i).kind == Type::Kind::kSequence;
    inputs.push_back(is_sequence ? Fact{element_of(c, i), std::nullopt} : c.fact(i));
  }
  const std::vector<Fact> outputs = c.infer_subgraph(*body, std::move(inputs));
  for (size_t i = 0; i < c.num_outputs() && i < outputs.size(); ++i) {
    c.set(i, Type::sequence(without_symbols(outputs[i].type)));
  }
}

void infer_optional(InferContext& c) {
  if (c.has_input(0)) return c.set(0, Type::optional(c.type(0)));
  const Type* type = c.type_attribute("type");
  c.set(0, Type::optional(type != nullptr ? *type : Type()));
}

/// From opset 18 on the input may be no optional at all.
void infer_optional_get_element(InferContext& c) {
  if (c.type(0).kind == Type::Kind::kOptional) return c.set(0, inner_type(c.type(0)));
  pass_through(c);
}

void infer_optional_has_element(InferContext& c) {
  c.set(0, DataType::kBool, Shape{});
  if (!c.has_input(0)) {
    c.set_content(0, {0});
  } else if (c.type(0).is_known() && c.type(0).kind != Type::Kind::kOptional) {
    c.set_content(0, {1});
  }
}

constexpr Operator kOperators[] = {
    {"ConcatFromSequence", infer_concat_from_sequence},
    {"Optional", infer_optional},
    {"OptionalGetElement", infer_optional_get_element},
    {"OptionalHasElement", infer_optional_has_element},
    {"SequenceAt", infer_sequence_at},
    {"SequenceConstruct", infer_sequence_construct},
    {"SequenceEmpty", infer_sequence_empty},
    {"SequenceErase", infer_sequence_erase},
    {"SequenceInsert", infer_sequence_insert},
    {"SequenceLength", infer_sequence_length},
    {"SequenceMap", infer_sequence_map},
    {"SplitToSequence", infer_split_to_sequence},
};

}  // namespace

std::span<const Operator> sequence_operators() { return kOperators; }

}  // namespace surgery::infer
