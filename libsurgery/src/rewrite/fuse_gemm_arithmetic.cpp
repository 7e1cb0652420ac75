#include <array>

#include "rewrite/fold_affine.h"
#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Folds an Add, Sub, Mul or Div with a constant per column into the Gemm, or MatMul of matrices, that feeds it.
/// Matches   y = Gemm(x, W, b) + c, c + Gemm, Gemm - c, c - Gemm, Gemm * c, Gemm / c; MatMul(x, W) likewise.
/// Requires  W, b, c constant and not overridable graph inputs; b and c one number or one per column, of rank 2 at
///           most; the product has one use and is not a graph output; nothing else reads W.
/// Produces  y = Gemm(x, W*scale, beta*b*scale + shift), computed in double. W stays where scale is 1.
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX Add-14, Gemm-13, MatMul-13.
RewriteResult fuse(Node& node, Rewriter& rewriter) {
  RewriteResult result = RewriteResult::declined("no matrix product feeds the node");
  for (size_t i = 0; i < 2 && !result.changed; ++i) {
    Node* gemm = producer(node.input(i), "Gemm");
    if (gemm == nullptr) gemm = producer(node.input(i), "MatMul");
    if (gemm == nullptr) continue;
    const auto columns = num_gemm_columns(*gemm, rewriter);
    if (!columns) return RewriteResult::declined("not a matrix product with a constant matrix");
    const auto affine = affine_of_arithmetic(node, i, 2, *columns, rewriter);
    result = affine ? fold_into_gemm(node, *gemm, affine.value, rewriter) : RewriteResult::declined(affine.reason);
  }
  return result;
}

constexpr std::array<std::string_view, 4> kAnchors{"Add", "Sub", "Mul", "Div"};

}  // namespace

const Rewrite& fuse_gemm_arithmetic() {
  static const NodeRewrite kRewrite(
      "FuseGemmArithmetic",
      "Folds an Add, Sub, Mul or Div with a constant per column into the matrix product before it.", kAnchors, fuse);
  return kRewrite;
}

}  // namespace surgery
