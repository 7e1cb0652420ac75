#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"Concat", R"(agraph (float[N,4] x) => (float[N,4] y) { a = Concat <axis = 1> (x)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
    {"Max", R"(agraph (float[N,4] x) => (float[N,4] y) { a = Max (x)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"two inputs", R"(agraph (float[N,4] x) => (float[N,8] y) { a = Concat <axis = 1> (x, x)  y = Neg (a) })",
     "there are several inputs"},
    {"from input to output", R"(agraph (float[N,4] x) => (float[N,4] y) { y = Sum (x) })",
     "the result is a graph output that the input cannot stand for"},
};

TEST_CASE("RemoveSingleInput makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"RemoveSingleInput"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("RemoveSingleInput leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("RemoveSingleInput", refusal.text) == refusal.reason);
  }
}

}  // namespace
