#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"to the end",
     R"(agraph (float[N,4] x) => (float[N,4] y) <int64[1] s = {0}, int64[1] e = {9223372036854775807}, int64[1] a = {0}> { b = Slice (x, s, e, a)  y = Neg (b) })",
     R"(y = Neg (x)
)"},
    {"an end that is the dim",
     R"(agraph (float[N,4] x) => (float[N,4] y) <int64[1] s = {0}, int64[1] e = {4}, int64[1] a = {1}, int64[1] t = {1}> { b = Slice (x, s, e, a, t)  y = Neg (b) })",
     R"(y = Neg (x)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"one element less",
     R"(agraph (float[N,4] x) => (float[N,3] y) <int64[1] s = {1}, int64[1] e = {4}, int64[1] a = {1}> { b = Slice (x, s, e, a)  y = Neg (b) })",
     "the shape changes, or may change"},
    {"backwards",
     R"(agraph (float[3,4] x) => (float[3,4] y) <int64[1] s = {-1}, int64[1] e = {-5}, int64[1] a = {1}, int64[1] t = {-1}> { b = Slice (x, s, e, a, t)  y = Neg (b) })",
     "a step is not known to be 1"},
    {"steps that are an input",
     R"(agraph (float[3,4] x, int64[1] t) => (float[3,4] y) <int64[1] s = {0}, int64[1] e = {4}, int64[1] a = {1}> { b = Slice (x, s, e, a, t)  y = Neg (b) })",
     "a step is not known to be 1"},
    {"an end that a symbol may pass",
     R"(agraph (float[N] x) => (float[...] y) <int64[1] s = {0}, int64[1] e = {100}> { b = Slice (x, s, e)  y = Neg (b) })",
     "the shape changes, or may change"},
};

TEST_CASE("RemoveNoOpSlice makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"RemoveNoOpSlice"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("RemoveNoOpSlice leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("RemoveNoOpSlice", refusal.text) == refusal.reason);
  }
}

}  // namespace
