#include "surgery/model_diff.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph_text.h"

namespace surgery {
namespace {

struct Pair {
  std::unique_ptr<Model> a;
  std::unique_ptr<Model> b;
  ModelDiff diff;
};

Pair compared(std::string_view a, std::string_view b) {
  Pair pair{graph_text::parse(a), graph_text::parse(b), {}};
  pair.diff = diff_models(*pair.a, *pair.b);
  return pair;
}

std::string text_of(const ModelDiff& diff) {
  std::string text;
  for (const std::string& line : diff.header) text += "header " + line + "\n";
  for (const std::string& line : diff.interface) text += "interface " + line + "\n";
  for (const NodeDifference& node : diff.changed) {
    for (const std::string& change : node.changes) text += "changed " + node.a->op_type() + " " + change + "\n";
  }
  for (const Node* node : diff.only_a) text += "only a " + node->op_type() + "\n";
  for (const Node* node : diff.only_b) text += "only b " + node->op_type() + "\n";
  for (const WeightDifference& weight : diff.weights) {
    text += "weight " + (weight.a != nullptr ? weight.a->name() : "-") + " " +
            (weight.b != nullptr ? weight.b->name() : "-") + " " + std::to_string(weight.num_different) + "\n";
  }
  return text;
}

constexpr std::string_view kBase =
    R"(g (float[2,3] x) => (float[2,3] y) <float[3] w = {1, 2, 3}, float[3] v = {4, 5, 6}> {
  [add] a = Add (x, w)
  [relu] r = Relu (a)
  [mul] y = Mul (r, v) })";

/// The base with one piece of its text replaced, or several.
struct Case {
  std::string_view name;
  std::vector<std::pair<std::string_view, std::string_view>> replaced;
  std::string_view differences;
};

const Case kCases[] = {
    {"the same", {}, ""},
    {"the order of weights does not matter",
     {{"float[3] w = {1, 2, 3}, float[3] v = {4, 5, 6}", "float[3] v = {4, 5, 6}, float[3] w = {1, 2, 3}"}},
     ""},
    {"a node renamed is found by its structure",
     {{"[relu]", "[activation]"}},
     "changed Relu name: 'relu' -> 'activation'\n"},
    {"a node taken out",
     {{"[relu] r = Relu (a)", ""}, {"Mul (r, v)", "Mul (a, v)"}},
     "changed Mul input[0]: 'r' -> 'a'\nonly a Relu\n"},
    {"a node put in",
     {{"[mul]", "[neg] n = Neg (r)  [mul]"}, {"Mul (r, v)", "Mul (n, v)"}},
     "changed Mul input[0]: 'r' -> 'n'\nonly b Neg\n"},
    {"another operator under the same name",
     {{"Relu (a)", "LeakyRelu <alpha = 0.5> (a)"}},
     "changed Relu operator: 'Relu' -> 'LeakyRelu'\nchanged Relu attribute 'alpha': absent -> 0.5\n"},
    {"elements of a weight", {{"{1, 2, 3}", "{1, 2.5, 1}"}}, "weight w w 2\n"},
    {"a weight renamed is found by its content",
     {{"[3] w", "[3] bias"}, {"Add (x, w)", "Add (x, bias)"}},
     "weight w bias 0\n"},
    {"weights swapped",
     {{"Add (x, w)", "Add (x, v)"}, {"Mul (r, v)", "Mul (r, w)"}},
     "changed Add input[1]: 'w' -> 'v'\nchanged Mul input[1]: 'v' -> 'w'\n"},
    {"interface and opset",
     {{"g (float[2,3] x)", R"(<ir_version: 8, opset_import: ["" : 18]> g (float[N,3] x))"}},
     "header opset 'ai.onnx': 17 -> 18\ninterface input 'x': float[2, 3] -> float[N, 3]\n"},
};

std::string base_with(const Case& c) {
  std::string text(kBase);
  for (const auto& [old, now] : c.replaced) {
    const size_t place = text.find(old);
    REQUIRE(place != std::string::npos);
    text.replace(place, old.size(), now);
  }
  return text;
}

TEST_CASE("two models differ where they differ, and nowhere else") {
  for (const Case& c : kCases) {
    CAPTURE(c.name);
    const Pair pair = compared(kBase, base_with(c));
    CHECK(text_of(pair.diff) == c.differences);
    CHECK(pair.diff.is_equal() == c.differences.empty());
  }
}

TEST_CASE("a changed weight says by how much") {
  const Pair pair = compared("g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = Add (x, w) }",
                             "g (float[2] x) => (float[2] y) <float[2] w = {1, 2.25}> { y = Add (x, w) }");
  REQUIRE(pair.diff.weights.size() == 1);
  CHECK(pair.diff.weights[0].max_abs.value() == 0.25);
  CHECK_FALSE(pair.diff.weights[0].is_renamed());
}

TEST_CASE("nodes without names are matched by what they compute") {
  const Pair pair = compared("g (float x) => (float y) { a = Relu (x)\n b = Neg (a)\n y = Exp (b) }",
                             "g (float x) => (float y) { a = Relu (x)\n c = Neg (a)\n y = Exp (c) }");
  CHECK(text_of(pair.diff) == "changed Neg output[0]: 'b' -> 'c'\n");
  CHECK(pair.diff.num_equal_nodes == 2);
}

TEST_CASE("nodes of subgraphs and functions are compared too") {
  const auto model = [](std::string_view op) {
    return R"(<ir_version: 8, opset_import: ["" : 17, "local" : 1]> g (bool c, float x) => (float y) {
      a = local.f (x)
      y = If (c) <then_branch = t () => (float p) { p = )" +
           std::string(op) + R"( (a) }, else_branch = u () => (float q) { q = Identity (a) }> }
      <domain: "local"> f (i) => (o) { o = )" +
           std::string(op) + " (i) }";
  };
  const Pair pair = compared(model("Relu"), model("Neg"));
  CHECK(text_of(pair.diff) == "only a Relu\nonly a Relu\nonly b Neg\nonly b Neg\n");
  CHECK(text_of(compared(model("Relu"), model("Relu")).diff).empty());
}

}  // namespace
}  // namespace surgery
