#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"in the middle",
     R"(       agraph (float[N,4] x) => (float[N,4] y) { a = Relu (x)  b = Identity (a)  y = Neg (b) })",
     R"(a = Relu (x)
y = Neg (a)
)"},
    {"at a graph output, whose name the producer takes",
     R"(       agraph (float[N,4] x) => (float[N,4] y) { a = Relu (x)  b = Neg (a)  y = Identity (a)  c = Neg (b) })",
     R"(y = Relu (x)
b = Neg (y)
c = Neg (b)
)"},
    {"a chain",
     R"(       agraph (float[N,4] x) => (float[N,4] y) { a = Identity (x)  b = Identity (a)  c = Identity (b)  y = Neg (c) })",
     R"(y = Neg (x)
)"},
    {"of a weight",
     R"(       agraph (float[4] x) => (float[4] y) <float[4] w = {1,2,3,4}> { a = Identity (w)  y = Add (x, a) })",
     R"(y = Add (x, w)
)"},
    {"in a subgraph, of an outer value",
     R"(       agraph (bool c, float[4] x) => (float[4] y) {
         o = Relu (x)
         y = If (c) <then_branch = t () => (float[4] r) { i = Identity (o)  r = Neg (i) },
                     else_branch = e () => (float[4] s) { s = Identity (o) }>
       })",
     R"(o = Relu (x)
y = If (c)
  then_branch:
    r = Neg (o)
  else_branch:
    s = Identity (o)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"from a graph input to a graph output", R"(agraph (float[4] x) => (float[4] y) { y = Identity (x) })",
     "the result is a graph output that the input cannot stand for"},
    {"from one graph output to another",
     R"(agraph (float[4] x) => (float[4] a, float[4] y) { a = Relu (x)  y = Identity (a) })",
     "the result is a graph output that the input cannot stand for"},
    {"from a weight to a graph output",
     R"(agraph (float[4] x) => (float[4] z, float[4] y) <float[4] w = {1,2,3,4}> { z = Relu (x)  y = Identity (w) })",
     "the result is a graph output that the input cannot stand for"},
};

TEST_CASE("RemoveIdentity makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"RemoveIdentity"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("RemoveIdentity leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("RemoveIdentity", refusal.text) == refusal.reason);
  }
}

}  // namespace
