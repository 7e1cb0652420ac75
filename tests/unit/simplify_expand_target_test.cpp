#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"the own batch, and more columns",
     R"(       agraph (float[N,1] x) => (float[N,4] y) <int64[1] i = {0}, int64[1] r = {4}> {
         s = Shape (x)  n = Gather (s, i)  t = Concat <axis = 0> (n, r)  y = Expand (x, t) })",
     R"(y = Expand (x, y_shape)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"a constant target", R"(agraph (float[N,1] x) => (float[...] y) <int64[2] t = {1,4}> { y = Expand (x, t) })",
     "the target is constant already"},
    {"the batch of another tensor",
     R"(       agraph (float[1,4] x, float[M,4] z) => (float[...] y) { t = Shape (z)  y = Expand (x, t) })",
     "an element of the target is not known"},
    {"a target that is an input", R"(agraph (float[N,4] x, int64[?] t) => (float[...] y) { y = Expand (x, t) })",
     "the target's or the tensor's rank is not known"},
};

TEST_CASE("SimplifyExpandTarget makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"SimplifyExpandTarget"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("SimplifyExpandTarget leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("SimplifyExpandTarget", refusal.text) == refusal.reason);
  }
}

}  // namespace
