#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"a bias",
     R"(agraph (float[N,3,4,4] x) => (float[...] y) <float[2,3,1,1] w = fill(1), float[2,1,1] c = fill(2)> { v = Conv (x, w)  y = Add (c, v) })",
     R"(y = Conv (x, w, w_bias)
)"},
    {"a factor",
     R"(agraph (float[N,3,4,4] x) => (float[...] y) <float[2,3,1,1] w = fill(1), float[2] b = fill(3), float[1,2,1,1] c = fill(2)> { v = Conv (x, w, b)  y = Mul (v, c) })",
     R"(y = Conv (x, w_folded, b_folded)
)"},
    {"c - x, one number",
     R"(agraph (float[N,3,4,4] x) => (float[...] y) <float[2,3,1,1] w = fill(1), float c = {0.5}> { v = Conv (x, w)  y = Sub (c, v) })",
     R"(y = Conv (x, w_folded, w_bias)
)"},
    {"x / c behind ConvTranspose",
     R"(agraph (float[N,3,4,4] x) => (float[...] y) <float[3,2,2,2] w = fill(1), float[2,1,1] c = {2,4}> { v = ConvTranspose (x, w)  y = Div (v, c) })",
     R"(y = ConvTranspose (x, w_folded)
)"},
    {"one after the other",
     R"(agraph (float[N,3,4,4] x) => (float[...] y) <float[2,3,1,1] w = fill(1), float[2,1,1] c = {2,4}> { v = Conv (x, w)  u = Mul (v, c)  y = Sub (u, c) })",
     R"(y = Conv (x, w_folded, w_folded_bias)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"a constant per column",
     R"(agraph (float[N,3,4,2] x) => (float[...] y) <float[2,3,1,1] w = fill(1), float[2] c = fill(2)> { v = Conv (x, w)  y = Add (v, c) })",
     "the constant is not one number per channel"},
    {"a constant of a higher rank",
     R"(agraph (float[N,3,4,4] x) => (float[...] y) <float[2,3,1,1] w = fill(1), float[1,1,1,1,1] c = {2}> { v = Conv (x, w)  y = Add (v, c) })",
     "the constant is not one number per channel"},
    {"division by zero",
     R"(agraph (float[N,3,4,4] x) => (float[...] y) <float[2,3,1,1] w = fill(1), float c = {0}> { v = Conv (x, w)  y = Div (v, c) })",
     "the constant is not finite"},
    {"division of a constant",
     R"(agraph (float[N,3,4,4] x) => (float[...] y) <float[2,3,1,1] w = fill(1), float c = {2}> { v = Conv (x, w)  y = Div (c, v) })",
     "not an affine map of the data"},
    {"a sum of two convolutions",
     R"(agraph (float[N,3,4,4] x) => (float[...] y) <float[2,3,1,1] w = fill(1), float[2,3,1,1] u = fill(2)> { v = Conv (x, w)  z = Conv (x, u)  y = Add (v, z) })",
     "the other operand is not constant"},
    {"a shared weight",
     R"(agraph (float[N,3,4,4] x) => (float[...] y, float[...] z) <float[2,3,1,1] w = fill(1), float c = {2}> { v = Conv (x, w)  z = Conv (x, w)  y = Add (v, c) })",
     "the weight is shared"},
    {"used elsewhere",
     R"(agraph (float[N,3,4,4] x) => (float[...] y, float[...] v) <float[2,3,1,1] w = fill(1), float c = {2}> { v = Conv (x, w)  y = Add (v, c) })",
     "the result between the two is used elsewhere"},
};

TEST_CASE("FuseConvArithmetic makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"FuseConvArithmetic"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("FuseConvArithmetic leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("FuseConvArithmetic", refusal.text) == refusal.reason);
  }
}

}  // namespace
