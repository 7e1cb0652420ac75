#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"of a shape",
     R"(agraph (float[N,S] x) => (int64[1] y) <int64 i = {1}, int64[1] a = {0}> { s = Shape (x)  g = Gather (s, i)  y = Unsqueeze (g, a) })",
     R"(s = Shape (x)
y = Gather <axis = 0> (s, i_list)
)"},
    {"along a later axis, counted from the end",
     R"(agraph (float[2,3,4] x) => (float[...] y) <int64 i = {-1}, int64[1] a = {-2}> { g = Gather <axis = 1> (x, i)  y = Unsqueeze (g, a) })",
     R"(y = Gather <axis = 1> (x, i_list)
)"},
    {"opset 11",
     R"(<ir_version: 6, opset_import: ["" : 11]> agraph (float[2,3,4] x) => (float[...] y) <int64 i = {0}> { g = Gather (x, i)  y = Unsqueeze <axes = [0]> (g) })",
     R"(y = Gather <axis = 0> (x, i_list)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"another axis",
     R"(agraph (float[2,3,4] x) => (float[...] y) <int64 i = {0}, int64[1] a = {2}> { g = Gather (x, i)  y = Unsqueeze (g, a) })",
     "the axes differ"},
    {"a list of indices",
     R"(agraph (float[2,3,4] x) => (float[...] y) <int64[1] i = {0}, int64[1] a = {0}> { g = Gather (x, i)  y = Unsqueeze (g, a) })",
     "the index is not a constant scalar"},
    {"an index that is an input",
     R"(agraph (float[2,3,4] x, int64 i) => (float[...] y) <int64[1] a = {0}> { g = Gather (x, i)  y = Unsqueeze (g, a) })",
     "the index is not a constant scalar"},
    {"used elsewhere",
     R"(agraph (float[2,3,4] x) => (float[...] y, float[...] g) <int64 i = {0}, int64[1] a = {0}> { g = Gather (x, i)  y = Unsqueeze (g, a) })",
     "the gathered tensor is used elsewhere"},
    {"two axes",
     R"(agraph (float[2,3,4] x) => (float[...] y) <int64 i = {0}, int64[2] a = {0,1}> { g = Gather (x, i)  y = Unsqueeze (g, a) })",
     "not one constant axis"},
    {"nothing before", R"(agraph (float[2,3] x) => (float[...] y) <int64[1] a = {0}> { y = Unsqueeze (x, a) })",
     "no Gather comes before"},
};

TEST_CASE("MergeGatherUnsqueeze makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"MergeGatherUnsqueeze"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("MergeGatherUnsqueeze leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("MergeGatherUnsqueeze", refusal.text) == refusal.reason);
  }
}

}  // namespace
