#include "surgery/cost.h"

#include <doctest/doctest.h>

#include "graph_text.h"

namespace surgery {
namespace {

struct Costed {
  std::unique_ptr<Model> model;
  ModelCost cost;
};

Costed costed(std::string_view text, const Dim::Bindings& bindings = {}) {
  Costed result{graph_text::parse(text), {}};
  Inference inference(*result.model);
  inference.run();
  result.cost = cost_of(*result.model, inference, bindings);
  return result;
}

struct MacCase {
  std::string_view name;
  std::string_view model;
  std::string_view macs;
};

// Counted by hand: elements of the result times the products that each is a sum of.
const MacCase kMacCases[] = {
    {"Conv: 1x8x6x6 results of 3*3*3 products",
     "g (float[1,3,8,8] x, float[8,3,3,3] w) => (float[...] y) { y = Conv (x, w) }", "7776"},
    {"grouped Conv: 1x8x6x6 results of 2*3*3 products",
     "g (float[1,4,8,8] x, float[8,2,3,3] w) => (float[...] y) { y = Conv <group = 2> (x, w) }", "5184"},
    {"a symbolic batch", "g (float[N,3,8,8] x, float[8,3,3,3] w) => (float[...] y) { y = Conv (x, w) }", "7776*N"},
    {"ConvTranspose: 1x4x5x5 inputs, each to 2*3*3 results",
     "g (float[1,4,5,5] x, float[4,2,3,3] w) => (float[...] y) { y = ConvTranspose (x, w) }", "1800"},
    {"Gemm", "g (float[5,7] a, float[7,3] b) => (float[...] y) { y = Gemm (a, b) }", "105"},
    {"Gemm, transposed",
     "g (float[7,5] a, float[3,7] b) => (float[...] y) { y = Gemm <transA = 1, transB = 1> (a, b) }", "105"},
    {"MatMul with a batch", "g (float[4,2,3] a, float[3,5] b) => (float[...] y) { y = MatMul (a, b) }", "120"},
    {"MatMul of vectors", "g (float[6] a, float[6] b) => (float[...] y) { y = MatMul (a, b) }", "6"},
    {"Einsum: 2*3*4 loops",
     "g (float[2,3] a, float[3,4] b) => (float[...] y) { y = Einsum <equation = \"ij,jk->ik\"> (a, b) }", "24"},
    {"LSTM: 5 steps of 2 samples through 1x12x4 and 1x12x3",
     "g (float[5,2,4] x, float[1,12,4] w, float[1,12,3] r) => (float[...] y) { y = LSTM <hidden_size = 3> (x, w, r) }",
     "840"},
    {"elementwise operators multiply no matrices", "g (float[100] x) => (float[...] y) { y = Mul (x, x) }", "0"},
    {"the costlier branch of an If",
     R"(g (bool c, float[4,4] x) => (float[...] y) {
       y = If (c) <then_branch = t () => (float[...] a) { a = MatMul (x, x) },
                   else_branch = e () => (float[...] b) { b = Relu (x) }> })",
     "64"},
    {"a Loop of 10 iterations",
     R"(g (bool c, float[4,4] x) => (float[...] y) <int64 n = {10}> {
       y = Loop (n, c, x) <body = b (int64 i, bool k, float[4,4] s) => (bool k2, float[4,4] t) {
         k2 = Identity (k)
         t = MatMul (s, x) }> })",
     "640"},
    {"a function that is called twice",
     R"(<ir_version: 8, opset_import: ["" : 17, "local" : 1]>
       g (float[4,4] x) => (float[...] y) { a = local.square (x)
         y = local.square (a) }
       <domain: "local"> square (a) => (r) { r = MatMul (a, a) })",
     "128"},
};

TEST_CASE("multiply-accumulates are counted as by hand") {
  for (const MacCase& c : kMacCases) {
    CAPTURE(c.name);
    const Costed result = costed(c.model);
    CHECK(result.cost.macs.to_string() == c.macs);
    CHECK(result.cost.num_unknown_macs == 0);
  }
}

