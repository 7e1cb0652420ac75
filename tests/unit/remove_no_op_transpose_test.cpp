#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"the identity", R"(agraph (float[N,4] x) => (float[N,4] y) { a = Transpose <perm = [0,1]> (x)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
    {"a vector", R"(agraph (float[N] x) => (float[N] y) { a = Transpose (x)  y = Neg (a) })",
     R"(y = Neg (x)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"axes that change places",
     R"(agraph (float[N,4] x) => (float[4,N] y) { a = Transpose <perm = [1,0]> (x)  y = Neg (a) })",
     "the axes change places"},
    {"a matrix without perm", R"(agraph (float[N,4] x) => (float[4,N] y) { a = Transpose (x)  y = Neg (a) })",
     "the axes are reversed"},
    {"an unknown rank without perm", R"(agraph (float[...] x) => (float[...] y) { a = Transpose (x)  y = Neg (a) })",
     "the axes are reversed"},
    {"from input to output", R"(agraph (float[N] x) => (float[N] y) { y = Transpose (x) })",
     "the result is a graph output that the input cannot stand for"},
};

TEST_CASE("RemoveNoOpTranspose makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"RemoveNoOpTranspose"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("RemoveNoOpTranspose leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("RemoveNoOpTranspose", refusal.text) == refusal.reason);
  }
}

}  // namespace
