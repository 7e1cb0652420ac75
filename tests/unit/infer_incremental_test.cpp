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
    for (const Value* value : graph.values()) {
      const bool is_stored = value->producer() == nullptr && value->is_unused();  // and nobody asks for it
      if (!is_stored) lines.push_back(value->name() + ": " + to_text(engine.fact(*value)));
    }
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

/// The same, and whatever else can be done to a graph: nodes go, constants and declared types are replaced.
void change_anything(Model& model, std::minstd_rand& random) {
  std::vector<Node*> nodes;
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (Node* node = graph.first_node(); node != nullptr; node = node->next()) nodes.push_back(node);
  });
  Node& node = *nodes[random() % nodes.size()];
  Graph& graph = node.graph();
  Value* output = node.output(0);
  switch (random() % 6) {
    case 0: {  // the node goes, its readers read something else
      Value* input = node.input(0);
      if (node.outputs().size() != 1 || output == nullptr || input == nullptr || output->is_graph_output()) return;
      graph.replace_all_uses(*output, *input);
      graph.erase(node);
      return;
    }
    case 1: {
      if (graph.initializers().empty()) return;
      Value& weight = *graph.initializers()[random() % graph.initializers().size()];
      graph.set_initializer(weight, Tensor::vector(std::vector<int64_t>{1, static_cast<int64_t>(random() % 3)}));
      return;
    }
    case 2: {
      if (output == nullptr || random() % 2 != 0) return;
      graph.set_type(*output, Type::tensor(DataType::kFloat, Shape{Dim::symbol("declared"), Dim(3)}));
      return;
    }
    case 3: {
      if (graph.inputs().empty() || random() % 4 != 0) return;
      Value& input = *graph.inputs()[random() % graph.inputs().size()];
      if (!input.type().is_tensor() || !input.type().shape || input.type().shape->empty()) return;
      Type type = input.type();
      type.shape->front() = Dim::symbol("freed");
      graph.set_type(input, std::move(type));
      return;
    }
    default:
      change(node, random);
  }
}

void require_same_facts(const Model& model, Engine& engine, bool use_declared) {
  Engine fresh(model, {.use_declared = use_declared});
  fresh.run();
  const std::vector<std::string> found = all_facts(model, engine);
  const std::vector<std::string> expected = all_facts(model, fresh);
  REQUIRE(found.size() == expected.size());
  for (size_t k = 0; k < found.size(); ++k) REQUIRE(found[k] == expected[k]);
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
      if (i % 4 == 3) require_same_facts(*model, engine, true);
    }
  }
}

TEST_CASE("inference that catches up agrees with inference from the start, whatever changed") {
  constexpr int kChanges = 60;
  for (const bool use_declared : {true, false}) {
    for (const auto& path : models()) {
      CAPTURE(path);
      CAPTURE(use_declared);
      const std::unique_ptr<Model> model = load(path);
      std::minstd_rand random(11);
      Engine engine(*model, {.use_declared = use_declared});
      for (int i = 0; i < kChanges; ++i) {
        change_anything(*model, random);
        if (random() % 8 != 0) continue;
        engine.catch_up();
        require_same_facts(*model, engine, use_declared);
      }
    }
  }
}

TEST_CASE("what is known of a function's body holds in every call, whichever of them was inferred again") {
  const auto model = graph_text::parse(R"(
      <ir_version: 8, opset_import: ["" : 17, "p" : 1]>
      g (float[1,8] t, float[5,8] x) => (float[4,8] a, float[5,8] b) <int64[2] s1 = {4,8}, int64[2] s2 = {5,8}> {
        a = p.expanded (t, s1)  y = Neg (x)  [second] b = p.expanded (y, s2) }
      <domain: "p", opset_import: ["" : 17]>
      expanded (self, size) => (r) { z = Abs (size)  r = Expand (self, z) })");
  Inference inference(*model);
  inference.run();
  const Value& size = *model->functions()[0].body->find("z");
  CHECK(to_text(inference.fact(size)) == "int64[2]{?, 8}");
  SUBCASE("by itself") { inference.update(*model->graph().find("b")->producer()); }
  SUBCASE("after a change") {
    model->graph().set_op_type(*model->graph().find("y")->producer(), "Abs", "");
    inference.update_downstream(*model->graph().find("y")->producer());
    inference.catch_up();
  }
  CHECK(to_text(inference.fact(size)) == "int64[2]{?, 8}");
}

TEST_CASE("catching up infers what changed since, and nothing where nothing did") {
  const auto model = row(1000);
  Graph& graph = model->graph();
  Engine engine(*model, {});
  const auto inferred_again = [&] {
    const int64_t before = engine.num_inferred();
    engine.catch_up();
    return engine.num_inferred() - before;
  };
  CHECK(inferred_again() == 1001);  // the first time
  CHECK(inferred_again() == 0);
  graph.set_op_type(*graph.find("t10")->producer(), "Neg", "");
  graph.set_op_type(*graph.find("t700")->producer(), "Abs", "");
  CHECK(inferred_again() == 2);
  CHECK(inferred_again() == 0);
  graph.rename(*graph.find("t10"), "ten");
  CHECK(inferred_again() == 2);  // its producer and its reader
  model->set_doc_string("nothing of the graph");
  CHECK(inferred_again() == 0);
  SUBCASE("a node that cannot be right is forgotten with its error") {
    Node& bad = graph.insert_before(
        nullptr, {.op_type = "MatMul", .inputs = {graph.find("ten"), graph.find("s")}, .output_names = {"bad"}});
    CHECK(inferred_again() == 1);
    CHECK(engine.errors().size() == 1);
    graph.erase(bad);
    CHECK(inferred_again() == 0);
    CHECK(engine.errors().empty());
  }
  SUBCASE("all of it where an input got another type") {
    graph.set_type(*graph.inputs()[0], Type::tensor(DataType::kFloat, Shape{3, 3}));
    CHECK(inferred_again() == 1001);
  }
  SUBCASE("all of it with another opset") {
    model->set_opset("", 12);
    CHECK(inferred_again() == 1001);
  }
}

}  // namespace
