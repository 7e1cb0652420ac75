#include <doctest/doctest.h>

#include <algorithm>

#include "rewrite_testing.h"

namespace surgery {
namespace {

using graph_text::parse;
using rewrite_testing::after;

TEST_CASE("EliminateDeadNodes removes what no output needs, with the weights that only it read") {
  const auto model = parse(R"(
    agraph (float[2] x) => (float[2] y) <float[2] w = {1,2}, float[2] v = {1,2}> {
      a = Add (x, w)
      b = Neg (a)
      c = Mul (x, v)
      y = Neg (c)
    })");
  CHECK(after(*model, {"EliminateDeadNodes"}) == "c = Mul (x, v)\ny = Neg (c)\n");
  CHECK(model->graph().initializers().size() == 1);
}

TEST_CASE("EliminateDeadNodes keeps what a subgraph reads, and goes into subgraphs") {
  CHECK(after(R"(
    agraph (bool q, float[2] x) => (float[2] y) {
      a = Neg (x)
      y = If (q) <then_branch = t () => (float[2] r) { r = Abs (a)  d = Abs (r) },
                  else_branch = e () => (float[2] s) { s = Abs (x) }>
    })",
              {"EliminateDeadNodes"}) ==
        "a = Neg (x)\ny = If (q)\n  then_branch:\n    r = Abs (a)\n  else_branch:\n    s = Abs (x)\n");
}

TEST_CASE("EliminateDeadNodes removes a node with subgraphs and what only those read") {
  CHECK(after(R"(
    agraph (bool q, float[2] x) => (float[2] y) {
      a = Neg (x)
      z = If (q) <then_branch = t () => (float[2] r) { r = Abs (a) },
                  else_branch = e () => (float[2] s) { s = Abs (x) }>
      y = Abs (x)
    })",
              {"EliminateDeadNodes"}) == "y = Abs (x)\n");
}

TEST_CASE("EliminateDeadNodes keeps a node of which one result is used") {
  constexpr std::string_view kText = "agraph (float[4] x) => (float[2] z) { y, z = Split (x) }";
  CHECK(after(kText, {"EliminateDeadNodes"}) == "y, z = Split (x)\n");
}

TEST_CASE("RemoveUnusedInitializers removes weights that nothing reads") {
  const auto model = parse(R"(
    agraph (float[2] x, float[2] d = {1,2}) => (float[2] y) <float[2] w = {1,2}, float[2] v = {1,2}> { y = Add (x, v) })");
  after(*model, {"RemoveUnusedInitializers"});
  REQUIRE(model->graph().initializers().size() == 2);  // d: a caller may set it
  CHECK(model->graph().find("w") == nullptr);
}

TEST_CASE("RemoveUnusedInitializers keeps what only a subgraph reads") {
  const auto model = parse(R"(
    agraph (bool q, float[2] x) => (float[2] y) <float[2] w = {1,2}> {
      y = If (q) <then_branch = t () => (float[2] r) { r = Add (x, w) },
                  else_branch = e () => (float[2] s) { s = Abs (x) }>
    })");
  CHECK(rewrite_testing::apply(*model, {"RemoveUnusedInitializers"}).steps == 0);
}

TEST_CASE("MakeConstantsInitializers stores results of Constant nodes under the same names") {
  const auto model = parse(R"(
    agraph (float[2] x) => (float[2] y, float[2] z) {
      c = Constant <value = float[2] {1,2}> ()
      n = Constant <value_ints = [3,4]> ()
      f = Cast <to = 1> (n)
      d = Add (x, c)
      y = Add (d, f)
      z = Constant <value = float[2] {1,2}> ()
    })");
  CHECK(after(*model, {"MakeConstantsInitializers"}) ==
        "f = Cast <to = 1> (n)\nd = Add (x, c)\ny = Add (d, f)\nz = Constant <value = float[2] [1, 2]> ()\n");
  CHECK(rewrite_testing::constant_values(*model, "n") == std::vector<double>{3, 4});
}

TEST_CASE("MakeConstantsInitializers leaves models alone whose initializers have to be inputs") {
  const auto model = parse(R"(
    <ir_version: 3, opset_import: ["" : 8]>
    agraph (float[2] x) => (float[2] y) { c = Constant <value = float[2] {1,2}> ()  y = Add (x, c) })");
  CHECK(rewrite_testing::apply(*model, {"MakeConstantsInitializers"}).steps == 0);
}

TEST_CASE("EliminateCommonSubexpressions computes once what is computed twice") {
  CHECK(after(R"(
    agraph (float[2,2] x) => (float[2,2] y) {
      a = Transpose <perm = [1,0]> (x)
      b = Transpose <perm = [1,0]> (x)
      c = Neg (a)
      d = Neg (b)
      y = Add (c, d)
    })",
              {"EliminateCommonSubexpressions"}) == "a = Transpose <perm = [1, 0]> (x)\nc = Neg (a)\ny = Add (c, c)\n");
}

TEST_CASE("EliminateCommonSubexpressions lets the earlier node take the name of a graph output") {
  const auto model = parse(R"(
    agraph (float[2] x) => (float[2] y, float[2] z) { a = Neg (x)  y = Neg (x)  z = Abs (a) })");
  CHECK(after(*model, {"EliminateCommonSubexpressions"}) == "y = Neg (x)\nz = Abs (y)\n");
}

