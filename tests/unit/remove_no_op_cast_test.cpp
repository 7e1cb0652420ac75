#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"Cast", R"(agraph (float[4] x) => (float[4] y) { a = Relu (x)  b = Cast <to = 1> (a)  y = Neg (b) })",
     R"(a = Relu (x)
y = Neg (a)
)"},
    {"CastLike", R"(agraph (float[4] x, float[2] t) => (float[4] y) { b = CastLike (x, t)  y = Neg (b) })",
     R"(y = Neg (x)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"another type", R"(agraph (float[4] x) => (double[4] y) { b = Cast <to = 11> (x)  y = Neg (b) })",
     "the cast changes the type"},
    {"a type that is not known",
     R"(<opset_import: ["custom" : 1]> agraph (float[4] x) => (float[4] y) { u = custom.Thing (x)  b = Cast <to = 1> (u)  y = Neg (b) })",
     "the cast changes the type"},
    {"from input to output", R"(agraph (float[4] x) => (float[4] y) { y = Cast <to = 1> (x) })",
     "the result is a graph output that the input cannot stand for"},
};

TEST_CASE("RemoveNoOpCast makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"RemoveNoOpCast"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("RemoveNoOpCast leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("RemoveNoOpCast", refusal.text) == refusal.reason);
  }
}

}  // namespace
