#include "surgery/neighbourhood.h"

#include <doctest/doctest.h>

#include "graph_text.h"

namespace surgery {
namespace {

// a and b are branches of x that meet in c; d goes its own way; the If reads b inside.
constexpr std::string_view kModel = R"(g (float[4] x, bool k) => (float[4] y, float[4] z, float[4] w) {
  [a] ta = Relu (x)
  [b] tb = Neg (x)
  [c] tc = Add (ta, tb)
  [e] y = Sqrt (tc)
  [d] z = Exp (x)
  [f] w = If (k) <then_branch = t () => (float[4] p) { [inner] p = Abs (tb) },
                  else_branch = u () => (float[4] q) { q = Identity (x) }>
})";

std::string names(const std::vector<const Node*>& nodes) {
  std::string text;
  for (const Node* node : nodes) text += (text.empty() ? "" : " ") + node->name();
  return text;
}

const Node& node_called(const Graph& root, std::string_view name) {
  const Node* found = nullptr;
  for_each_graph(root, [&](const Graph& graph) {
    for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
      if (node->name() == name) found = node;
    }
  });
  REQUIRE(found != nullptr);
  return *found;
}

TEST_CASE("nodes around one are those within a number of edges, either way") {
  const auto model = graph_text::parse(kModel);
  const Graph& graph = model->graph();
  CHECK(names(nodes_around(graph, node_called(graph, "c"), 0)) == "c");
  CHECK(names(nodes_around(graph, node_called(graph, "c"), 1)) == "a b c e");
  CHECK(names(nodes_around(graph, node_called(graph, "c"), 2)) == "a b c e f");
  CHECK(names(nodes_around(graph, node_called(graph, "d"), 9)) == "d");
}

TEST_CASE("a node of a subgraph stands for the one that owns it") {
  const auto model = graph_text::parse(kModel);
  const Graph& graph = model->graph();
  CHECK(names(nodes_around(graph, node_called(graph, "inner"), 1)) == "b f");
}

TEST_CASE("nodes between tensors are on a way from the first to the second") {
  const auto model = graph_text::parse(kModel);
  const Graph& graph = model->graph();
  const auto between = [&](std::vector<std::string_view> from, std::vector<std::string_view> to) {
    std::vector<Value*> sources;
    std::vector<Value*> targets;
    for (const std::string_view name : from) sources.push_back(graph.find(name));
    for (const std::string_view name : to) targets.push_back(graph.find(name));
    return names(nodes_between(graph, sources, targets));
  };
  CHECK(between({}, {}) == "a b c e d f");
  CHECK(between({"tb"}, {}) == "c e f");
  CHECK(between({}, {"tc"}) == "a b c");
  CHECK(between({"ta"}, {"y"}) == "c e");
  CHECK(between({"tb"}, {"w"}) == "f");
  CHECK(between({"z"}, {}).empty());
  CHECK(between({"tc"}, {"ta"}).empty());
}

TEST_CASE("scopes are the parts of a name between slashes") {
  const auto scopes = [](std::string_view name, std::string_view output) {
    const auto model = graph_text::parse("g (float x) => (float y) { y = Relu (x) }");
    Node& node = *model->graph().first_node();
    NodeSpec spec;
    spec.op_type = "Relu";
    spec.inputs = {model->graph().find("x")};
    spec.output_names = {std::string(output)};
    spec.name = name;
    const Node& made = model->graph().insert_before(&node, std::move(spec));
    std::string text;
    for (const std::string_view scope : scopes_of(made)) text += "(" + std::string(scope) + ")";
    return text;
  };
  CHECK(scopes("/encoder/layer.0/MatMul", "t") == "(encoder)(layer.0)");
  CHECK(scopes("model/dense/Relu", "t") == "(model)(dense)");
  CHECK(scopes("conv_1", "t").empty());
  CHECK(scopes("", "/conv1/Conv_output_0") == "(conv1)");
  CHECK(scopes("//a//b", "t") == "(a)");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "s/";
  CHECK(scopes(deep, "t").size() == 32 * 3);
}

}  // namespace
}  // namespace surgery