TEST_CASE("EliminateCommonSubexpressions keeps calls that differ, or have to stay two") {
  constexpr std::string_view kTexts[] = {
      // attributes, operators, order of inputs
      "agraph (float[2] x) => (float[2] y) { a = Elu <alpha = 1.0> (x)  b = Elu <alpha = 2.0> (x)  y = Add (a, b) }",
      "agraph (float[2] x) => (float[2] y) { a = Neg (x)  b = Abs (x)  y = Add (a, b) }",
      "agraph (float[2] x, float[2] z) => (float[2] y) { a = Sub (x, z)  b = Sub (z, x)  y = Add (a, b) }",
      // random numbers
      R"(agraph (float[2] x) => (float[2] y) {
           a = RandomNormal <shape = [2]> ()  b = RandomNormal <shape = [2]> ()  y = Add (a, b) })",
      // two graph outputs
      "agraph (float[2] x) => (float[2] y, float[2] z) { y = Neg (x)  z = Neg (x) }",
      // custom operators, which may count their calls
      R"(<opset_import: ["custom" : 1]> agraph (float[2] x) => (float[...] y, float[...] z) {
           a = custom.Op (x)  b = custom.Op (x)  y = Neg (a)  z = Abs (b) })",
      // subgraphs
      R"(agraph (bool q, float[2] x) => (float[2] y, float[2] z) {
           y = If (q) <then_branch = t () => (float[2] r) { r = Neg (x) }, else_branch = e () => (float[2] s) { s = Abs (x) }>
           z = If (q) <then_branch = u () => (float[2] m) { m = Neg (x) }, else_branch = f () => (float[2] n) { n = Abs (x) }>
         })",
  };
  for (const std::string_view text : kTexts) {
    CAPTURE(text);
    CHECK(rewrite_testing::apply(*parse(text), {"EliminateCommonSubexpressions"}).steps == 0);
  }
}

TEST_CASE("MergeEqualInitializers keeps one of several equal weights") {
  const auto model = parse(R"(
    agraph (float[2] x) => (float[2] y)
    <float[2] a = {1,2}, float[2] b = {1,2}, float[2] c = {1,3}, int64[2] d = {1,2}>
    {
      e = Add (x, a)
      f = Add (e, b)
      g = Add (f, c)
      y = Expand (g, d)
    })");
  CHECK(after(*model, {"MergeEqualInitializers"}) ==
        "e = Add (x, a)\nf = Add (e, a)\ng = Add (f, c)\ny = Expand (g, d)\n");
  CHECK(model->graph().initializers().size() == 3);
}

TEST_CASE("MergeEqualInitializers keeps weights apart that a caller may set, and zeros of different sign") {
  constexpr std::string_view kTexts[] = {
      "agraph (float[2] x, float[2] a = {1,2}) => (float[2] y) <float[2] b = {1,2}> { e = Add (x, a)  y = Add (e, b) }",
      "agraph (float[1] x) => (float[1] y) <float[1] a = {0}, float[1] b = {-0.0}> { e = Add (x, a)  y = Add (e, b) }",
      "agraph (float[1] x) => (float[1] y) <float[1] a = {0}, int32[1] b = {0}> { e = Add (x, a)  y = Expand (e, b) }",
  };
  for (const std::string_view text : kTexts) {
    CAPTURE(text);
    CHECK(rewrite_testing::apply(*parse(text), {"MergeEqualInitializers"}).steps == 0);
  }
}

TEST_CASE("MergeEqualShapeValues finds the same size behind different tensors") {
  constexpr std::string_view kText = R"(
    agraph (float[N,4] x, float[N,4] z) => (int64[1] y) <int64[1] i = {0}, int64[1] j = {-2}> {
      s = Shape (x)
      a = Gather (s, i)
      r = Relu (x)
      t = Shape (r)
      b = Gather (t, j)
      y = Add (a, b)
    })";
  const auto model = parse(kText);
  CHECK(after(*model, {"MergeEqualShapeValues"}) == "s = Shape (x)\na = Gather (s, i)\ny = Add (a, a)\n");
  CHECK(rewrite_testing::same_results(kText, *model));
}

TEST_CASE("MergeEqualShapeValues keeps sizes apart that need not be equal") {
  constexpr std::string_view kTexts[] = {
      // two symbols
      R"(agraph (float[N] x, float[M] z) => (int64[1] y) { a = Shape (x)  b = Shape (z)  y = Add (a, b) })",
      // unknown dims
      R"(agraph (float[?] x, float[?] z) => (int64[1] y) { a = Shape (x)  b = Shape (z)  y = Add (a, b) })",
      // a scalar and a list of one
      R"(agraph (float[N] x) => (int64[1] y) <int64 i = {0}> { a = Shape (x)  b = Gather (a, i)  y = Add (a, b) })",
      // numbers of another type
      R"(agraph (float[N] x) => (int64[1] y, int32[1] z) { y = Shape (x)  z = Cast <to = 6> (y) })",
  };
  for (const std::string_view text : kTexts) {
    CAPTURE(text);
    CHECK(rewrite_testing::apply(*parse(text), {"MergeEqualShapeValues"}).steps == 0);
  }
}

TEST_CASE("MergeEqualShapeValues keeps an unsorted graph free of cycles") {
  const auto model = parse(R"(
    agraph (float[N,4] x) => (int64[2] y) { a = Shape (x)  b = Neg (a)  c = Neg (b)  y = Add (a, c) })");
  std::vector<Node*> nodes = model->graph().nodes();
  std::reverse(nodes.begin(), nodes.end());
  model->graph().reorder(nodes);
  rewrite_testing::apply(*model, {"MergeEqualShapeValues"});
  CHECK(model->graph().topological_order().has_value());
}

}  // namespace
}  // namespace surgery
