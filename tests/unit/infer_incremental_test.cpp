#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>

#include "infer/engine.h"
#include "infer_testing.h"
#include "surgery/io.h"

/// After a change of a graph only what changed is inferred again, and what is known then is what inference from the
/// start would find.
namespace {

using namespace surgery;
using infer::Engine;
using infer_testing::to_text;

/// A row of `count` nodes y = Relu (x), with a Reshape [0, 3] -> [0, 3] in the middle, that hides what is before it.
std::unique_ptr<Model> row(int count) {
  std::string nodes;
  std::string last = "x";
  for (int i = 0; i < count; ++i) {
    const std::string next = "t" + std::to_string(i);
    nodes += i == count / 2 ? next + " = Reshape (" + last + ", s)\n" : next + " = Relu (" + last + ")\n";
    last = next;
  }
  return graph_text::parse("g (float[3,3] x) => (float[3,3] y) <int64[2] s = {3, 3}> {" + nodes + "y = Neg (" + last +
                           ") }");
}

TEST_CASE("a change is inferred again as far as it is felt") {
  const auto model = row(1000);
  Graph& graph = model->graph();
  Engine engine(*model, {});
  engine.run();
  CHECK(engine.num_inferred() == 1001);
  const auto inferred_again = [&](const Node& node) {
    const int64_t before = engine.num_inferred();
    engine.update_downstream(node);
    return engine.num_inferred() - before;
  };
  const auto producer = [&](std::string_view name) { return graph.find(name)->producer(); };
  SUBCASE("not at all: the node alone") {
    graph.set_op_type(*producer("t10"), "Neg", "");
    CHECK(inferred_again(*producer("t10")) == 1);
  }
  SUBCASE("up to where it makes no difference any more") {
    graph.set_op_type(*producer("t400"), "Flatten", "");
    CHECK(inferred_again(*producer("t400")) == 1);  // [3, 3] as before
    graph.set_op_type(*producer("t400"), "Cast", "");
    graph.set_attribute(*producer("t400"), Attribute("to", static_cast<int64_t>(DataType::kFloat16)));
    CHECK(inferred_again(*producer("t400")) == 601);  // another type, to the end
    graph.set_op_type(*producer("t400"), "Transpose", "");
    CHECK(inferred_again(*producer("t400")) == 601);
  }
  SUBCASE("near the end") {
    graph.set_op_type(*producer("t998"), "Shape", "");
    CHECK(inferred_again(*producer("t998")) == 3);
  }
}

/// Everything that inference says, by value.
std::vector<std::string> all_facts(const Model& model, Engine& engine) {
  std::vector<std::string> lines;
  for_each_graph(model.graph(), [&](const Graph& graph) {
    for (const Value* value : graph.values()) lines.push_back(value->name() + ": " + to_text(engine.fact(*value)));
  });
  for (const std::string& error : engine.errors()) lines.push_back(error);
  return lines;
}

/// Changes one node somehow, right or wrong; the nodes that changed, in order.
std::vector<Node*> change(Node& node, std::minstd_rand& random) {
  Graph& graph = node.graph();
  Model& model = graph.model();
  Value* input = node.input(0);
  switch (random() % 4) {
    case 0: {
      if (input == nullptr) return {};
      Node& added = graph.insert_before(
          &node, {.op_type = "Abs", .inputs = {input}, .output_names = {model.unique_name("added")}});
      graph.set_input(node, 0, added.output(0));
      return {&added, &node};
    }
    case 1: {
      const int64_t axis = static_cast<int64_t>(random() % 3) - 1;
      graph.set_attribute(node, Attribute("axis", axis));
      return {&node};
    }
    case 2: {
      constexpr const char* kTypes[] = {"Relu", "Shape", "Transpose", "Neg", "Flatten"};
      if (node.has_subgraphs() || node.outputs().size() != 1) return {};
      graph.set_op_type(node, kTypes[random() % std::size(kTypes)], "");
      return {&node};
    }
    default: {
      const std::vector<int64_t> dims{1, static_cast<int64_t>(random() % 4) + 1};
      Node& constant =
          graph.insert_before(&node, {.op_type = "Constant", .output_names = {model.unique_name("added")}});
      graph.set_attribute(constant, Attribute("value_ints", dims));
      if (node.inputs().empty()) return {&constant};
      graph.set_input(node, random() % node.inputs().size(), constant.output(0));
      return {&constant, &node};
    }
  }
}

std::vector<std::filesystem::path> models() {
  std::set<std::filesystem::path> found;
  std::vector<std::filesystem::path> folders{TESTDATA_DIR "/models"};
  if (const char* more = std::getenv("ONNX_TOOL_CORPUS")) folders.emplace_back(more);  // of other models, not needed
  for (const auto& folder : folders) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".onnx") found.insert(entry.path());
    }
  }
  return {found.begin(), found.end()};
}

TEST_CASE("what is inferred again agrees with inference from the start, whatever changed") {
  constexpr int kChanges = 24;
  for (const auto& path : models()) {
    CAPTURE(path);
    const std::unique_ptr<Model> model = load(path);
    std::minstd_rand random(7);
    Engine engine(*model, {});
    engine.run();
    std::vector<Node*> nodes;
    for_each_graph(model->graph(), [&](Graph& graph) {
      for (Node* node = graph.first_node(); node != nullptr; node = node->next()) nodes.push_back(node);
    });
    for (int i = 0; i < kChanges; ++i) {
      Node& node = *nodes[random() % nodes.size()];
      CAPTURE(describe(node));
      for (const Node* changed : change(node, random)) engine.update_downstream(*changed);
      if (i % 4 != 3) continue;
      Engine fresh(*model, {});
      fresh.run();
      const std::vector<std::string> found = all_facts(*model, engine);
      const std::vector<std::string> expected = all_facts(*model, fresh);
      REQUIRE(found.size() == expected.size());
      for (size_t k = 0; k < found.size(); ++k) REQUIRE(found[k] == expected[k]);
    }
  }
}

}  // namespace
