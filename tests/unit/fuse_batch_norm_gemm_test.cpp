#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"directly",
     R"(agraph (float[N,3] x) => (float[N,4] y) <float[4,3] w = fill(1), float[4] c = fill(2), float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = Gemm <alpha = 0.5, beta = 2.0, transB = 1> (b, w, c) })",
     R"(y = Gemm <alpha = 0.5, transB = 1> (x, w_folded, c_folded)
)"},
    {"through Flatten",
     R"(agraph (float[N,3,2,2] x) => (float[N,4] y) <float[12,4] w = fill(1), float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  f = Flatten (b)  y = Gemm (f, w) })",
     R"(f_unnormalized = Flatten (x)
y = Gemm (f_unnormalized, w_folded, w_bias)
)"},
    {"through Reshape into MatMul",
     R"(agraph (float[2,3,2,2] x) => (float[2,4] y) <float[12,4] w = fill(1), int64[2] t = {2,-1}, float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  f = Reshape (b, t)  y = MatMul (f, w) })",
     R"(f_unnormalized = Reshape (x, t)
y = Gemm (f_unnormalized, w_folded, w_bias)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"transposed data",
     R"(agraph (float[3,4] x) => (float[...] y) <float[3,2] w = fill(1), float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5), float[4] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = Gemm <transA = 1> (b, w) })",
     "the data is transposed"},
    {"rows that do not stay rows",
     R"(agraph (float[2,3,2,2] x) => (float[...] y) <float[24,4] w = fill(1), float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  f = Flatten <axis = 0> (b)  y = Gemm (f, w) })",
     "the features are not known to be the channels, sample by sample"},
    {"a MatMul over another axis",
     R"(agraph (float[2,3,4] x) => (float[...] y) <float[4,4] w = fill(1), float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = MatMul (b, w) })",
     "the features are not known to be the channels, sample by sample"},
    {"used elsewhere",
     R"(agraph (float[N,3] x) => (float[N,4] y, float[N,3] b) <float[3,4] w = fill(1), float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = Gemm (b, w) })",
     "a result on the way is used elsewhere"},
    {"a weight that is an input",
     R"(agraph (float[N,3] x, float[3,4] w) => (float[N,4] y) <float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = Gemm (b, w) })",
     "the weight is not a constant matrix"},
    {"a bias that is an input",
     R"(agraph (float[N,3] x, float[4] c) => (float[N,4] y) <float[3,4] w = fill(1), float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = Gemm (b, w, c) })",
     "the bias is not constant"},
    {"no batch-norm", R"(agraph (float[N,3] x) => (float[N,4] y) <float[3,4] w = fill(1)> { y = Gemm (x, w) })",
     "no batch-norm feeds the product"},
};

TEST_CASE("FuseBatchNormGemm makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"FuseBatchNormGemm"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("FuseBatchNormGemm leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("FuseBatchNormGemm", refusal.text) == refusal.reason);
  }
}

}  // namespace
