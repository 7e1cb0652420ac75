#include "rewrite/fold_affine.h"

#include <algorithm>
#include <optional>

#include "rewrite/match.h"

namespace surgery {
namespace {

bool all_zero(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return value == 0; });
}

/// What holds for a producer of any kind.
std::string_view why_not_foldable(const Node& tail, const Node& linear) {
  if (&tail.graph() != &linear.graph()) return "the two nodes are in different graphs";
  if (!linear.output(0)->has_one_use()) return "the result between the two is used elsewhere";
  if (linear.input(1) == nullptr || !linear.input(1)->has_one_use()) return "the weight is shared";
  return {};
}

/// bias * scale + shift, the bias one number or one per channel (nullptr: zeros). Nothing for any other.
std::optional<std::vector<double>> folded_bias(const Tensor* bias, double beta, const ChannelAffine& affine) {
  std::vector<double> result = affine.shift;
  if (bias == nullptr) return result;
  const auto values = bias->to_doubles();
  const bool per_channel = !bias->dims().empty() && bias->dims().back() == bias->num_elements() &&
                           bias->num_elements() == static_cast<int64_t>(result.size());
  if (!values || (values->size() != 1 && !per_channel)) return std::nullopt;
  for (size_t c = 0; c < result.size(); ++c)
    result[c] += (*values)[values->size() == 1 ? 0 : c] * beta * affine.scale[c];
  return result;
}

/// ConvTranspose has its weight as [C, M/group, ...]: the factor of each row and column.
std::vector<double> factors_of_transposed(const Tensor& weight, int64_t group, const std::vector<double>& scale) {
  const int64_t rows = weight.dims()[0];
  const int64_t columns = weight.dims()[1];
  std::vector<double> factors;
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t first = row / (rows / group) * columns;
    for (int64_t column = 0; column < columns; ++column) factors.push_back(scale[static_cast<size_t>(first + column)]);
  }
  return factors;
}

Tensor scaled_conv_weight(const Node& conv, const Tensor& weight, const std::vector<double>& scale) {
  ChannelLayout layout;
  layout.channels = weight.dims()[0];
  if (conv.is("Conv")) {
    layout.inner = layout.channels == 0 ? 0 : weight.num_elements() / layout.channels;
    return scaled(weight, layout, scale);
  }
  layout.channels *= weight.dims()[1];
  layout.inner = layout.channels == 0 ? 0 : weight.num_elements() / layout.channels;
  return scaled(weight, layout, factors_of_transposed(weight, conv.int_or("group", 1), scale));
}

Tensor scaled_matrix(const Tensor& matrix, bool transposed, const std::vector<double>& scale) {
  if (transposed) return scaled(matrix, {1, matrix.dims()[0], matrix.dims()[1]}, scale);
  return scaled(matrix, {matrix.dims()[0], matrix.dims()[1], 1}, scale);
}

/// Name for a new bias: after the old one, or after the weight.
std::string bias_name(const Node& linear) {
  const Value* bias = linear.input(2);
  return bias != nullptr ? bias->name() + "_folded" : linear.input(1)->name() + "_bias";
}

}  // namespace

std::vector<Attribute> copy_attributes(const Node& node) {
  std::vector<Attribute> copies;
  for (const Attribute& attribute : node.attributes()) copies.push_back(copy_of(attribute));
  return copies;
}

std::optional<int64_t> num_conv_channels(const Node& conv, const Rewriter& rewriter) {
  const auto weight = rewriter.constant(conv.input(1));
  if (weight == nullptr || weight->rank() < 3) return std::nullopt;
  if (conv.is("Conv")) return weight->dims()[0];
  const int64_t group = conv.int_or("group", 1);
  if (group <= 0 || weight->dims()[0] % group != 0) return std::nullopt;
  return weight->dims()[1] * group;
}

std::optional<int64_t> num_gemm_columns(const Node& gemm, const Rewriter& rewriter) {
  const auto matrix = rewriter.constant(gemm.input(1));
  if (matrix == nullptr || matrix->rank() != 2) return std::nullopt;
  if (gemm.is("MatMul") && rank(rewriter, gemm.input(0)) != 2) return std::nullopt;
  return matrix->dims()[gemm.is("Gemm") && gemm.int_or("transB", 0) != 0 ? 0 : 1];
}

