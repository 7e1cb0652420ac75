#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"without bounds", R"(agraph (float[N,4] x) => (float[N,4] y) { b = Clip (x)  y = Neg (b) })",
     R"(y = Neg (x)
)"},
    {"infinite bounds",
     R"(agraph (float[N,4] x) => (float[N,4] y) <float l = {-inf}, float h = {inf}> { b = Clip (x, l, h)  y = Neg (b) })",
     R"(y = Neg (x)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"a lower bound", R"(agraph (float[N,4] x) => (float[N,4] y) <float l = {0}> { b = Clip (x, l)  y = Neg (b) })",
     "there is a bound"},
    {"an upper bound", R"(agraph (float[N,4] x) => (float[N,4] y) <float h = {6}> { b = Clip (x, , h)  y = Neg (b) })",
     "there is a bound"},
    {"a bound that is an input", R"(agraph (float[N,4] x, float l) => (float[N,4] y) { b = Clip (x, l)  y = Neg (b) })",
     "there is a bound"},
    {"opset 6, whose default is the largest number",
     R"(<ir_version: 3, opset_import: ["" : 6]> agraph (float[N,4] x) => (float[N,4] y) { b = Clip (x)  y = Neg (b) })",
     "there is a bound"},
};

TEST_CASE("RemoveNoOpClip makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"RemoveNoOpClip"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("RemoveNoOpClip leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("RemoveNoOpClip", refusal.text) == refusal.reason);
  }
}

}  // namespace
