#include "edit/dims/worked_axes.h"

#include <algorithm>

#include "edit/dims/mender.h"

namespace surgery::dims {
namespace {

using Axes = std::vector<size_t>;

Axes axes_from(int64_t first, size_t rank) {
  Axes axes;
  const int64_t start = first < 0 ? first + static_cast<int64_t>(rank) : first;
  for (int64_t axis = std::max<int64_t>(start, 0); axis < static_cast<int64_t>(rank); ++axis) {
    axes.push_back(static_cast<size_t>(axis));
  }
  return axes;
}

Axes all(size_t rank) { return axes_from(0, rank); }

void add_axis(Axes& axes, int64_t axis, size_t rank) {
  const int64_t index = axis < 0 ? axis + static_cast<int64_t>(rank) : axis;
  if (index >= 0 && index < static_cast<int64_t>(rank)) axes.push_back(static_cast<size_t>(index));
}

Axes one(int64_t axis, size_t rank) {
  Axes axes;
  add_axis(axes, axis, rank);
  return axes;
}

/// The numbers of an operand; nothing where it is absent or not known.
std::optional<std::vector<int64_t>> numbers(const Node& node, size_t input, const Mender& mender) {
  const auto content = mender.content(node.input(input));
  return content ? static_dims(Shape(content->begin(), content->end())) : std::nullopt;
}

/// The axis that an operand of one element gives.
Axes axis_operand(const Node& node, size_t input, int64_t absent, const Mender& mender, size_t rank) {
  if (node.input(input) == nullptr) return one(absent, rank);
  const auto axis = numbers(node, input, mender);
  return axis && axis->size() == 1 ? one(axis->front(), rank) : all(rank);
}

/// `axes` as an attribute or as the second input.
Axes reduced(const Node& node, const Mender& mender, size_t rank) {
  std::vector<int64_t> given = node.ints_or("axes", {});
  if (node.input(1) != nullptr) {
    const auto axes = numbers(node, 1, mender);
    if (!axes) return all(rank);
    given = *axes;
  }
  if (given.empty()) return node.int_or("noop_with_empty_axes", 0) != 0 ? Axes{} : all(rank);
  Axes axes;
  for (const int64_t axis : given) add_axis(axes, axis, rank);
  return axes;
}

Axes softmax(const Node& node, const Mender& mender, size_t rank) {
  if (mender.opset() < 13) return axes_from(node.int_or("axis", 1), rank);  // the input is taken as a matrix
  return one(node.int_or("axis", -1), rank);
}

Axes batch_normalization(const Node& node, const Mender& mender, size_t rank) {
  const bool trains =
      mender.opset() >= 14 ? node.int_or("training_mode", 0) != 0 : node.outputs().size() > 1 && node.output(1);
  if (!trains) return mender.opset() < 9 && node.int_or("spatial", 1) == 0 ? axes_from(1, rank) : Axes{};
  Axes axes = all(rank);
  std::erase(axes, size_t{1});
  return axes;
}

/// GatherND, ScatterND: the last axis of the indices says how many leading axes they go into.
Axes indexed(const Node& node, const Mender& mender, size_t rank) {
  const Shape* indices = mender.shape(node.input(1));
  if (indices == nullptr || indices->empty() || !indices->back().is_known()) return all(rank);
  const int64_t first = node.int_or("batch_dims", 0);
  Axes axes;
  for (int64_t axis = first; axis < first + indices->back().value(); ++axis) add_axis(axes, axis, rank);
  return axes;
}

Axes padded(const Node& node, const Mender& mender, size_t rank) {
  std::optional<std::vector<Dim>> pads;
  if (mender.opset() >= 11) {
    pads = mender.content(node.input(1));
  } else {
    const std::vector<int64_t> given = node.ints_or("pads", node.ints_or("paddings", {}));
    pads = std::vector<Dim>(given.begin(), given.end());
  }
  std::vector<int64_t> on;
  if (node.input(3) != nullptr) {
    const auto given = numbers(node, 3, mender);
    if (!given) return all(rank);
    on = *given;
  } else {
    for (const size_t axis : all(rank)) on.push_back(static_cast<int64_t>(axis));
  }
  if (!pads || pads->size() != 2 * on.size()) return all(rank);
  Axes axes;
  for (size_t i = 0; i < on.size(); ++i) {
    if (!(*pads)[i].is(0) || !(*pads)[on.size() + i].is(0)) add_axis(axes, on[i], rank);
  }
  return axes;
}

/// Resize and Upsample by factors: the axes that get more or fewer elements. Factors that are computed are taken for
/// those of pictures: the first two axes are samples and channels.
Axes scaled(const Node& node, size_t rank) {
  const bool is_upsample = node.is("Upsample");
  const Value* operand = is_upsample ? node.input(1) : node.inputs().size() == 2 ? node.input(1) : node.input(2);
  std::vector<double> factors;
  if (operand != nullptr) {
    const std::shared_ptr<const Tensor> tensor = constant_of(*operand);
    const auto values = tensor != nullptr ? tensor->to_doubles() : std::nullopt;
    if (!values) return rank > 2 ? axes_from(2, rank) : all(rank);
    factors = *values;
  } else if (const Attribute* scales = node.attribute("scales")) {
    if (const auto* values = scales->get_if<std::vector<float>>()) factors.assign(values->begin(), values->end());
  }
  std::vector<int64_t> on = node.ints_or("axes", {});
  for (size_t axis = 0; on.size() < factors.size(); ++axis) on.push_back(static_cast<int64_t>(axis));
  Axes axes;
  for (size_t i = 0; i < factors.size(); ++i) {
    if (factors[i] != 1.0) add_axis(axes, on[i], rank);
  }
  return axes;
}

/// A loss of each sample works along all axes but the first; their sum or mean along that too.
Axes loss(const Node& node, size_t rank) {
  return node.string_or("reduction", "mean") == "none" ? axes_from(1, rank) : all(rank);
}

Axes quantized(const Node& node, const Mender& mender, size_t rank) {
  const Shape* scale = mender.shape(node.input(1));
  const bool has_blocks = scale != nullptr && scale->size() > 1;
  return has_blocks ? one(node.int_or("axis", 1), rank) : Axes{};
}

Axes strings(const Node& node, size_t rank) {
  const Attribute* words = node.attribute("stopwords");
  const auto* list = words != nullptr ? words->get_if<std::vector<std::string>>() : nullptr;
  return list != nullptr && !list->empty() ? all(rank) : Axes{};
}

}  // namespace

bool is_elementwise(const Node& node) {
  return is_any_of(
      node, {"Abs",        "Acos",     "Acosh",    "Asin",      "Asinh",  "Atan",    "Atanh",       "BitCast",
             "BitwiseNot", "Cast",     "CastLike", "Ceil",      "Celu",   "Clip",    "Cos",         "Cosh",
             "Dropout",    "Elu",      "Erf",      "Exp",       "Floor",  "Gelu",    "HardSigmoid", "HardSwish",
             "Identity",   "IsInf",    "IsNaN",    "LeakyRelu", "Log",    "Mish",    "Neg",         "Not",
             "Reciprocal", "Relu",     "Round",    "Selu",      "Shrink", "Sigmoid", "Sign",        "Sin",
             "Sinh",       "Softplus", "Softsign", "Sqrt",      "Swish",  "Tan",     "Tanh",        "ThresholdedRelu"});
}

std::vector<size_t> worked_axes(const Node& node, const Mender& mender, size_t rank) {
  if (node.domain() == "ai.onnx.ml") return rank == 0 ? Axes{} : one(-1, rank);
  if (node.op_type().starts_with("Reduce")) return reduced(node, mender, rank);
  if (is_any_of(node, {"Softmax", "LogSoftmax", "Hardmax"})) return softmax(node, mender, rank);
  if (is_any_of(node, {"ArgMax", "ArgMin", "Split", "SplitToSequence", "Gather", "GatherElements", "Scatter",
                       "ScatterElements"})) {
    return one(node.int_or("axis", 0), rank);
  }
  if (is_any_of(node, {"TopK", "LpNormalization"})) return one(node.int_or("axis", -1), rank);
  if (is_any_of(node, {"LayerNormalization", "RMSNormalization"})) return axes_from(node.int_or("axis", -1), rank);
  if (is_any_of(node, {"CumSum", "CumProd"})) return axis_operand(node, 1, 0, mender, rank);
  if (is_any_of(node, {"Trilu", "EyeLike", "Det"})) return axes_from(-2, rank);
  if (is_any_of(node, {"GatherND", "ScatterND"})) return indexed(node, mender, rank);
  if (is_any_of(node, {"DynamicQuantizeLinear", "NonZero", "NonMaxSuppression", "Unique", "RoiAlign", "MaxRoiPool",
                       "CenterCropPad"})) {
    return all(rank);
  }
  if (is_any_of(node, {"AveragePool", "MaxPool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool",
                       "InstanceNormalization", "MaxUnpool", "GridSample"})) {
    return axes_from(2, rank);
  }
  if (node.is("BatchNormalization")) return batch_normalization(node, mender, rank);
  if (node.is("MeanVarianceNormalization")) {
    Axes axes;
    for (const int64_t axis : node.ints_or("axes", {0, 2, 3})) add_axis(axes, axis, rank);
    return axes;
  }
  if (node.is("Compress")) {
    return node.attribute("axis") == nullptr ? all(rank) : one(node.int_or("axis", 0), rank);
  }
  if (node.is("DFT")) {
    Axes axes = mender.opset() < 20 ? one(node.int_or("axis", 1), rank) : axis_operand(node, 2, -2, mender, rank);
    add_axis(axes, -1, rank);
    return axes;
  }
  if (node.is("Pad")) return padded(node, mender, rank);
  if (is_any_of(node, {"Resize", "Upsample"})) return scaled(node, rank);
  if (node.is("ReverseSequence")) return one(node.int_or("time_axis", 0), rank);
  if (is_any_of(node, {"NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"})) return loss(node, rank);
  if (is_any_of(node, {"QuantizeLinear", "DequantizeLinear"})) return quantized(node, mender, rank);
  if (node.is("StringNormalizer")) return strings(node, rank);
  if (node.is("TfIdfVectorizer")) return one(-1, rank);
  if (is_elementwise(node)) return {};
  return axes_from(1, rank);  // convolutions, attention, normalisations of channels: all but the batch
}

}  // namespace surgery::dims
