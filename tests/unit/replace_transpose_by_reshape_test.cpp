#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"an axis of size 1 moves",
     R"(agraph (float[N,1,7,8] x) => (float[...] y) { y = Transpose <perm = [0,2,1,3]> (x) })",
     R"(y = Reshape (x, y_shape)
)"},
    {"two of them change places", R"(agraph (float[1,N,1] x) => (float[...] y) { y = Transpose <perm = [2,1,0]> (x) })",
     R"(y = Reshape (x, y_shape)
)"},
    {"the axes are reversed", R"(agraph (float[1,5] x) => (float[5,1] y) { y = Transpose (x) })",
     R"(y = Reshape (x, y_shape)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"other axes change places",
     R"(agraph (float[N,1,7,8] x) => (float[...] y) { y = Transpose <perm = [0,1,3,2]> (x) })",
     "axes that may hold several elements change places"},
    {"a symbol may be more than 1", R"(agraph (float[N,7] x) => (float[...] y) { y = Transpose <perm = [1,0]> (x) })",
     "axes that may hold several elements change places"},
    {"an unknown rank", R"(agraph (float[...] x) => (float[...] y) { y = Transpose (x) })", "the rank is not known"},
    {"two symbols that no target gives where one may be 0",
     R"(agraph (float[1,N,M] x) => (float[...] y) { y = Transpose <perm = [1,2,0]> (x) })",
     "no constant target is right for every size"},
    {"opset 4",
     R"(<ir_version: 3, opset_import: ["" : 4]> agraph (float[1,5] x) => (float[5,1] y) { y = Transpose (x) })",
     "the target of a Reshape is an attribute"},
};

TEST_CASE("ReplaceTransposeByReshape makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"ReplaceTransposeByReshape"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("ReplaceTransposeByReshape leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("ReplaceTransposeByReshape", refusal.text) == refusal.reason);
  }
}

}  // namespace
