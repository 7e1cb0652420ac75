#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"either order",
     R"(agraph (float[N,3] x) => (float[...] y) <float[3,4] w = fill(1), float[4] b = fill(2), float[4,2] v = fill(3), float[1,2] c = fill(4)> { m = MatMul (x, w)  a = Add (b, m)  n = MatMul (a, v)  y = Add (n, c) })",
     R"(a = Gemm (x, w, b)
y = Gemm (a, v, c)
)"},
    {"computed operands",
     R"(agraph (float[N,3] x, float[3,4] w, float[N,4] b) => (float[...] y) { m = MatMul (x, w)  y = Add (m, b) })",
     R"(y = Gemm (x, w, b)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"a batch of matrices",
     R"(agraph (float[N,2,3] x) => (float[...] y) <float[3,4] w = fill(1), float[4] b = fill(2)> { m = MatMul (x, w)  y = Add (m, b) })",
     "the factors are not known to be matrices"},
    {"a bias that makes it larger",
     R"(agraph (float[1,3] x) => (float[...] y) <float[3,4] w = fill(1), float[5,4] b = fill(2)> { m = MatMul (x, w)  y = Add (m, b) })",
     "the sum is not known to have the product's shape"},
    {"a bias of a higher rank",
     R"(agraph (float[1,3] x) => (float[...] y) <float[3,4] w = fill(1), float[1,1,4] b = fill(2)> { m = MatMul (x, w)  y = Add (m, b) })",
     "the sum is not known to have the product's shape"},
    {"integers",
     R"(agraph (int32[N,3] x, int32[3,4] w, int32[4] b) => (int32[...] y) { m = MatMul (x, w)  y = Add (m, b) })",
     "Gemm is not used on this type"},
    {"a product used elsewhere",
     R"(agraph (float[N,3] x) => (float[...] y, float[...] m) <float[3,4] w = fill(1), float[4] b = fill(2)> { m = MatMul (x, w)  y = Add (m, b) })",
     "the product is used elsewhere"},
    {"no product", R"(agraph (float[N,3] x) => (float[...] y) { y = Add (x, x) })", "no MatMul feeds the addition"},
};

TEST_CASE("FuseMatMulAdd makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"FuseMatMulAdd"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("FuseMatMulAdd leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("FuseMatMulAdd", refusal.text) == refusal.reason);
  }
}

}  // namespace