RewriteResult fold_into_conv(Node& tail, Node& conv, const ChannelAffine& affine, Rewriter& rewriter) {
  if (const auto reason = why_not_foldable(tail, conv); !reason.empty()) return RewriteResult::declined(reason);
  const auto channels = num_conv_channels(conv, rewriter);
  if (!channels) return RewriteResult::declined("the weight is not constant");
  if (*channels != static_cast<int64_t>(affine.scale.size())) {
    return RewriteResult::declined("the number of channels differs");
  }
  Value* old_bias = conv.input(2);
  const auto bias_tensor = rewriter.constant(old_bias);
  if (old_bias != nullptr && bias_tensor == nullptr) return RewriteResult::declined("the bias is not constant");
  const auto bias_values = folded_bias(bias_tensor.get(), 1, affine);
  if (!bias_values) return RewriteResult::declined("the bias is not one number per channel");

  const auto weight = rewriter.constant(conv.input(1));
  const bool scales = std::any_of(affine.scale.begin(), affine.scale.end(), [](double scale) { return scale != 1; });
  const Tensor new_weight = scales ? scaled_conv_weight(conv, *weight, affine.scale) : *weight;
  const Tensor new_bias = rounded(weight->type(), {*channels}, *bias_values);
  if (!new_weight.is_defined() || !new_bias.is_defined()) {
    return RewriteResult::declined("the folded weights do not fit their type");
  }

  Graph& graph = tail.graph();
  NodeSpec spec{.op_type = conv.op_type(), .inputs = {conv.input(0), conv.input(1)}};
  spec.attributes = copy_attributes(conv);
  spec.name = conv.name();
  if (scales) spec.inputs[1] = &rewriter.add_constant(graph, conv.input(1)->name() + "_folded", new_weight);
  if (old_bias != nullptr || !all_zero(*bias_values)) {
    spec.inputs.push_back(&rewriter.add_constant(graph, bias_name(conv), new_bias));
  }
  rewriter.become(tail, std::move(spec));
  return RewriteResult::done();
}

RewriteResult fold_into_gemm(Node& tail, Node& gemm, const ChannelAffine& affine, Rewriter& rewriter) {
  if (const auto reason = why_not_foldable(tail, gemm); !reason.empty()) return RewriteResult::declined(reason);
  if (rewriter.opset() < 7) return RewriteResult::declined("Gemm broadcasts its bias by itself from opset 7 on");
  const auto columns = num_gemm_columns(gemm, rewriter);
  if (!columns) return RewriteResult::declined("not a matrix product with a constant matrix");
  if (*columns != static_cast<int64_t>(affine.scale.size())) {
    return RewriteResult::declined("the number of channels differs");
  }
  const bool is_gemm = gemm.is("Gemm");
  Value* old_bias = is_gemm ? gemm.input(2) : nullptr;
  const auto bias_tensor = rewriter.constant(old_bias);
  if (old_bias != nullptr && bias_tensor == nullptr) return RewriteResult::declined("the bias is not constant");
  const double beta = is_gemm ? static_cast<double>(gemm.float_or("beta", 1)) : 1;
  const auto bias_values = folded_bias(bias_tensor.get(), beta, affine);
  if (!bias_values) return RewriteResult::declined("the bias is not one number per column");

  const auto matrix = rewriter.constant(gemm.input(1));
  const bool transposed = is_gemm && gemm.int_or("transB", 0) != 0;
  const bool scales = std::any_of(affine.scale.begin(), affine.scale.end(), [](double scale) { return scale != 1; });
  const Tensor new_matrix = scales ? scaled_matrix(*matrix, transposed, affine.scale) : *matrix;
  const Tensor new_bias = rounded(matrix->type(), {*columns}, *bias_values);
  if (!new_matrix.is_defined() || !new_bias.is_defined()) {
    return RewriteResult::declined("the folded weights do not fit their type");
  }

  Graph& graph = tail.graph();
  const bool has_bias = old_bias != nullptr || !all_zero(*bias_values);
  NodeSpec spec{.op_type = has_bias ? "Gemm" : gemm.op_type(), .inputs = {gemm.input(0), gemm.input(1)}};
  spec.attributes = copy_attributes(gemm);
  std::erase_if(spec.attributes, [](const Attribute& attribute) { return attribute.name() == "beta"; });
  spec.name = gemm.name();
  if (scales) spec.inputs[1] = &rewriter.add_constant(graph, gemm.input(1)->name() + "_folded", new_matrix);
  if (has_bias) {
    const std::string name = old_bias != nullptr ? old_bias->name() + "_folded" : gemm.input(1)->name() + "_bias";
    spec.inputs.push_back(&rewriter.add_constant(graph, name, new_bias));
  }
  rewriter.become(tail, std::move(spec));
  return RewriteResult::done();
}

}  // namespace surgery
