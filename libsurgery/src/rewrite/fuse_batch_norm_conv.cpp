#include <algorithm>
#include <array>

#include "rewrite/fold_affine.h"
#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Whether the convolution reads nothing but elements of its input. auto_pad VALID is no padding by definition.
bool is_without_padding(const Node& conv) {
  const std::string auto_pad = conv.string_or("auto_pad", "NOTSET");
  if (auto_pad == "VALID") return true;
  const std::vector<int64_t> pads = conv.ints_or("pads", {});
  return auto_pad == "NOTSET" && std::all_of(pads.begin(), pads.end(), [](int64_t pad) { return pad == 0; });
}

/// The input channel that row m, column j of a weight [M, C/group, ...] belongs to.
struct InputChannels {
  int64_t rows_per_group;
  int64_t columns;
  size_t at(int64_t row, int64_t column) const { return static_cast<size_t>(row / rows_per_group * columns + column); }
};

/// b[m] + the sum of W[m, j, ...] * shift[channel of (m, j)].
std::vector<double> shifted_bias(const std::vector<double>& weight, std::vector<double> bias,
                                 const InputChannels& channels, const std::vector<double>& shift) {
  const auto rows = static_cast<int64_t>(bias.size());
  const size_t inner =
      bias.empty() || channels.columns == 0 ? 0 : weight.size() / bias.size() / static_cast<size_t>(channels.columns);
  size_t next = 0;
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < channels.columns; ++column) {
      double sum = 0;
      for (size_t i = 0; i < inner; ++i) sum += weight[next++];
      bias[static_cast<size_t>(row)] += sum * shift[channels.at(row, column)];
    }
  }
  return bias;
}

/// Folds BatchNormalization into the Conv that it feeds.
/// Matches   y = Conv(BatchNormalization(x, s, B, mean, var), W, b), inference form.
/// Requires  s, B, mean, var, W, b constant and not overridable graph inputs; no padding, since a padded zero stands
///           for a normalized element (or B - mean*g = 0 for every channel); the batch-norm's result has one use and is
///           not a graph output; nothing else reads W.
/// Produces  y = Conv(x, W*g, b + sum of W*(B - mean*g)), g = s / sqrt(var + epsilon) of the input channel, in double.
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX BatchNormalization-15, Conv-11.
RewriteResult fuse(Node& conv, Rewriter& rewriter) {
  Node* batch_norm = producer(conv.input(0), "BatchNormalization");
  if (batch_norm == nullptr) return RewriteResult::declined("no batch-norm feeds the convolution");
  if (&batch_norm->graph() != &conv.graph()) return RewriteResult::declined("the two nodes are in different graphs");
  if (!batch_norm->output(0)->has_one_use())
    return RewriteResult::declined("the batch-norm's result is used elsewhere");
  const auto affine = affine_of_batch_norm(*batch_norm, rewriter);
  if (!affine) return RewriteResult::declined(affine.reason);
  const auto& shift = affine.value.shift;
  const bool shifts = std::any_of(shift.begin(), shift.end(), [](double value) { return value != 0; });
  if (shifts && !is_without_padding(conv)) return RewriteResult::declined("the convolution pads");
  const auto weight = rewriter.constant(conv.input(1));
  if (weight == nullptr || weight->rank() < 3) return RewriteResult::declined("the weight is not constant");
  if (!conv.input(1)->has_one_use()) return RewriteResult::declined("the weight is shared");
  const auto bias_tensor = rewriter.constant(conv.input(2));
  if (conv.input(2) != nullptr && bias_tensor == nullptr) return RewriteResult::declined("the bias is not constant");

  const int64_t rows = weight->dims()[0];
  const int64_t group = conv.int_or("group", 1);
  if (group <= 0 || rows % group != 0 || rows == 0 ||
      weight->dims()[1] * group != static_cast<int64_t>(affine.value.scale.size())) {
    return RewriteResult::declined("the number of channels differs");
  }
  const InputChannels channels{rows / group, weight->dims()[1]};
  std::vector<double> factors;
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < channels.columns; ++column) {
      factors.push_back(affine.value.scale[channels.at(row, column)]);
    }
  }
  const auto numbers = weight->to_doubles();
  std::optional<std::vector<double>> bias(std::in_place, static_cast<size_t>(rows), 0.0);
  if (bias_tensor != nullptr) bias = bias_tensor->to_doubles();
  if (!numbers || !bias || static_cast<int64_t>(bias->size()) != rows) {
    return RewriteResult::declined("weight or bias is not of real numbers, one bias per channel");
  }
  const int64_t columns = rows * channels.columns;
  const ChannelLayout layout{1, columns, columns == 0 ? 0 : weight->num_elements() / columns};
  const Tensor new_weight = scaled(*weight, layout, factors);
  const Tensor new_bias = rounded(weight->type(), {rows}, shifted_bias(*numbers, std::move(*bias), channels, shift));
  if (!new_weight.is_defined() || !new_bias.is_defined()) {
    return RewriteResult::declined("the folded weights do not fit their type");
  }

  Graph& graph = conv.graph();
  Value* old_bias = conv.input(2);
  const std::string weight_name = conv.input(1)->name();
  const std::string bias_name = old_bias != nullptr ? old_bias->name() + "_folded" : weight_name + "_bias";
  rewriter.set_input(conv, 0, batch_norm->input(0));
  rewriter.set_input(conv, 1, &rewriter.add_constant(graph, weight_name + "_folded", new_weight));
  if (old_bias != nullptr || shifts) rewriter.set_input(conv, 2, &rewriter.add_constant(graph, bias_name, new_bias));
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 1> kAnchors{"Conv"};

}  // namespace

const Rewrite& fuse_batch_norm_conv() {
  static const NodeRewrite kRewrite(
      "FuseBatchNormConv", "Folds a batch-norm into the Conv behind it, where that does not pad.", kAnchors, fuse);
  return kRewrite;
}

}  // namespace surgery
