#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>

#include "edit_helpers.h"
#include "graph_text.h"

namespace {

using namespace surgery;

/// "c: float[N, 2]" of each value_info, by name, one per line; values of subgraphs are indented.
std::string listed(Model& model) {
  std::string text;
  for_each_graph(model.graph(), [&](Graph& graph) {
    std::map<std::string, std::string> lines;
    for (const Value* value : graph.values()) {
      if (value->has_value_info()) lines[value->name()] = to_string(value->type());
    }
    for (const auto& [name, type] : lines) {
      text += (text.empty() ? "" : "\n") + std::string(graph.owner() != nullptr ? "  " : "") + name + ": " + type;
    }
  });
  return text;
}

struct Case {
  std::string_view name;
  std::string_view model;
  std::string_view listed;
  std::string_view note;
};

const Case kCases[] = {
    {"a chain with a symbol", R"(
g (float[N,3,8,8] x) => (float[...] y)
<float[4,3,3,3] w = fill(1)>
{ c = Conv (x, w)  r = Relu (c)  y = Flatten (r) }
)",
     "c: float[N, 4, 6, 6]\nr: float[N, 4, 6, 6]", "2 types added, 1 made more precise; 0 have an open dimension"},
    {"expressions and sizes that depend on data stay open", R"(
g (float[H] x) => (float[?] y, int64[1,?] z)
{ t = Concat <axis = 0> (x, x)  y = Neg (t)  n = NonZero (x)  z = Identity (n) }
)",
     "n: int64[1, ?]\nt: float[?]", "2 types added, 0 made more precise; 4 have an open dimension"},
    {"a subgraph", R"(
g (float[N,2] x, bool c) => (float[N,2] y)
{ y = If (c) <then_branch = t () => (float[...] a) { b = Neg (x)  a = Abs (b) },
              else_branch = e () => (float[...] d) { d = Relu (x) }> }
)",
     "  b: float[N, 2]", "1 types added, 2 made more precise; 0 have an open dimension"},
    {"what is declared more precisely stays", R"(
g (float[N] x) => (int64[1,?] z)
<int64[1,7] n>
{ n = NonZero (x)  z = Identity (n) }
)",
     "n: int64[1, 7]", "0 types added, 1 made more precise; 0 have an open dimension"},
    {"the name of an input's dimension goes before a name that was made up", R"(
g (float[N] x) => (float[N] y)
<float[unk__1] r>
{ r = Relu (x)  y = Neg (r) }
)",
     "r: float[N]", "0 types added, 1 made more precise; 0 have an open dimension"},
};

TEST_CASE("--infer-shapes writes what inference finds") {
  for (const Case& c : kCases) {
    CAPTURE(c.name);
    const auto model = graph_text::parse(c.model);
    const EditReport report = apply(*model, "--infer-shapes", "");
    CHECK(report.meaning == Meaning::kKept);
    CHECK(listed(*model) == c.listed);
    CHECK(notes(report) == c.note);
    const EditReport again = apply(*model, "--infer-shapes", "");
    CHECK(notes(again).starts_with("0 types added, 0 made more precise"));
  }
}

TEST_CASE("--infer-shapes gives outputs their types") {
  const auto model = graph_text::parse("g (float[N,3] x) => (float[...] y) { y = Transpose (x) }");
  apply(*model, "--infer-shapes", "");
  CHECK(to_string(model->graph().find("y")->type()) == "float[3, N]");
}

TEST_CASE("--infer-shapes names what contradicts itself") {
  const auto declared = graph_text::parse("g (float[2,3] x) => (float[2,4] y) { [r] y = Relu (x) }");
  CHECK(refusal(*declared, "--infer-shapes", "") ==
        "3: --infer-shapes: value 'y' of node 'r' (Relu) is declared as float[2, 4], and inference finds float[2, 3]");
  const auto impossible =
      graph_text::parse("g (float[2,3] x, float[4,5] z) => (float[2,5] y) { [m] y = MatMul (x, z) }");
  CHECK(refusal(*impossible, "--infer-shapes", "").starts_with("3: --infer-shapes: node 'm' (MatMul): "));
}

TEST_CASE("--clear-shapes removes value_info and keeps the types of inputs and outputs") {
  const auto model = graph_text::parse(R"(
g (float[N,2] x, bool c) => (float[N,2] y)
<float[N,2] r>
{ r = Relu (x)
  y = If (c) <then_branch = t () => (float[N,2] a) { b = Neg (r)  a = Abs (b) },
              else_branch = e () => (float[N,2] d) { d = Identity (r) }> }
)");
  apply(*model, "--infer-shapes", "");
  REQUIRE(listed(*model) == "r: float[N, 2]\n  b: float[N, 2]");
  const EditReport report = apply(*model, "--clear-shapes", "");
  CHECK(report.meaning == Meaning::kKept);
  CHECK(notes(report) == "2 types removed from value_info");
  CHECK(listed(*model).empty());
  CHECK_FALSE(model->graph().find("r")->type().is_known());
  CHECK(to_string(model->graph().find("x")->type()) == "float[N, 2]");
  CHECK(to_string(model->graph().find("y")->type()) == "float[N, 2]");
}

}  // namespace
