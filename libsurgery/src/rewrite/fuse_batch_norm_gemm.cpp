#include <algorithm>
#include <array>

#include "rewrite/fold_affine.h"
#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Where the batch-norm is found: directly before the product, or before a Flatten or Reshape to [N, features] there.
struct Match {
  Node* batch_norm = nullptr;
  Node* reshape = nullptr;
};

Match find_batch_norm(const Node& product) {
  if (Node* direct = producer(product.input(0), "BatchNormalization")) return {direct, nullptr};
  for (const std::string_view op_type : {"Flatten", "Reshape"}) {
    Node* reshape = producer(product.input(0), op_type);
    if (reshape == nullptr) continue;
    return {producer(reshape->input(0), "BatchNormalization"), reshape};
  }
  return {};
}

/// How many features of the matrix each channel gives: features are the channel-major order of [N, C, ...], which takes
/// that rows stay rows.
std::optional<int64_t> features_per_channel(const Match& match, int64_t num_features, int64_t num_channels,
                                            const Rewriter& rewriter) {
  const Shape* before = rewriter.shape(*match.batch_norm->output(0));
  if (before == nullptr || before->size() < 2 || num_channels == 0 || num_features % num_channels != 0)
    return std::nullopt;
  if (match.reshape == nullptr) {
    if (before->size() != 2 || num_features != num_channels) return std::nullopt;
    return 1;
  }
  const Shape* after = rewriter.shape(*match.reshape->output(0));
  if (after == nullptr || after->size() != 2 || !((*after)[0] == (*before)[0]) || !(*after)[1].is(num_features)) {
    return std::nullopt;
  }
  return num_features / num_channels;
}

/// bias[n] + alpha * the sum over k of shift[k] * W[k, n], W given as [K, N] or transposed.
std::vector<double> shifted_bias(const std::vector<double>& matrix, bool transposed, double alpha,
                                 const std::vector<double>& shift, std::vector<double> bias) {
  const size_t columns = bias.size();
  const size_t rows = shift.size();
  for (size_t k = 0; k < rows; ++k) {
    for (size_t n = 0; n < columns; ++n) {
      bias[n] += alpha * shift[k] * matrix[transposed ? n * rows + k : k * columns + n];
    }
  }
  return bias;
}

