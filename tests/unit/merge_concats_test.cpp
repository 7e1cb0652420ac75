#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"one in another",
     R"(agraph (float[N,1] a, float[N,2] b, float[N,3] c) => (float[...] y) { i = Concat <axis = 1> (a, b)  y = Concat <axis = 1> (c, i, a) })",
     R"(y = Concat <axis = 1> (c, a, b, a)
)"},
    {"an axis counted from the end",
     R"(agraph (float[N,1] a, float[N,2] b) => (float[...] y) { i = Concat <axis = -1> (a, b)  y = Concat <axis = 1> (i, a) })",
     R"(y = Concat <axis = 1> (a, b, a)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"other axes",
     R"(agraph (float[2,2] a) => (float[...] y) { i = Concat <axis = 0> (a, a)  j = Concat <axis = 0> (a, a)  y = Concat <axis = 1> (i, j) })",
     "the axes differ"},
    {"an inner one that is read twice",
     R"(agraph (float[2,2] a) => (float[...] y) { i = Concat <axis = 0> (a, a)  y = Concat <axis = 0> (i, i) })",
     "no Concat feeds the node"},
    {"an inner one that is a graph output",
     R"(agraph (float[2,2] a) => (float[...] y, float[...] i) { i = Concat <axis = 0> (a, a)  y = Concat <axis = 0> (i, a) })",
     "no Concat feeds the node"},
};

TEST_CASE("MergeConcats makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"MergeConcats"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("MergeConcats leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("MergeConcats", refusal.text) == refusal.reason);
  }
}

}  // namespace
