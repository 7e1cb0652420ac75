#include <array>

#include "rewrite/fold_affine.h"
#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Folds BatchNormalization into the Conv or ConvTranspose that feeds it.
/// Matches   y = BatchNormalization(Conv(x, W, b), s, B, mean, var), inference form.
/// Requires  W, b, s, B, mean, var constant and not overridable graph inputs; the Conv result has one use and is not a
///           graph output; nothing else reads W.
/// Produces  y = Conv(x, W*g, (b - mean)*g + B), g = s / sqrt(var + epsilon), one g per output channel, computed in
///           double. A missing b counts as 0.
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX BatchNormalization-15, Conv-11, ConvTranspose-11.
RewriteResult fuse(Node& batch_norm, Rewriter& rewriter, std::string_view op_type) {
  Node* conv = producer(batch_norm.input(0), op_type);
  if (conv == nullptr) return RewriteResult::declined("no convolution of this kind feeds the batch-norm");
  const auto affine = affine_of_batch_norm(batch_norm, rewriter);
  if (!affine) return RewriteResult::declined(affine.reason);
  return fold_into_conv(batch_norm, *conv, affine.value, rewriter);
}

RewriteResult fuse_conv(Node& node, Rewriter& rewriter) { return fuse(node, rewriter, "Conv"); }
RewriteResult fuse_conv_transpose(Node& node, Rewriter& rewriter) { return fuse(node, rewriter, "ConvTranspose"); }

constexpr std::array<std::string_view, 1> kAnchors{"BatchNormalization"};

}  // namespace

const Rewrite& fuse_conv_batch_norm() {
  static const NodeRewrite kRewrite("FuseConvBatchNorm", "Folds a batch-norm into the Conv before it.", kAnchors,
                                    fuse_conv);
  return kRewrite;
}

const Rewrite& fuse_conv_transpose_batch_norm() {
  static const NodeRewrite kRewrite("FuseConvTransposeBatchNorm",
                                    "Folds a batch-norm into the ConvTranspose before it.", kAnchors,
                                    fuse_conv_transpose);
  return kRewrite;
}

}  // namespace surgery
