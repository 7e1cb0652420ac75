#include "edit/dims/companions.h"

#include <algorithm>

namespace surgery::dims {
namespace {

/// Brings together axes of inputs that a node has and whose rank is known.
class Companions {
 public:
  Companions(Node& node, Mender& mender) : node_(node), mender_(mender) {}

  size_t rank(size_t input) const {
    const Shape* shape = mender_.shape(node_.input(input));
    return shape != nullptr ? shape->size() : 0;
  }
  /// The axis that an attribute names, of an input.
  size_t axis_of(std::string_view attribute, int64_t absent, size_t input) const {
    const int64_t given = node_.int_or(attribute, absent);
    return static_cast<size_t>(given < 0 ? given + static_cast<int64_t>(rank(input)) : given);
  }
  void agree_on(std::initializer_list<Operand> operands, bool may_broadcast = false) {
    std::vector<Operand> known;
    for (const Operand& operand : operands) {
      if (operand.axis < rank(operand.input)) known.push_back(operand);
    }
    agree(node_, mender_, known, may_broadcast);
  }

 private:
  Node& node_;
  Mender& mender_;
};

/// GatherElements, ScatterElements: indices (and updates) lie beside the data in every axis but the one they go along.
void elements(const Node& node, Companions& inputs) {
  const size_t along = inputs.axis_of("axis", 0, 0);
  for (size_t axis = 0; axis < inputs.rank(0); ++axis) {
    if (axis != along) inputs.agree_on({{0, axis}, {1, axis}});
    if (!node.is("GatherElements")) inputs.agree_on({{1, axis}, {2, axis}});
  }
}

/// ScatterND: one update for each index, as large as what the index selects. Where there is one for each sample, there
/// is a row of the data for each of them too, or they would write over each other.
void scatter_nd(const Node& node, Mender& mender, Companions& inputs, const Shape& indices) {
  for (size_t axis = 0; axis + 1 < indices.size(); ++axis) inputs.agree_on({{1, axis}, {2, axis}});
  if (!indices.back().is_known()) return;
  const auto selected = static_cast<size_t>(std::max<int64_t>(indices.back().value(), 0));
  for (size_t axis = selected; axis < inputs.rank(0); ++axis) {
    inputs.agree_on({{0, axis}, {2, indices.size() - 1 + axis - selected}});
  }
  if (!mender.is_per_sample() || !mender.freed_axes(node.input(0)).empty()) return;
  for (const size_t axis : mender.freed_axes(node.input(2))) {
    if (axis + 1 < indices.size()) inputs.agree_on({{0, 0}, {2, axis}});
  }
}

/// A scale and a zero point for each position of an axis, or for each block of it.
void quantization(Companions& inputs) {
  const size_t along = inputs.axis_of("axis", 1, 0);
  if (inputs.rank(1) == 1) inputs.agree_on({{0, along}, {1, 0}, {2, 0}}, true);
  for (size_t axis = 0; inputs.rank(1) > 1 && axis < inputs.rank(0); ++axis) {
    if (axis != along) inputs.agree_on({{0, axis}, {1, axis}, {2, axis}});
  }
}

/// com.microsoft
void contributed(const Node& node, Companions& inputs) {
  const std::string& type = node.op_type();
  if (type == "SkipLayerNormalization" || type == "SkipSimplifiedLayerNormalization") {
    for (size_t axis = 0; axis < inputs.rank(0); ++axis) inputs.agree_on({{0, axis}, {1, axis}}, inputs.rank(0) == 3);
  } else if (type == "MultiHeadAttention") {
    inputs.agree_on({{0, 0}, {1, 0}, {2, 0}, {4, 0}, {6, 0}, {7, 0}});
    inputs.agree_on({{0, 0}, {5, 0}}, true);
  } else if (type == "Attention") {
    inputs.agree_on({{0, 0}, {3, 0}, {4, 1}});
  } else if (type == "GroupQueryAttention") {
    inputs.agree_on({{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}});
  } else if (type == "RotaryEmbedding" && inputs.rank(1) == 2) {
    inputs.agree_on({{0, 0}, {1, 0}});
  } else if (type == "EmbedLayerNormalization") {
    inputs.agree_on({{0, 0}, {1, 0}, {7, 0}});
  }
}

}  // namespace

void check_companions(Node& node, Mender& mender) {
  Companions inputs(node, mender);
  if (node.domain() == "com.microsoft") return contributed(node, inputs);
  if (is_any_of(node, {"GatherElements", "Scatter", "ScatterElements"})) {
    elements(node, inputs);
  } else if (node.is("GatherND")) {
    const auto shared = static_cast<size_t>(std::max<int64_t>(node.int_or("batch_dims", 0), 0));
    for (size_t axis = 0; axis < std::min(shared, inputs.rank(0)); ++axis) inputs.agree_on({{0, axis}, {1, axis}});
  } else if (node.is("ScatterND")) {
    if (const Shape* indices = mender.shape(node.input(1)); indices != nullptr && !indices->empty()) {
      scatter_nd(node, mender, inputs, Shape(*indices));
    }
  } else if (is_any_of(node, {"BatchNormalization", "InstanceNormalization"})) {
    for (size_t input = 1; input < node.inputs().size(); ++input) inputs.agree_on({{0, 1}, {input, 0}});
  } else if (is_any_of(node, {"QuantizeLinear", "DequantizeLinear"})) {
    quantization(inputs);
  } else if (node.is("ReverseSequence")) {
    inputs.agree_on({{0, inputs.axis_of("batch_axis", 1, 0)}, {1, 0}});
  } else if (node.is("MaxUnpool")) {
    for (size_t axis = 0; axis < inputs.rank(0); ++axis) inputs.agree_on({{0, axis}, {1, axis}});
  } else if (node.is("DeformConv")) {
    inputs.agree_on({{0, 0}, {2, 0}, {4, 0}});
  } else if (is_any_of(node, {"GridSample", "NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"})) {
    inputs.agree_on({{0, 0}, {1, 0}});
  } else if (node.is("Attention")) {
    inputs.agree_on({{0, 0}, {1, 0}, {2, 0}, {4, 0}, {5, 0}, {6, 0}});
    if (inputs.rank(3) == 4) inputs.agree_on({{0, 0}, {3, 0}}, true);
  } else if (node.is("RotaryEmbedding")) {
    if (inputs.rank(1) == 3) inputs.agree_on({{0, 0}, {1, 0}, {2, 0}});
    inputs.agree_on({{0, 0}, {3, 0}});
  } else if (node.is("TensorScatter")) {
    inputs.agree_on({{0, 0}, {1, 0}, {2, 0}});
  }
}

}  // namespace surgery::dims