/// Folds BatchNormalization into the Gemm or MatMul that it feeds, directly or through a Flatten or Reshape.
/// Matches   y = Gemm(BatchNormalization(x, s, B, mean, var), W, b), inference form; Gemm(Flatten(BatchNormalization));
///           Reshape in place of Flatten, MatMul of matrices in place of Gemm.
/// Requires  s, B, mean, var, W, b constant and not overridable graph inputs; transA not set; the rows of the matrix
///           are the samples of x; b one number or one per column; the results on the way have one use and are no graph
///           outputs; nothing else reads W; opset 7 or later.
/// Produces  y = Gemm(x, W*g, b + sum of (B - mean*g)*W), g = s / sqrt(var + epsilon) of the feature's channel,
///           computed in double; the Flatten or Reshape in between on x.
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX BatchNormalization-15, Gemm-13, MatMul-13, Flatten-21.
RewriteResult fuse(Node& product, Rewriter& rewriter) {
  if (rewriter.opset() < 7) return RewriteResult::declined("Gemm broadcasts its bias by itself from opset 7 on");
  const Match match = find_batch_norm(product);
  if (match.batch_norm == nullptr) return RewriteResult::declined("no batch-norm feeds the product");
  for (const Node* node : {match.batch_norm, match.reshape}) {
    if (node == nullptr) continue;
    if (&node->graph() != &product.graph()) return RewriteResult::declined("the nodes are in different graphs");
    if (!node->output(0)->has_one_use()) return RewriteResult::declined("a result on the way is used elsewhere");
  }
  const bool is_gemm = product.is("Gemm");
  if (is_gemm && product.int_or("transA", 0) != 0) return RewriteResult::declined("the data is transposed");
  const auto affine = affine_of_batch_norm(*match.batch_norm, rewriter);
  if (!affine) return RewriteResult::declined(affine.reason);
  const auto matrix = rewriter.constant(product.input(1));
  if (matrix == nullptr || matrix->rank() != 2) return RewriteResult::declined("the weight is not a constant matrix");
  if (!product.input(1)->has_one_use()) return RewriteResult::declined("the weight is shared");

  const bool transposed = is_gemm && product.int_or("transB", 0) != 0;
  const int64_t num_features = matrix->dims()[transposed ? 1 : 0];
  const auto num_columns = static_cast<size_t>(matrix->dims()[transposed ? 0 : 1]);
  const auto repeat =
      features_per_channel(match, num_features, static_cast<int64_t>(affine.value.scale.size()), rewriter);
  if (!repeat) return RewriteResult::declined("the features are not known to be the channels, sample by sample");
  std::vector<double> scale;
  std::vector<double> shift;
  for (size_t channel = 0; channel < affine.value.scale.size(); ++channel) {
    scale.insert(scale.end(), static_cast<size_t>(*repeat), affine.value.scale[channel]);
    shift.insert(shift.end(), static_cast<size_t>(*repeat), affine.value.shift[channel]);
  }

  Value* old_bias = is_gemm ? product.input(2) : nullptr;
  const auto bias_tensor = rewriter.constant(old_bias);
  if (old_bias != nullptr && bias_tensor == nullptr) return RewriteResult::declined("the bias is not constant");
  std::vector<double> bias(num_columns, 0.0);
  if (bias_tensor != nullptr) {
    const auto numbers = bias_tensor->to_doubles();
    const bool per_column = bias_tensor->rank() > 0 && bias_tensor->dims().back() == bias_tensor->num_elements() &&
                            bias_tensor->num_elements() == static_cast<int64_t>(num_columns);
    if (!numbers || (numbers->size() != 1 && !per_column)) {
      return RewriteResult::declined("the bias is not one number per column");
    }
    const double beta = static_cast<double>(product.float_or("beta", 1));
    for (size_t n = 0; n < num_columns; ++n) bias[n] = beta * (*numbers)[numbers->size() == 1 ? 0 : n];
  }
  const auto numbers = matrix->to_doubles();
  if (!numbers) return RewriteResult::declined("the weight is not of real numbers");
  const double alpha = is_gemm ? static_cast<double>(product.float_or("alpha", 1)) : 1;
  bias = shifted_bias(*numbers, transposed, alpha, shift, std::move(bias));
  const auto columns = static_cast<int64_t>(num_columns);
  const ChannelLayout layout =
      transposed ? ChannelLayout{columns, num_features, 1} : ChannelLayout{1, num_features, columns};
  const Tensor new_matrix = scaled(*matrix, layout, scale);
  const Tensor new_bias = rounded(matrix->type(), {columns}, bias);
  if (!new_matrix.is_defined() || !new_bias.is_defined()) {
    return RewriteResult::declined("the folded weights do not fit their type");
  }

  Graph& graph = product.graph();
  NodeSpec spec{.op_type = "Gemm", .inputs = {match.batch_norm->input(0)}};
  if (match.reshape != nullptr) {
    // A new tensor: the batch-norm's result flattened is what the old name means.
    NodeSpec reshape{.op_type = match.reshape->op_type()};
    reshape.inputs.assign(match.reshape->inputs().begin(), match.reshape->inputs().end());
    reshape.inputs[0] = match.batch_norm->input(0);
    reshape.output_names = {graph.unique_name(match.reshape->output(0)->name() + "_unnormalized")};
    reshape.attributes = copy_attributes(*match.reshape);
    reshape.name = match.reshape->name();
    spec.inputs[0] = rewriter.insert_before(&product, graph, std::move(reshape)).output(0);
  }
  spec.inputs.push_back(&rewriter.add_constant(graph, product.input(1)->name() + "_folded", new_matrix));
  const std::string bias_name = old_bias != nullptr ? old_bias->name() + "_folded" : product.input(1)->name() + "_bias";
  spec.inputs.push_back(&rewriter.add_constant(graph, bias_name, new_bias));
  spec.attributes = copy_attributes(product);
  std::erase_if(spec.attributes, [](const Attribute& attribute) { return attribute.name() == "beta"; });
  rewriter.become(product, std::move(spec));
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 2> kAnchors{"Gemm", "MatMul"};

}  // namespace

const Rewrite& fuse_batch_norm_gemm() {
  static const NodeRewrite kRewrite("FuseBatchNormGemm",
                                    "Folds a batch-norm into the Gemm or MatMul behind it, also through a Flatten.",
                                    kAnchors, fuse);
  return kRewrite;
}

}  // namespace surgery
