#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"a bias behind a Gemm",
     R"(agraph (float[N,3] x) => (float[...] y) <float[3,2] w = fill(1), float[2] b = fill(3), float[2] c = fill(2)> { v = Gemm (x, w, b)  y = Add (v, c) })",
     R"(y = Gemm (x, w, b_folded)
)"},
    {"a factor behind a MatMul",
     R"(agraph (float[N,3] x) => (float[...] y) <float[3,2] w = fill(1), float[1,2] c = fill(2)> { v = MatMul (x, w)  y = Mul (c, v) })",
     R"(y = MatMul (x, w_folded)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"a constant per row",
     R"(agraph (float[2,3] x) => (float[...] y) <float[3,2] w = fill(1), float[2,1] c = fill(2)> { v = Gemm (x, w)  y = Add (v, c) })",
     "the constant is not one number per channel"},
    {"a product of no constant matrix",
     R"(agraph (float[2,3] x, float[3,2] w) => (float[...] y) <float c = {2}> { v = Gemm (x, w)  y = Add (v, c) })",
     "not a matrix product with a constant matrix"},
    {"no product", R"(agraph (float[2,3] x) => (float[...] y) <float c = {2}> { y = Add (x, c) })",
     "no matrix product feeds the node"},
};

TEST_CASE("FuseGemmArithmetic makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"FuseGemmArithmetic"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("FuseGemmArithmetic leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("FuseGemmArithmetic", refusal.text) == refusal.reason);
  }
}

}  // namespace
