#include <array>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Makes a Gemm of a MatMul of two matrices and the Add behind it.
/// Matches   y = MatMul(a, b) + c, c + MatMul(a, b).
/// Requires  opset 7 or later; a and b of rank 2, of a floating-point type that Gemm takes; c of rank 2 at most, y
///           proven of the product's shape; the product has one use and is not a graph output.
/// Produces  y = Gemm(a, b, c).
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX Gemm-13, MatMul-13, Add-14.
RewriteResult simplify_node(Node& add, Rewriter& rewriter) {
  if (rewriter.opset() < 7 || add.inputs().size() != 2) return RewriteResult::declined("no numpy-style addition");
  const Node* first = producer(add.input(0), "MatMul");
  const Node* second = producer(add.input(1), "MatMul");
  // Of two products, the one that nothing else reads.
  const size_t index = first == nullptr || (second != nullptr && !first->output(0)->has_one_use()) ? 1 : 0;
  const Node* product = index == 0 ? first : second;
  if (product == nullptr) return RewriteResult::declined("no MatMul feeds the addition");
  Value* bias = add.input(1 - index);
  if (bias == nullptr || add.output(0) == nullptr) return RewriteResult::declined("an input is omitted");
  if (&product->graph() != &add.graph()) return RewriteResult::declined("the two nodes are in different graphs");
  if (!product->output(0)->has_one_use()) return RewriteResult::declined("the product is used elsewhere");
  if (rank(rewriter, product->input(0)) != 2 || rank(rewriter, product->input(1)) != 2) {
    return RewriteResult::declined("the factors are not known to be matrices");
  }
  const DataType type = rewriter.element_type(*product->output(0));
  if (type != DataType::kFloat && type != DataType::kDouble && type != DataType::kFloat16) {
    return RewriteResult::declined("Gemm is not used on this type");
  }
  const auto bias_rank = rank(rewriter, bias);
  if (!bias_rank || *bias_rank > 2 || !proven_same_shape(rewriter, *product->output(0), *add.output(0))) {
    return RewriteResult::declined("the sum is not known to have the product's shape");
  }
  NodeSpec spec{.op_type = "Gemm", .inputs = {product->input(0), product->input(1), bias}, .name = product->name()};
  rewriter.become(add, std::move(spec));
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 1> kAnchors{"Add"};

}  // namespace

const Rewrite& fuse_matmul_add() {
  static const NodeRewrite kRewrite("FuseMatMulAdd", "Makes a Gemm of a MatMul of two matrices and the Add behind it.",
                                    kAnchors, simplify_node);
  return kRewrite;
}

}  // namespace surgery
