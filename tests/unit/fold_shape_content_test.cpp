#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"a static shape", R"(agraph (float[2,3] x) => (float[...] y) { s = Shape (x)  y = Reshape (x, s) })",
     R"(y = Reshape (x, s)
)"},
    {"the known part of a shape, as a scalar",
     R"(agraph (float[N,3] x) => (int64 y) <int64 i = {1}> { s = Shape (x)  g = Gather (s, i)  y = Neg (g) })",
     R"(y = Constant <value = int64[] [-3]> ()
)"},
    {"a graph output", R"(agraph (float[2,3] x) => (int64[2] y) { y = Shape (x) })",
     R"(y = Constant <value = int64[2] [2, 3]> ()
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"a symbol", R"(agraph (float[N,3] x) => (int64[2] y) { y = Shape (x) })", "the elements are not known"},
    {"a tensor of numbers", R"(agraph (float[2] x) => (float[2] y) { y = Neg (x) })", "the elements are not known"},
    {"nothing that uses it", R"(agraph (float[2] x) => (float[2] y) { y = Neg (x)  s = Shape (x) })",
     "nothing uses it"},
};

TEST_CASE("FoldShapeContent makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"FoldShapeContent"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("FoldShapeContent leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("FoldShapeContent", refusal.text) == refusal.reason);
  }
}

}  // namespace
