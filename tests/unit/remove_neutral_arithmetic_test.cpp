#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"x + 0", R"(agraph (float[N,4] x) => (float[N,4] y) <float z = {0}> { a = Add (x, z)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
    {"0 + x, a vector of zeros",
     R"(agraph (float[N,4] x) => (float[N,4] y) <float[4] z = {0,0,0,0}> { a = Add (z, x)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
    {"x * 1 / 1 - 0",
     R"(agraph (float[N,4] x) => (float[N,4] y) <float z = {0}, float[1] o = {1}> { a = Mul (x, o)  b = Div (a, o)  c = Sub (b, z)  y = Neg (c) })",
     R"(y = Neg (x)
)"},
    {"x ** 1", R"(agraph (float[N,4] x) => (float[N,4] y) <int64 o = {1}> { a = Pow (x, o)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
    {"and true, or false",
     R"(agraph (bool[N,4] x) => (bool[N,4] y) <bool t = {1}, bool f = {0}> { a = And (x, t)  b = Or (f, a)  y = Not (b) })",
     R"(y = Not (x)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"another number", R"(agraph (float[N,4] x) => (float[N,4] y) <float z = {2}> { a = Add (x, z)  y = Neg (a) })",
     "no operand is a neutral element"},
    {"1 / x", R"(agraph (float[N,4] x) => (float[N,4] y) <float o = {1}> { a = Div (o, x)  y = Neg (a) })",
     "no operand is a neutral element"},
    {"0 - x", R"(agraph (float[N,4] x) => (float[N,4] y) <float o = {0}> { a = Sub (o, x)  y = Neg (a) })",
     "no operand is a neutral element"},
    {"1 ** x", R"(agraph (float[N,4] x) => (float[N,4] y) <float o = {1}> { a = Pow (o, x)  y = Neg (a) })",
     "no operand is a neutral element"},
    {"a zero that a caller may override",
     R"(agraph (float[N,4] x, float z = {0}) => (float[N,4] y) { a = Add (x, z)  y = Neg (a) })",
     "no operand is a neutral element"},
    {"zeros that make it larger",
     R"(agraph (float[1,4] x) => (float[3,4] y) <float[3,1] z = {0,0,0}> { a = Add (x, z)  y = Neg (a) })",
     "the constant may make the result larger"},
    {"a higher rank",
     R"(agraph (float[N,4] x) => (float[1,N,4] y) <float[1,1,1] z = {0}> { a = Add (x, z)  y = Neg (a) })",
     "the constant may make the result larger"},
    {"from input to output", R"(agraph (float[N,4] x) => (float[N,4] y) <float z = {0}> { y = Add (x, z) })",
     "the result is a graph output that the input cannot stand for"},
};

TEST_CASE("RemoveNeutralArithmetic makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"RemoveNeutralArithmetic"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("RemoveNeutralArithmetic leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("RemoveNeutralArithmetic", refusal.text) == refusal.reason);
  }
}

}  // namespace
