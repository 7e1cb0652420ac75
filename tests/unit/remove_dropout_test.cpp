#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"opset 12 without the third input",
     R"(agraph (float[4] x) => (float[4] y) { a = Relu (x)  b, mask = Dropout (a)  y = Neg (b) })",
     R"(a = Relu (x)
y = Neg (a)
)"},
    {"opset 12 with training_mode false",
     R"(agraph (float[4] x) => (float[4] y) <float r = {0.5}, bool t = {0}> { b = Dropout (x, r, t)  y = Neg (b) })",
     R"(y = Neg (x)
)"},
    {"opset 10",
     R"(<ir_version: 5, opset_import: ["" : 10]> agraph (float[4] x) => (float[4] y) { b = Dropout <ratio = 0.3> (x)  y = Neg (b) })",
     R"(y = Neg (x)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"training_mode true",
     R"(agraph (float[4] x) => (float[4] y) <float r = {0.5}, bool t = {1}> { b = Dropout (x, r, t)  y = Neg (b) })",
     "the dropout may be in training form"},
    {"training_mode unknown",
     R"(agraph (float[4] x, bool t) => (float[4] y) <float r = {0.5}> { b = Dropout (x, r, t)  y = Neg (b) })",
     "the dropout may be in training form"},
    {"opset 6 without is_test",
     R"(<ir_version: 3, opset_import: ["" : 6]> agraph (float[4] x) => (float[4] y) { b = Dropout (x)  y = Neg (b) })",
     "the dropout may be in training form"},
    {"a mask that is used", R"(agraph (float[4] x) => (float[4] y, bool[4] m) { y, m = Dropout (x) })",
     "another result is used"},
    {"from input to output", R"(agraph (float[4] x) => (float[4] y) { y = Dropout (x) })",
     "the result is a graph output that the input cannot stand for"},
};

TEST_CASE("RemoveDropout makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"RemoveDropout"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("RemoveDropout leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("RemoveDropout", refusal.text) == refusal.reason);
  }
}

}  // namespace