TEST_CASE("a node of unknown shape is counted as such, and leaves the others known") {
  const Costed result = costed(R"(g (float[...] x, float[2,3] a, float[3,4] b) => (float[...] y, float[2,4] z) {
    y = MatMul (x, x)
    z = MatMul (a, b) })");
  CHECK(result.cost.num_unknown_macs == 1);
  CHECK(result.cost.macs.is(24));
  CHECK(result.cost.nodes[0].macs.is_unknown());
}

TEST_CASE("a loop of unknown length has unknown cost unless its body costs nothing") {
  const auto macs = [](std::string_view op) {
    return costed(
               "g (int64 n, bool c, float[4,4] x) => (float[...] y) { y = Loop (n, c, x) <body = b (int64 i, bool k, "
               "float[4,4] s) => (bool k2, float[4,4] t) { k2 = Identity (k)\n t = " +
               std::string(op) + " (s, x) }> }")
        .cost.macs;
  };
  CHECK(macs("Add").is(0));
  CHECK(costed("g (float[4,4] x) => (float[4,4] y) { y = Relu (x) }").cost.num_unknown_macs == 0);
  CHECK(macs("MatMul").is(0));  // of the known nodes, that is
}

TEST_CASE("parameters count once for the model and once for each node that reads them") {
  const Costed result = costed(R"(g (float[2,3] x) => (float[2,3] y) <float[3] b = fill(1), int8[5] unused = fill(2)> {
    a = Add (x, b)
    c = Add (a, b)
    k = Constant <value = float[3] {1, 2, 3}> ()
    y = Mul (c, k) })");
  CHECK(result.cost.num_parameters == 3 + 5 + 3);
  CHECK(result.cost.parameter_bytes == 12 + 5 + 12);
  CHECK(result.cost.nodes[0].num_parameters == 3);
  CHECK(result.cost.nodes[1].num_parameters == 3);
  CHECK(result.cost.nodes[3].num_parameters == 3);
}

TEST_CASE("memory holds what is still to be read") {
  // 40 bytes each: x, a, b, y. While b is made x, a and b are alive, while y is made a, b and y.
  const Costed result = costed(R"(g (float[10] x) => (float[10] y) {
    a = Relu (x)
    b = Add (x, a)
    y = Mul (a, b) })");
  CHECK(result.cost.nodes[0].live_bytes.is(80));
  CHECK(result.cost.nodes[1].live_bytes.is(120));
  CHECK(result.cost.nodes[2].live_bytes.is(120));
  CHECK(result.cost.peak_bytes.is(120));
  CHECK(result.cost.peak == result.cost.nodes[1].node);
  CHECK(result.cost.activation_bytes.is(120));
}

TEST_CASE("a result that only a subgraph reads lives until its node has run") {
  const Costed result = costed(R"(g (bool c, float[10] x) => (float[10] y) {
    a = Relu (x)
    b = Neg (x)
    y = If (c) <then_branch = t () => (float[10] p) { p = Add (a, b) },
                else_branch = e () => (float[10] q) { q = Neg (b) }> })");
  CHECK(result.cost.nodes[2].live_bytes.is(40 + 40 + 40 + 1));
}

TEST_CASE("symbols are replaced by the sizes given for them") {
  constexpr std::string_view kText = "g (float[N,3] x, float[3,4] w) => (float[N,4] y) { y = MatMul (x, w) }";
  const Costed open = costed(kText);
  CHECK(open.cost.macs.to_string() == "12*N");
  CHECK(open.cost.peak_bytes.is_unknown());
  CHECK(open.cost.peak == nullptr);
  const Costed closed = costed(kText, {{"N", 5}});
  CHECK(closed.cost.macs.is(60));
  CHECK(closed.cost.peak_bytes.is(60 + 48 + 80));
}

TEST_CASE("a size that no shape tells is counted as unknown") {
  const Costed result = costed("g (string[3] x) => (string[3] y) { y = Identity (x) }");
  CHECK(result.cost.num_unknown_bytes == 1);
  CHECK(result.cost.activation_bytes.is(0));
}

}  // namespace
}  // namespace surgery
