#include <array>

#include "rewrite/fold_affine.h"
#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Folds an Add, Sub, Mul or Div with a constant per channel into the Conv or ConvTranspose that feeds it.
/// Matches   y = Conv(x, W, b) + c, c + Conv, Conv - c, c - Conv, Conv * c, Conv / c.
/// Requires  W, b, c constant and not overridable graph inputs; c one number or one per channel ([M, 1, 1]), of a rank
///           no higher than the data; the Conv result has one use and is not a graph output; nothing else reads W.
/// Produces  y = Conv(x, W*scale, b*scale + shift), computed in double. W stays where scale is 1.
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX Add-14, Conv-11, ConvTranspose-11.
RewriteResult fuse(Node& node, Rewriter& rewriter) {
  RewriteResult result = RewriteResult::declined("no convolution feeds the node");
  for (size_t i = 0; i < 2 && !result.changed; ++i) {
    Node* conv = producer(node.input(i), "Conv");
    if (conv == nullptr) conv = producer(node.input(i), "ConvTranspose");
    if (conv == nullptr) continue;
    const auto channels = num_conv_channels(*conv, rewriter);
    if (!channels) return RewriteResult::declined("the weight is not constant");
    const int64_t data_rank = rewriter.constant(conv->input(1))->rank();
    const auto affine = affine_of_arithmetic(node, i, data_rank, *channels, rewriter);
    result = affine ? fold_into_conv(node, *conv, affine.value, rewriter) : RewriteResult::declined(affine.reason);
  }
  return result;
}

constexpr std::array<std::string_view, 4> kAnchors{"Add", "Sub", "Mul", "Div"};

}  // namespace

const Rewrite& fuse_conv_arithmetic() {
  static const NodeRewrite kRewrite(
      "FuseConvArithmetic", "Folds an Add, Sub, Mul or Div with a constant per channel into the convolution before it.",
      kAnchors, fuse);
  return kRewrite;
}

}  // namespace surgery
