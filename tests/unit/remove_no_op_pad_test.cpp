#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"opset 17", R"(agraph (float[N,4] x) => (float[N,4] y) <int64[4] p = {0,0,0,0}> { b = Pad (x, p)  y = Neg (b) })",
     R"(y = Neg (x)
)"},
    {"opset 10",
     R"(<ir_version: 5, opset_import: ["" : 10]> agraph (float[N,4] x) => (float[N,4] y) { b = Pad <pads = [0,0,0,0]> (x)  y = Neg (b) })",
     R"(y = Neg (x)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"one element more",
     R"(agraph (float[N,4] x) => (float[...] y) <int64[4] p = {0,0,0,1}> { b = Pad (x, p)  y = Neg (b) })",
     "the pads are not known to be 0"},
    {"one more, one less",
     R"(agraph (float[N,4] x) => (float[...] y) <int64[4] p = {0,1,0,-1}> { b = Pad (x, p)  y = Neg (b) })",
     "the pads are not known to be 0"},
    {"pads that are an input", R"(agraph (float[N,4] x, int64[4] p) => (float[...] y) { b = Pad (x, p)  y = Neg (b) })",
     "the pads are not known to be 0"},
};

TEST_CASE("RemoveNoOpPad makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"RemoveNoOpPad"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("RemoveNoOpPad leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("RemoveNoOpPad", refusal.text) == refusal.reason);
  }
}

}  // namespace
