#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"all but the first",
     R"(       agraph (float[N,S] x) => (float[...] y) <int64[1] i = {1}, int64[1] one = {1}> {
         s = Shape (x)  e = Gather (s, i)  y = Slice (x, one, e, one) })",
     R"(y = Slice (x, one, y_ends, one)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"constant ends", R"(agraph (float[N,4] x) => (float[...] y) <int64[1] s = {1}> { y = Slice (x, s, s) })",
     "the ends are constant already"},
    {"the end of another axis",
     R"(       agraph (float[N,S] x) => (float[...] y) <int64[1] i = {0}, int64[1] one = {1}> {
         s = Shape (x)  e = Gather (s, i)  y = Slice (x, one, e, one) })",
     "an end is not known"},
    {"axes that are an input",
     R"(       agraph (float[N,S] x, int64[1] a) => (float[...] y) <int64[1] i = {1}, int64[1] one = {1}> {
         s = Shape (x)  e = Gather (s, i)  y = Slice (x, one, e, a) })",
     "the axes are not constant"},
    {"steps of two",
     R"(       agraph (float[N,S] x) => (float[...] y) <int64[1] i = {1}, int64[1] one = {1}, int64[1] two = {2}> {
         s = Shape (x)  e = Gather (s, i)  y = Slice (x, one, e, one, two) })",
     "a step is not known to be 1"},
    {"an axis out of range",
     R"(agraph (float[N,S] x) => (float[...] y) <int64[1] i = {1}, int64[1] one = {1}, int64[1] five = {5}> {
         s = Shape (x)  e = Gather (s, i)  y = Slice (x, one, e, five) })",
     "an axis is out of range"},
    {"opset 9",
     R"(<ir_version: 4, opset_import: ["" : 9]> agraph (float[N,4] x) => (float[...] y) { y = Slice <starts = [0], ends = [1]> (x) })",
     "the ends are an attribute"},
};

TEST_CASE("SimplifySliceEnds makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"SimplifySliceEnds"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("SimplifySliceEnds leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("SimplifySliceEnds", refusal.text) == refusal.reason);
  }
}

}  // namespace
