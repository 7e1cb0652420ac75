#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"Reshape to the dims that are there",
     R"(agraph (float[N,4] x) => (float[N,4] y) <int64[2] s = {0,4}> { a = Reshape (x, s)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
    {"Reshape with one dim to be worked out",
     R"(agraph (float[N,4] x) => (float[N,4] y) <int64[2] s = {-1,4}> { a = Reshape (x, s)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
    {"Flatten of a matrix", R"(agraph (float[N,4] x) => (float[N,4] y) { a = Flatten (x)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
    {"Squeeze of nothing", R"(agraph (float[3,4] x) => (float[3,4] y) { a = Squeeze (x)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
    {"Unsqueeze of no axes",
     R"(agraph (float[3,4] x) => (float[3,4] y) <int64[0] a = {}> { b = Unsqueeze (x, a)  y = Neg (b) })",
     R"(y = Neg (x)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"another shape",
     R"(agraph (float[N,4] x) => (float[N,2,2] y) <int64[3] s = {0,2,2}> { a = Reshape (x, s)  y = Neg (a) })",
     "the shape changes, or may change"},
    {"a shape that is only possibly the same",
     R"(agraph (float[N,M] x) => (float[...] y) <int64[2] s = {-1,4}> { a = Reshape (x, s)  y = Neg (a) })",
     "the shape changes, or may change"},
    {"unknown dims are not equal",
     R"(agraph (float[?,4] x, int64[2] s) => (float[...] y) { a = Reshape (x, s)  y = Neg (a) })",
     "the shape changes, or may change"},
    {"from input to output", R"(agraph (float[N,4] x) => (float[N,4] y) { y = Flatten (x) })",
     "the result is a graph output that the input cannot stand for"},
};

TEST_CASE("RemoveNoOpReshape makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"RemoveNoOpReshape"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("RemoveNoOpReshape leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("RemoveNoOpReshape", refusal.text) == refusal.reason);
  }
}

}  // namespace
