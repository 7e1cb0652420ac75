#include "infer_testing.h"

namespace infer_testing {
namespace {

TEST_CASE("matrix products") {
  const InferCase cases[] = {
      {"matrices", 13, "float[M,K] a, float[K,5] b", "", "y = MatMul (a, b)", "float[M, 5]"},
      {"batches broadcast", 13, "float[B,1,M,4] a, float[7,4,N] b", "", "y = MatMul (a, b)", "float[B, 7, M, N]"},
      {"a vector on the left", 13, "float[4] a, float[7,4,N] b", "", "y = MatMul (a, b)", "float[7, N]"},
      {"a vector on the right", 13, "float[B,M,4] a, float[4] b", "", "y = MatMul (a, b)", "float[B, M]"},
      {"two vectors", 13, "float[4] a, float[4] b", "", "y = MatMul (a, b)", "float[]"},
      {"inner dims differ", 13, "float[M,3] a, float[4,5] b", "", "y = MatMul (a, b)",
       "error: inner dims 3 and 4 differ"},
      {"a scalar", 13, "float a, float[4,5] b", "", "y = MatMul (a, b)",
       "error: a scalar cannot be multiplied as a matrix"},
      {"MatMulInteger", 10, "uint8[M,4] a, int8[4,5] b", "", "y = MatMulInteger (a, b)", "int32[M, 5]"},
      {"Gemm", 13, "float[M,K] a, float[8,K] b, float[8] c", "", "y = Gemm <transB = 1> (a, b, c)", "float[M, 8]"},
      {"Gemm of transposed", 13, "float[K,M] a, float[K,8] b", "", "y = Gemm <transA = 1> (a, b)", "float[M, 8]"},
      {"Gemm of more dims", 13, "float[M,3,4] a, float[12,8] b", "", "y = Gemm (a, b)",
       "error: input A has rank 3, expected 2"},
      {"Gemm with a wrong C", 13, "float[M,4] a, float[4,8] b, float[7] c", "", "y = Gemm (a, b, c)",
       "error: shapes [M, 8] and [7] do not broadcast"},
      {"Det", 11, "float[N,3,3] x", "", "y = Det (x)", "float[N]"},
      {"Det of no square", 11, "float[N,3,4] x", "", "y = Det (x)", "error: sides of the matrices 4 and 3 differ"},
  };
  check_cases(cases);
}

TEST_CASE("Einsum") {
  const InferCase cases[] = {
      {"product", 12, "float[B,I,J] a, float[B,J,K] b", "", R"(y = Einsum <equation = "bij, bjk -> bik"> (a, b))",
       "float[B, I, K]"},
      {"implicit output", 12, "float[I,J] a, float[J,K] b", "", R"(y = Einsum <equation = "ij,jk"> (a, b))",
       "float[I, K]"},
      {"ellipsis", 12, "float[A,B,I,J] a, float[1,J,K] b", "", R"(y = Einsum <equation = "...ij,...jk->...ik"> (a, b))",
       "float[A, B, I, K]"},
      {"diagonal", 12, "float[B,I,I] a", "", R"(y = Einsum <equation = "bii->bi"> (a))", "float[B, I]"},
      {"diagonal of two symbols", 12, "float[B,I,J] a", "", R"(y = Einsum <equation = "bii->bi"> (a))", "float[B, I]"},
      {"sum", 12, "float[I,J] a", "", R"(y = Einsum <equation = "ij->"> (a))", "float[]"},
      {"sizes differ", 12, "float[I,3] a, float[4,K] b", "", R"(y = Einsum <equation = "ij,jk->ik"> (a, b))",
       "error: index 'j' of the equation has different sizes"},
      {"rank", 12, "float[I,3] a", "", R"(y = Einsum <equation = "ijk->ik"> (a))",
       "error: operand 'ijk' of the equation does not fit rank 2"},
      {"operands", 12, "float[I,3] a", "", R"(y = Einsum <equation = "ij,jk->ik"> (a))",
       "error: equation 'ij,jk->ik' has 2 operands, the node 1"},
      {"letters", 12, "float[I,3] a", "", R"(y = Einsum <equation = "i1->i"> (a))",
       "error: equation 'i1->i' is malformed"},
      {"an index from nowhere", 12, "float[I,3] a", "", R"(y = Einsum <equation = "ij->ik"> (a))",
       "error: index 'k' is in no operand"},
  };
  check_cases(cases);
}

TEST_CASE("reductions") {
  const std::string_view x = "float[N,3,H,W] x";
  const InferCase cases[] = {
      {"all axes", 13, x, "", "y = ReduceMean (x)", "float[1, 1, 1, 1]"},
      {"some", 13, x, "", "y = ReduceMean <axes = [2,-1], keepdims = 0> (x)", "float[N, 3]"},
      {"axes as an input", 18, x, "int64[2] a = {2, 3}", "y = ReduceMax (x, a)", "float[N, 3, 1, 1]"},
      {"ReduceSum has them from 13 on", 13, x, "int64[1] a = {0}", "y = ReduceSum <keepdims = 0> (x, a)",
       "float[3, H, W]"},
      {"no axes, no reduction", 18, x, "", "y = ReduceMax <noop_with_empty_axes = 1> (x)", "float[N, 3, H, W]"},
      {"unknown axes keep the rank", 18, "float[N,3] x, int64[1] a", "", "y = ReduceMax (x, a)", "float[y.0, y.1]"},
      {"or lower it by as many", 18, "float[N,3] x, int64[1] a", "", "y = ReduceMax <keepdims = 0> (x, a)",
       "float[y.0]"},
      {"out of range", 13, x, "", "y = ReduceMean <axes = [4]> (x)", "error: axis 4 is out of range for rank 4"},
      {"twice the same", 13, x, "", "y = ReduceMean <axes = [1,-3]> (x)", "error: axis -3 is given twice"},
      {"the product of a shape", 13, x, "", "s = Shape (x)\n y = ReduceProd <keepdims = 0> (s)", "int64[]{3*H*N*W}"},
      {"its largest", 13, "float[N,3] x", "", "s = Shape (x)\n y = ReduceMax (s)", "int64[1]{max(N, 3)}"},
      {"ArgMax", 13, x, "", "y = ArgMax <axis = 1> (x)", "int64[N, 1, H, W]"},
      {"ArgMin without the axis", 13, x, "", "y = ArgMin <axis = -1, keepdims = 0> (x)", "int64[N, 3, H]"},
  };
  check_cases(cases);
}

}  // namespace
}  // namespace infer_testing
