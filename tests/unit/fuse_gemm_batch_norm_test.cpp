#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"Gemm with all its attributes",
     R"(agraph (float[3,N] x) => (float[N,4] y) <float[4,3] w = fill(1), float[4] c = fill(2), float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5), float[4] var = fill(6, 0.5, 2)> { g = Gemm <alpha = 0.5, beta = 2.0, transA = 1, transB = 1> (x, w, c)  y = BatchNormalization (g, s, B, mean, var) })",
     R"(y = Gemm <alpha = 0.5, transA = 1, transB = 1> (x, w_folded, c_folded)
)"},
    {"Gemm without a bias",
     R"(agraph (float[N,3] x) => (float[N,4] y) <float[3,4] w = fill(1), float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5), float[4] var = fill(6, 0.5, 2)> { g = Gemm (x, w)  y = BatchNormalization (g, s, B, mean, var) })",
     R"(y = Gemm (x, w_folded, w_bias)
)"},
    {"MatMul",
     R"(agraph (float[N,3] x) => (float[N,4] y) <float[3,4] w = fill(1), float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5), float[4] var = fill(6, 0.5, 2)> { g = MatMul (x, w)  y = BatchNormalization (g, s, B, mean, var) })",
     R"(y = Gemm (x, w_folded, w_bias)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"a MatMul whose channels are not the columns",
     R"(agraph (float[N,4,3] x) => (float[N,4,4] y) <float[3,4] w = fill(1), float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5), float[4] var = fill(6, 0.5, 2)> { g = MatMul (x, w)  y = BatchNormalization (g, s, B, mean, var) })",
     "not a matrix product with a constant matrix"},
    {"a bias per row",
     R"(agraph (float[2,3] x) => (float[2,4] y) <float[3,4] w = fill(1), float[2,1] c = {1,2}, float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5), float[4] var = fill(6, 0.5, 2)> { g = Gemm (x, w, c)  y = BatchNormalization (g, s, B, mean, var) })",
     "the bias is not one number per column"},
    {"a computed bias",
     R"(agraph (float[2,3] x, float[4] c) => (float[2,4] y) <float[3,4] w = fill(1), float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5), float[4] var = fill(6, 0.5, 2)> { g = Gemm (x, w, c)  y = BatchNormalization (g, s, B, mean, var) })",
     "the bias is not constant"},
    {"training form",
     R"(agraph (float[2,3] x) => (float[2,4] y) <float[3,4] w = fill(1), float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5), float[4] var = fill(6, 0.5, 2)> { g = Gemm (x, w)  y = BatchNormalization <training_mode = 1> (g, s, B, mean, var) })",
     "the batch-norm is not in inference form"},
    {"a shared weight",
     R"(agraph (float[2,4] x) => (float[2,4] y) <float[4,4] w = fill(1), float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5), float[4] var = fill(6, 0.5, 2)> { h = Gemm (x, w)  g = Gemm (h, w)  y = BatchNormalization (g, s, B, mean, var) })",
     "the weight is shared"},
    {"a product used elsewhere",
     R"(agraph (float[2,3] x) => (float[2,4] y, float[2,4] g) <float[3,4] w = fill(1), float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5), float[4] var = fill(6, 0.5, 2)> { g = Gemm (x, w)  y = BatchNormalization (g, s, B, mean, var) })",
     "the result between the two is used elsewhere"},
    {"no product",
     R"(agraph (float[2,4] x) => (float[2,4] y) <float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5), float[4] var = fill(6, 0.5, 2)> { y = BatchNormalization (x, s, B, mean, var) })",
     "no Gemm or MatMul feeds the batch-norm"},
};

TEST_CASE("FuseGemmBatchNorm makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"FuseGemmBatchNorm"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("FuseGemmBatchNorm leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("FuseGemmBatchNorm", refusal.text) == refusal.reason);
  }
}

}  // namespace
