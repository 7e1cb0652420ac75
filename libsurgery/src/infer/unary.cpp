#include "infer/families.h"
#include "infer/schema_types.h"
#include "infer/shapes.h"

/// Operators whose output has the shape of their first input.
namespace surgery::infer {
namespace {

void infer_same(InferContext& c) { same_type(c, 0, 0); }

void infer_identity(InferContext& c) { pass_through(c); }

template <typename Function>
void map_content(InferContext& c, Function&& function) {
  const std::vector<Dim>* content = c.content(0);
  const DataType type = c.outputs()[0].type.element_type;
  if (content == nullptr || !has_content(type)) return;
  std::vector<Dim> mapped;
  mapped.reserve(content->size());
  for (const Dim& each : *content) mapped.push_back(fitted(function(each), type));
  c.set_content(0, std::move(mapped));
}

void infer_neg(InferContext& c) {
  same_type(c, 0, 0);
  map_content(c, [](const Dim& x) { return Dim(0) - x; });
}

void infer_abs(InferContext& c) {
  same_type(c, 0, 0);
  map_content(c, [](const Dim& x) { return max(x, Dim(0) - x); });
}

void infer_relu(InferContext& c) {
  same_type(c, 0, 0);
  map_content(c, [](const Dim& x) { return max(x, Dim(0)); });
}

void infer_sign(InferContext& c) {
  same_type(c, 0, 0);
  map_content(c, [](const Dim& x) { return x.is_known() ? Dim((x.value() > 0) - (x.value() < 0)) : Dim(); });
}

void infer_not(InferContext& c) {
  same_type(c, 0, 0);
  map_content(c, [](const Dim& x) { return x.is_known() ? Dim(x.value() == 0 ? 1 : 0) : Dim(); });
}

void infer_clip(InferContext& c) {
  same_type(c, 0, 0);
  if (c.opset() < 11) return;  // on floats only
  const Dim low = c.has_input(1) ? c.scalar(1) : Dim(INT64_MIN);
  const Dim high = c.has_input(2) ? c.scalar(2) : Dim(INT64_MAX);
  map_content(c, [&](const Dim& x) {
    Dim y = c.has_input(1) ? max(x, low) : x;
    return c.has_input(2) ? min(y, high) : y;
  });
}

/// Same shape as input 0, another element type.
void set_retyped(InferContext& c, size_t output, DataType type) {
  const Shape* shape = c.shape(0);
  c.set(output, type, shape != nullptr ? std::optional(*shape) : std::nullopt);
}

void infer_to_bool(InferContext& c) { set_retyped(c, 0, DataType::kBool); }

void cast_to(InferContext& c, DataType type) {
  set_retyped(c, 0, type);
  if (!has_content(c.element_type(0))) return;
  if (type != DataType::kBool) return map_content(c, [](const Dim& x) { return x; });
  map_content(c, [](const Dim& x) {
    if (x.is_known()) return Dim(x.value() != 0 ? 1 : 0);
    return proven_different(x, Dim(0)) ? Dim(1) : Dim();
  });
}

/// Cast-1 names the type by a string.
void infer_cast(InferContext& c) {
  if (c.opset() < 6) {
    const Attribute* to = c.attribute("to");
    if (to != nullptr && to->get_if<std::string>() != nullptr) {
      std::string name = *to->get_if<std::string>();
      for (char& letter : name) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
      return cast_to(c, parse_data_type(name).value_or(DataType::kUndefined));
    }
  }
  cast_to(c, c.data_type_or("to", DataType::kUndefined));
}

void infer_cast_like(InferContext& c) { cast_to(c, c.element_type(1)); }

void infer_bit_cast(InferContext& c) { set_retyped(c, 0, c.data_type_or("to", DataType::kUndefined)); }

void infer_random_like(InferContext& c) { set_retyped(c, 0, c.data_type_or("dtype", c.element_type(0))); }

void infer_dropout(InferContext& c) {
  pass_through(c);
  // The mask has the type of the data before Dropout-10.
  set_retyped(c, 1, c.opset() >= 10 ? DataType::kBool : c.element_type(0));
}

/// Axis attribute, in range where the rank is known.
void infer_same_with_axis(InferContext& c) {
  same_type(c, 0, 0);
  const std::optional<int64_t> rank = c.rank(0);
  const bool last_by_default = c.opset() >= 13 || c.node().op_type() == "LpNormalization";
  const int64_t axis = c.int_or("axis", last_by_default ? -1 : 1);
  if (!rank || *rank == 0) return;
  // Before opset 13 the axis splits the dims in two and may be the rank itself.
  if (c.opset() < 13 && axis == *rank) return;
  c.normalize_axis(axis, *rank);
}

void infer_cumulative(InferContext& c) {
  same_type(c, 0, 0);
  const Dim axis = c.scalar(1);
  const std::optional<int64_t> rank = c.rank(0);
  if (axis.is_known() && rank) c.normalize_axis(axis.value(), *rank);
}

void infer_eye_like(InferContext& c) {
  if (c.rank(0) && !require_rank(c, 0, 2, "input")) return;
  infer_random_like(c);
}

/// sequence_lens [batch]
void infer_reverse_sequence(InferContext& c) {
  infer_same(c);
  const int64_t axis = c.int_or("batch_axis", 1);
  if (axis >= 0) require_equal(c, c.dim(0, static_cast<size_t>(axis)), c.dim(1, 0), "batch and sequence_lens");
}

constexpr Operator kOperators[] = {
    {"Abs", infer_abs},
    {"Acos", infer_same},
    {"Acosh", infer_same},
    {"Asin", infer_same},
    {"Asinh", infer_same},
    {"Atan", infer_same},
    {"Atanh", infer_same},
    {"Bernoulli", infer_random_like},
    {"BitCast", infer_bit_cast},
    {"BitwiseNot", infer_same},
    {"Cast", infer_cast},
    {"CastLike", infer_cast_like},
    {"Ceil", infer_same},
    {"Celu", infer_same},
    {"Clip", infer_clip},
    {"Cos", infer_same},
    {"Cosh", infer_same},
    {"CumProd", infer_cumulative},
    {"CumSum", infer_cumulative},
    {"Dropout", infer_dropout},
    {"Elu", infer_same},
    {"Erf", infer_same},
    {"Exp", infer_same},
    {"EyeLike", infer_eye_like},
    {"Floor", infer_same},
    {"Gelu", infer_same},
    {"Hardmax", infer_same_with_axis},
    {"HardSigmoid", infer_same},
    {"HardSwish", infer_same},
    {"Identity", infer_identity},
    {"IsInf", infer_to_bool},
    {"IsNaN", infer_to_bool},
    {"LeakyRelu", infer_same},
    {"Log", infer_same},
    {"LogSoftmax", infer_same_with_axis},
    {"LpNormalization", infer_same_with_axis},
    {"Mish", infer_same},
    {"Neg", infer_neg},
    {"Not", infer_not},
    {"RandomNormalLike", infer_random_like},
    {"RandomUniformLike", infer_random_like},
    {"Reciprocal", infer_same},
    {"Relu", infer_relu},
    {"ReverseSequence", infer_reverse_sequence},
    {"Round", infer_same},
    {"Selu", infer_same},
    {"Shrink", infer_same},
    {"Sigmoid", infer_same},
    {"Sign", infer_sign},
    {"Sin", infer_same},
    {"Sinh", infer_same},
    {"Softmax", infer_same_with_axis},
    {"Softplus", infer_same},
    {"Softsign", infer_same},
    {"Sqrt", infer_same},
    {"SwiGLU", infer_same},
    {"Swish", infer_same},
    {"Tan", infer_same},
    {"Tanh", infer_same},
    {"TensorScatter", infer_same},
    {"ThresholdedRelu", infer_same},
    {"Trilu", infer_same},
};

}  // namespace

std::span<const Operator> unary_operators() { return kOperators; }

}  // namespace surgery::infer
