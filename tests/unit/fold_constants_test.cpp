#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace surgery {
namespace {

using graph_text::parse;
using rewrite_testing::after;
using rewrite_testing::constant_values;

TEST_CASE("FoldConstants computes what is constant, under the same names") {
  const auto model = parse(R"(
    agraph (float[3] x) => (float[3] y) <float[3] a = {1,2,3}, float[3] b = {4,5,6}> {
      c = Mul (a, b)
      d = Neg (c)
      y = Add (x, d)
    })");
  CHECK(after(*model, {"FoldConstants"}) == "y = Add (x, d)\n");
  CHECK(constant_values(*model, "d") == std::vector<double>{-4, -10, -18});
  CHECK(model->graph().initializers().size() == 1);
}

TEST_CASE("FoldConstants makes a Constant of a graph output") {
  CHECK(after("agraph (float[1] x) => (float[1] x2, float[2] y) <float[2] a = {1,2}> { x2 = Neg (x)  y = Neg (a) }",
              {"FoldConstants"}) == "x2 = Neg (x)\ny = Constant <value = float[2] [-1, -2]> ()\n");
}

TEST_CASE("FoldConstants folds each used result of a node with several") {
  const auto model = parse(R"(
    agraph (float[2] x) => (float[2] y) <float[4] a = {1,2,3,4}> { b, c = Split (a)  d = Add (x, b)  y = Add (d, c) })");
  CHECK(after(*model, {"FoldConstants"}) == "d = Add (x, b)\ny = Add (d, c)\n");
  CHECK(constant_values(*model, "c") == std::vector<double>{3, 4});
}

TEST_CASE("FoldConstants works in subgraphs, on constants from outside too") {
  const auto model = parse(R"(
    agraph (bool q, float[2] x) => (float[2] y) <float[2] a = {1,2}> {
      y = If (q) <then_branch = t () => (float[2] r) { b = Neg (a)  r = Add (x, b) },
                  else_branch = e () => (float[2] s) { s = Neg (a) }>
    })");
  CHECK(after(*model, {"FoldConstants"}) ==
        "y = If (q)\n  then_branch:\n    r = Add (x, b)\n  else_branch:\n    s = Constant <value = float[2] [-1, -2]> "
        "()\n");
}

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"an input of the graph", "agraph (float[2] x) => (float[2] y) { y = Neg (x) }", "an input is not constant"},
    {"a weight that a caller may override", "agraph (float[2] x = {1,2}) => (float[2] y) { y = Neg (x) }",
     "an input is not constant"},
    {"random numbers", "agraph (float[2] x) => (float[2] y) <float[2] p = {0.5,0.5}> { y = Bernoulli (p) }",
     "it may be random, or is not standard"},
    {"a custom operator",
     R"(<opset_import: ["custom" : 1]> agraph (float[2] x) => (float[2] y) <float[2] p = {1,2}> { y = custom.Op (p) })",
     "it may be random, or is not standard"},
    {"a subgraph",
     R"(agraph (float[2] x) => (float[2] y) <bool c = {1}> {
          y = If (c) <then_branch = t () => (float[2] r) { r = Neg (x) },
                      else_branch = e () => (float[2] s) { s = Abs (x) }> })",
     "it has subgraphs"},
    {"quantized weights",
     R"(agraph (float[2] x) => (float[2] y) <int8[2] w = {1,2}, float s = {0.1}> { y = DequantizeLinear (w, s) })",
     "it (de)quantizes"},
    {"a bomb of ConstantOfShape",
     R"(agraph (float[2] x) => (float[...] y) <int64[3] s = {1000000,1000000,1000}> { y = ConstantOfShape (s) })",
     "the result is too large"},
    {"a bomb of Expand",
     R"(agraph (float[2] x) => (float[...] y) <float[1] w = {1}, int64[2] s = {1000,1000}> { y = Expand (w, s) })",
     "the result is too large"},
    {"a bomb of Tile",
     R"(agraph (float[2] x) => (float[...] y) <float[1] w = {1}, int64[1] s = {1000000000000}> { y = Tile (w, s) })",
     "the result is too large"},
    {"a bomb of Range",
     R"(agraph (float[2] x) => (int64[...] y) <int64 a = {0}, int64 b = {1000000000000}, int64 c = {1}> {
          y = Range (a, b, c) })",
     "the result is too large"},
    {"a bomb of broadcasting",
     R"(agraph (float[2] x) => (float[...] y) <float[1000,1] a = fill(1), float[1,1000] b = fill(2)> { y = Add (a, b) })",
     "the result is too large"},
    {"a result that has to stay one of several",
     R"(agraph (float[2] x) => (float[2] y, float[2] z) <float[4] a = {1,2,3,4}> { y, z = Split (a) })",
     "a result has to stay a node's"},
    {"a node that cannot be computed",
     R"(agraph (float[2] x) => (float[...] y) <float[2,3] a = fill(1), float[2,3] b = fill(1)> { y = MatMul (a, b) })",
     "(error)"},
};

TEST_CASE("FoldConstants leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    if (refusal.reason == "(error)") {
      CHECK(rewrite_testing::apply(*parse(refusal.text), {"FoldConstants"}).steps == 0);
    } else {
      CHECK(rewrite_testing::reason("FoldConstants", refusal.text) == refusal.reason);
    }
  }
}

TEST_CASE("FoldConstants does nothing without an evaluator") {
  const auto model = parse("agraph (float[1] x) => (float[2] y) <float[2] a = {1,2}> { y = Neg (a) }");
  CHECK(simplify(*model, nullptr).steps == 0);
}

TEST_CASE("FoldConstants counts the constants that go against what it adds") {
  constexpr std::string_view kText = R"(
    agraph (float[100] x) => (float[100] y) <float[100] a = fill(1), float[1] b = {1}> { c = Add (a, b)  y = Add (x, c) })";
  const auto model = parse(kText);
  SimplifyOptions options;
  options.max_folded_bytes = 0;
  CHECK(rewrite_testing::apply(*model, {"FoldConstants"}, options).steps == 1);
  // A reader that keeps the input alive makes the result an addition.
  const auto shared = parse(R"(
    agraph (float[100] x) => (float[100] y, float[100] z) <float[100] a = fill(1), float[1] b = {1}> {
      c = Add (a, b)  y = Add (x, c)  z = Sub (x, a) })");
  CHECK(rewrite_testing::apply(*shared, {"FoldConstants"}, options).steps == 0);
}

}  // namespace
}  // namespace surgery
