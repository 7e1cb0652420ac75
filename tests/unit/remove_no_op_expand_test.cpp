#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"Expand by ones",
     R"(agraph (float[N,4] x) => (float[N,4] y) <int64[1] s = {1}> { a = Expand (x, s)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
    {"Expand to the own shape",
     R"(agraph (float[N,4] x) => (float[N,4] y) { s = Shape (x)  a = Expand (x, s)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
    {"Tile once", R"(agraph (float[N,4] x) => (float[N,4] y) <int64[2] r = {1,1}> { a = Tile (x, r)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"a dim that grows",
     R"(agraph (float[1,4] x) => (float[3,4] y) <int64[2] s = {3,4}> { a = Expand (x, s)  y = Neg (a) })",
     "the shape changes, or may change"},
    {"a rank that grows",
     R"(agraph (float[N,4] x) => (float[1,N,4] y) <int64[3] s = {1,1,1}> { a = Expand (x, s)  y = Neg (a) })",
     "the shape changes, or may change"},
    {"a symbol that may be 1",
     R"(agraph (float[N,4] x, float[M,4] z) => (float[...] y) { s = Shape (z)  a = Expand (x, s)  y = Neg (a) })",
     "the shape changes, or may change"},
    {"Tile twice", R"(agraph (float[N,4] x) => (float[...] y) <int64[2] r = {1,2}> { a = Tile (x, r)  y = Neg (a) })",
     "the shape changes, or may change"},
    {"from input to output", R"(agraph (float[N,4] x) => (float[N,4] y) <int64[2] r = {1,1}> { y = Tile (x, r) })",
     "the result is a graph output that the input cannot stand for"},
};

TEST_CASE("RemoveNoOpExpand makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"RemoveNoOpExpand"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("RemoveNoOpExpand leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("RemoveNoOpExpand", refusal.text) == refusal.reason);
  }
}

}  // namespace
