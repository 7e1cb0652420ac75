#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"Reshape of Reshape",
     R"(agraph (float[N,4,6] x) => (float[...] y) <int64[2] a = {0,24}, int64[2] b = {-1,8}> { r = Reshape (x, a)  y = Reshape (r, b) })",
     R"(y = Reshape (x, b)
)"},
    {"a 0 that means the same dim before",
     R"(agraph (float[N,4,6] x) => (float[...] y) <int64[2] a = {0,24}, int64[3] b = {0,8,3}> { r = Reshape (x, a)  y = Reshape (r, b) })",
     R"(y = Reshape (x, y_shape)
)"},
    {"Unsqueeze of Squeeze",
     R"(agraph (float[N,1,6] x) => (float[...] y) <int64[1] a = {1}, int64[1] b = {2}> { r = Squeeze (x, a)  y = Unsqueeze (r, b) })",
     R"(y = Reshape (x, y_shape)
)"},
    {"Reshape of Flatten",
     R"(agraph (float[N,4,6] x) => (float[...] y) <int64[3] b = {-1,3,8}> { r = Flatten (x)  y = Reshape (r, b) })",
     R"(y = Reshape (x, b)
)"},
    {"the first is used elsewhere too",
     R"(agraph (float[N,4,6] x) => (float[...] y, float[...] r) <int64[2] b = {-1,8}> { r = Flatten (x)  y = Reshape (r, b) })",
     R"(r = Flatten (x)
y = Reshape (x, b)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"nothing before", R"(agraph (float[N,4] x) => (float[...] y) <int64[2] b = {-1,2}> { y = Reshape (x, b) })",
     "no change of shape comes before"},
    {"a dim to be worked out beside one that may be 0",
     R"(agraph (float[N,M,K] x) => (float[...] y) <int64[2] a = {0,-1}, int64[1] b = {1}> {
          r = Reshape (x, a)
          y = Unsqueeze (r, b)
        })",
     "no constant target is right for every size"},
    {"an unknown rank",
     R"(agraph (float[...] x) => (float[...] y) <int64[1] a = {0}> { r = Flatten (x)  y = Unsqueeze (r, a) })",
     "a rank is not known"},
    {"opset 4",
     R"(<ir_version: 3, opset_import: ["" : 4]> agraph (float[N,4] x) => (float[...] y) {
          r = Flatten (x)
          y = Reshape <shape = [-1]> (r)
        })",
     "the target is an attribute"},
};

TEST_CASE("MergeReshapes makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"MergeReshapes"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("MergeReshapes leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("MergeReshapes", refusal.text) == refusal.reason);
  }
}

}  // namespace
