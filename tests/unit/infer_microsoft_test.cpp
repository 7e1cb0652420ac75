#include "exec/kernel.h"
#include "infer/registry.h"
#include "infer_testing.h"

namespace infer_testing {
namespace {

TEST_CASE("inference has a function for every operator that the executor runs") {
  for (const exec::Kernel& kernel : exec::all_kernels()) {
    CAPTURE(kernel.domain);
    CAPTURE(kernel.op_type);
    const bool found = infer::find_infer_function(kernel.domain, kernel.op_type) != nullptr;
    CHECK(found);
  }
}

TEST_CASE("com.microsoft: fused products and windows") {
  const InferCase cases[] = {
      {"FusedConv", 17, "float[N,3,H,W] x, float[8,3,3,3] w", "",
       R"(y = com.microsoft.FusedConv <pads = [1,1,1,1], activation = "Relu"> (x, w))", "float[N, 8, H, W]"},
      {"FusedGemm", 17, "float[N,4] a, float[5,4] b", "", "y = com.microsoft.FusedGemm <transB = 1> (a, b)",
       "float[N, 5]"},
      {"FusedMatMul", 17, "float[N,4,3] a, float[N,5,4] b", "",
       "y = com.microsoft.FusedMatMul <transA = 1, transB = 1> (a, b)", "float[N, 3, 5]"},
      {"FusedMatMul with a batch that moves", 17, "float[4,N,3] a, float[N,3,5] b", "",
       "y = com.microsoft.FusedMatMul <transBatchA = 1> (a, b)", "float[N, 4, 5]"},
      {"FusedMatMul of other sizes", 17, "float[N,4] a, float[5,4] b", "", "y = com.microsoft.FusedMatMul (a, b)",
       "error: inner dims 4 and 5 differ"},
      {"DynamicQuantizeMatMul", 17, "float[N,S,4] a, int8[4,5] b, float s", "",
       "y = com.microsoft.DynamicQuantizeMatMul (a, b, s)", "float[N, S, 5]"},
      {"MatMulIntegerToFloat", 17, "uint8[N,4] a, int8[4,5] b, float s, float t", "",
       "y = com.microsoft.MatMulIntegerToFloat (a, b, s, t)", "float[N, 5]"},
      {"MatMulNBits", 17, "float16[N,S,64] a, uint8[16,2,16] b, float16[32] s", "",
       "y = com.microsoft.MatMulNBits <K = 64, N = 16, bits = 4, block_size = 32> (a, b, s)", "float16[N, S, 16]"},
      {"CDist", 17, "float[M,3] a, float[N,3] b", "", R"(y = com.microsoft.CDist <metric = "euclidean"> (a, b))",
       "float[M, N]"},
      {"QLinearAveragePool", 17, "uint8[N,9,9,3] x, float s, uint8 z", "",
       "y = com.microsoft.QLinearAveragePool <kernel_shape = [3,3], strides = [2,2], channels_last = 1> (x, s, z, s, "
       "z)",
       "uint8[N, 4, 4, 3]"},
      {"NhwcMaxPool", 17, "int8[N,9,9,3] x", "",
       "y = com.microsoft.NhwcMaxPool <kernel_shape = [3,3], strides = [2,2]> (x)", "int8[N, 4, 4, 3]"},
      {"QLinearConcat", 17, "uint8[N,3] x, uint8[N,C] y, float s, uint8 z", "",
       "r = com.microsoft.QLinearConcat <axis = 1> (s, z, x, s, z, y, s, z)", "uint8[N, C + 3]"},
  };
  check_cases(cases);
}

TEST_CASE("com.microsoft: pieces of transformers") {
  const InferCase cases[] = {
      {"Attention", 17, "float[B,S,8] x, float[8,24] w, float[24] b", "",
       "y, p = com.microsoft.Attention <num_heads = 2> (x, w, b)", "float[B, S, 8] ; float[2, B, 2, S, 4]"},
      {"Attention with a past and sizes of its own", 17,
       "float[B,S,8] x, float[8,20] w, float[20] b, float[2,B,2,P,4] past", "",
       "y, p = com.microsoft.Attention <num_heads = 2, qkv_hidden_sizes = [8,8,4]> (x, w, b, , past)",
       "float[B, S, 4] ; float[2, B, 2, P + S, 4]"},
      {"MultiHeadAttention", 17, "float[B,S,8] q, float[B,L,8] k, float[B,L,6] v", "",
       "y, a, b = com.microsoft.MultiHeadAttention <num_heads = 2> (q, k, v)",
       "float[B, S, 6] ; float[B, 2, L, 4] ; float[B, 2, L, 3]"},
      {"MultiHeadAttention of packed heads", 17, "float[B,S,2,3,4] q", "",
       "y = com.microsoft.MultiHeadAttention <num_heads = 2> (q)", "float[B, S, 8]"},
      {"MultiHeadAttention with a past", 17,
       "float[B,S,8] q, float[B,S,8] k, float[B,S,8] v, float[B,2,P,4] pk, float[B,2,P,4] pv", "",
       "y, a, b = com.microsoft.MultiHeadAttention <num_heads = 2> (q, k, v, , , , pk, pv)",
       "float[B, S, 8] ; float[B, 2, P + S, 4] ; float[B, 2, P + S, 4]"},
      {"GroupQueryAttention", 17,
       "float[B,S,16] q, float[B,S,8] k, float[B,S,8] v, float[B,2,P,4] pk, float[B,2,P,4] pv, int32[B] l, int32 t", "",
       "y = com.microsoft.GroupQueryAttention <num_heads = 4, kv_num_heads = 2> (q, k, v, pk, pv, l, t)",
       "float[B, S, 16]"},
      {"GroupQueryAttention of packed heads", 17, "float[B,S,32] q, int32[B] l, int32 t", "",
       "y = com.microsoft.GroupQueryAttention <num_heads = 4, kv_num_heads = 2> (q, , , , , l, t)", "float[B, S, 16]"},
      {"EmbedLayerNormalization", 17,
       "int32[B,S] i, int32[B,S] s, float[99,8] w, float[64,8] p, float[2,8] g, float[8] a, float[8] b", "",
       "y, m = com.microsoft.EmbedLayerNormalization (i, s, w, p, g, a, b)", "float[B, S, 8] ; int32[B]"},
      {"SkipLayerNormalization", 17, "float[B,S,8] x, float[B,S,8] k, float[8] g", "",
       "y, m, d, s = com.microsoft.SkipLayerNormalization (x, k, g)",
       "float[B, S, 8] ; float[B, S, 1] ; float[B, S, 1] ; float[B, S, 8]"},
      {"SimplifiedLayerNormalization", 17, "float[B,S,8] x, float[8] g", "", "y = SimplifiedLayerNormalization (x, g)",
       "float[B, S, 8]"},
      {"RotaryEmbedding", 17, "float[B,S,8] x, int64[B,S] p, float[9,2] c", "",
       "y = com.microsoft.RotaryEmbedding (x, p, c, c)", "float[B, S, 8]"},
      {"Trilu", 17, "float[B,S,8] x", "", "y = com.microsoft.Trilu (x)", "float[B, S, 8]"},
  };
  check_cases(cases);
}

}  // namespace
}  // namespace infer_testing
