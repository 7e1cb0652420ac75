#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"two",
     R"(agraph (float[2,3,4] x) => (float[...] y) { a = Transpose <perm = [1,2,0]> (x)  y = Transpose <perm = [0,2,1]> (a) })",
     R"(y = Transpose <perm = [1, 0, 2]> (x)
)"},
    {"without perm",
     R"(agraph (float[2,3,4] x) => (float[...] y) { a = Transpose (x)  y = Transpose <perm = [0,2,1]> (a) })",
     R"(y = Transpose <perm = [2, 0, 1]> (x)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"one", R"(agraph (float[2,3] x) => (float[...] y) { y = Transpose (x) })", "no Transpose comes before"},
    {"an unknown rank",
     R"(agraph (float[...] x) => (float[...] y) { a = Transpose (x)  y = Transpose <perm = [1,0]> (a) })",
     "a permutation is not known"},
    {"an impossible permutation",
     R"(agraph (float[2,3] x) => (float[...] y) { a = Transpose <perm = [1,0]> (x)  y = Transpose <perm = [0,7]> (a) })",
     "a permutation is not valid"},
};

TEST_CASE("MergeTransposes makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"MergeTransposes"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("MergeTransposes leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("MergeTransposes", refusal.text) == refusal.reason);
  }
}

}  // namespace
