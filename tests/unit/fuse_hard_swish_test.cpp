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
     R"(agraph (float[N,4] x) => (float[N,4] y) { s = HardSigmoid <alpha = 0.16666667, beta = 0.5> (x)  a = Mul (s, x)  t = HardSigmoid <alpha = 0.16666667, beta = 0.5> (a)  y = Mul (a, t) })",
     R"(a = HardSwish (x)
y = HardSwish (a)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"opset 13",
     R"(<ir_version: 7, opset_import: ["" : 13]> agraph (float[N,4] x) => (float[N,4] y) { s = HardSigmoid <alpha = 0.16666667> (x)  y = Mul (s, x) })",
     "the opset has no HardSwish"},
    {"other coefficients", R"(agraph (float[N,4] x) => (float[N,4] y) { s = HardSigmoid (x)  y = Mul (s, x) })",
     "the sigmoid has other coefficients"},
    {"of something else",
     R"(agraph (float[N,4] x, float[N,4] z) => (float[N,4] y) { s = HardSigmoid <alpha = 0.16666667> (z)  y = Mul (s, x) })",
     "not a product of x and HardSigmoid(x)"},
    {"a sigmoid used elsewhere",
     R"(agraph (float[N,4] x) => (float[N,4] y, float[N,4] s) { s = HardSigmoid <alpha = 0.16666667> (x)  y = Mul (s, x) })",
     "the sigmoid is used elsewhere"},
};

TEST_CASE("FuseHardSwish makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"FuseHardSwish"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("FuseHardSwish leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("FuseHardSwish", refusal.text) == refusal.reason);
  }
}

}  // namespace
