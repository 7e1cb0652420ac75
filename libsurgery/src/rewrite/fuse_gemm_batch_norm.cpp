#include <array>

#include "rewrite/fold_affine.h"
#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Folds BatchNormalization into the Gemm or MatMul that feeds it.
/// Matches   y = BatchNormalization(Gemm(x, W, b), s, B, mean, var), inference form; or of MatMul(x, W), both matrices.
/// Requires  W, b, s, B, mean, var constant and not overridable graph inputs; b one number or one per column; the
///           product has one use and is not a graph output; nothing else reads W.
/// Produces  y = Gemm(x, W*g, (beta*b - mean)*g + B), g = s / sqrt(var + epsilon) per column, computed in double.
/// Keeps     name, type and shape of y; alpha, transA, transB of the Gemm. Applies inside subgraphs and functions.
/// Source    ONNX BatchNormalization-15, Gemm-13, MatMul-13.
RewriteResult fuse(Node& batch_norm, Rewriter& rewriter) {
  Node* gemm = producer(batch_norm.input(0), "Gemm");
  if (gemm == nullptr) gemm = producer(batch_norm.input(0), "MatMul");
  if (gemm == nullptr) return RewriteResult::declined("no Gemm or MatMul feeds the batch-norm");
  const auto affine = affine_of_batch_norm(batch_norm, rewriter);
  if (!affine) return RewriteResult::declined(affine.reason);
  return fold_into_gemm(batch_norm, *gemm, affine.value, rewriter);
}

constexpr std::array<std::string_view, 1> kAnchors{"BatchNormalization"};

}  // namespace

const Rewrite& fuse_gemm_batch_norm() {
  static const NodeRewrite kRewrite("FuseGemmBatchNorm", "Folds a batch-norm into the Gemm or MatMul before it.",
                                    kAnchors, fuse);
  return kRewrite;
}

}  // namespace surgery
