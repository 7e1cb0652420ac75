#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "exec/datum.h"
#include "exec_testing.h"

using namespace surgery;
using namespace exec_testing;

namespace {

using Attributes = std::vector<Attribute>;

template <typename... Args>
void add(Attributes& attributes, std::string name, Args&&... value) {
  attributes.emplace_back(std::move(name), std::forward<Args>(value)...);
}

/// One node of ai.onnx.ml, all inputs given.
std::unique_ptr<Model> ml_node(std::string op_type, const std::vector<Tensor>& inputs, Attributes attributes,
                               size_t num_outputs = 1, int64_t version = 3) {
  auto model = create_model(17);
  model->set_opset("ai.onnx.ml", version);
  Graph& graph = model->graph();
  NodeSpec spec;
  spec.op_type = std::move(op_type);
  spec.domain = "ai.onnx.ml";
  spec.name = "n";
  spec.attributes = std::move(attributes);
  for (size_t i = 0; i < inputs.size(); ++i) {
    spec.inputs.push_back(&graph.add_initializer("i" + std::to_string(i), inputs[i]));
  }
  for (size_t i = 0; i < num_outputs; ++i) spec.output_names.push_back("y" + std::to_string(i));
  Node& node = graph.insert_before(nullptr, std::move(spec));
  for (Value* output : node.outputs()) graph.add_output(*output);
  return model;
}

/// A tree that asks whether feature 0 is at most 0.5, with a weight for class 0 in each leaf.
Attributes stump(float if_true, float if_false) {
  Attributes given;
  add(given, "nodes_treeids", Dims{0, 0, 0});
  add(given, "nodes_nodeids", Dims{0, 1, 2});
  add(given, "nodes_featureids", Dims{0, 0, 0});
  add(given, "nodes_modes", std::vector<std::string>{"BRANCH_LEQ", "LEAF", "LEAF"});
  add(given, "nodes_values", std::vector<float>{0.5F, 0, 0});
  add(given, "nodes_truenodeids", Dims{1, 0, 0});
  add(given, "nodes_falsenodeids", Dims{2, 0, 0});
  add(given, "class_treeids", Dims{0, 0});
  add(given, "class_nodeids", Dims{1, 2});
  add(given, "class_ids", Dims{0, 0});
  add(given, "class_weights", std::vector<float>{if_true, if_false});
  add(given, "classlabels_int64s", Dims{5, 7});
  return given;
}

}  // namespace

TEST_CASE("a tree of one weight for two classes gives both scores, as ONNX Runtime does") {
  const Tensor x = floats({3, 1}, {0, 1, std::nan("")});
  const auto positive = run(*ml_node("TreeEnsembleClassifier", {x}, stump(0.25F, 0.75F), 2));
  CHECK(positive[0].to_int64s() == std::vector<int64_t>{5, 7, 7});  // NaN fails the test and goes the other way
  CHECK(values_of(positive[1]) == std::vector<double>{0.75, 0.25, 0.25, 0.75, 0.25, 0.75});
  const auto mixed = run(*ml_node("TreeEnsembleClassifier", {x}, stump(-0.25F, 0.75F), 2));
  CHECK(mixed[0].to_int64s() == std::vector<int64_t>{5, 7, 7});
  CHECK(values_of(mixed[1]) == std::vector<double>{0.25, -0.25, -0.75, 0.75, -0.75, 0.75});
}

TEST_CASE("trees that are none are refused") {
  const Tensor x = floats({1, 1}, {0});
  const auto message = [&](const std::string& name, Attribute replacement) {
    Attributes given = stump(0, 1);
    for (Attribute& each : given) {
      if (each.name() != name) continue;
      each = std::move(replacement);
      break;
    }
    return error_of([&] { run(*ml_node("TreeEnsembleClassifier", {x}, std::move(given), 2)); });
  };
  CHECK(message("nodes_truenodeids", {"nodes_truenodeids", Dims{0, 0, 0}}) ==
        "3: node 'n' (ai.onnx.ml.TreeEnsembleClassifier): tree node 0 is below itself");
  CHECK(message("nodes_featureids", {"nodes_featureids", Dims{3, 0, 0}}) ==
        "3: node 'n' (ai.onnx.ml.TreeEnsembleClassifier): tree node 0 looks at feature 3, the input has 1");
  CHECK(message("nodes_falsenodeids", {"nodes_falsenodeids", Dims{9, 0, 0}}) ==
        "3: node 'n' (ai.onnx.ml.TreeEnsembleClassifier): node 0 of tree 0 has a child 9 that does not exist");
  CHECK(message("nodes_values", {"nodes_values", std::vector<float>{1}}) ==
        "3: node 'n' (ai.onnx.ml.TreeEnsembleClassifier): nodes_values has 1 values, expected 3");
  CHECK(message("class_ids", {"class_ids", Dims{0, 2}}) ==
        "3: node 'n' (ai.onnx.ml.TreeEnsembleClassifier): class_ids has 2, expected 0 to 1");
}

TEST_CASE("ZipMap and DictVectorizer make maps and take them apart") {
  Attributes labels;
  add(labels, "classlabels_strings", std::vector<std::string>{"q", "a"});
  const auto model = ml_node("ZipMap", {floats({2, 2}, {1, 2, 3, 4})}, std::move(labels));
  const exec::Values found = exec::Session(*model).run_values({});
  const auto& elements = found.at("y0").sequence().elements;
  REQUIRE(elements.size() == 2);
  const exec::Map& map = elements[1].map();
  CHECK(std::vector<std::string>(map.keys.strings().begin(), map.keys.strings().end()) ==
        std::vector<std::string>{"a", "q"});
  CHECK(values_of(map.values) == std::vector<double>{4, 3});
}

TEST_CASE("LabelEncoder looks keys up, NaN as a key from version 4 on") {
  const auto encoded = [](int64_t version) {
    Attributes given;
    add(given, "keys_floats", std::vector<float>{1, std::nanf("")});
    add(given, "values_int64s", Dims{10, 20});
    return run(*ml_node("LabelEncoder", {floats({3}, {1, std::nan(""), 3})}, std::move(given), 1, version))[0]
        .to_int64s();
  };
  CHECK(encoded(2) == std::vector<int64_t>{10, -1, -1});
  CHECK(encoded(4) == std::vector<int64_t>{10, 20, -1});
}

TEST_CASE("features that do not fit their attributes are refused") {
  Attributes scale;
  add(scale, "scale", std::vector<float>{1, 2, 3});
  add(scale, "offset", std::vector<float>{0});
  CHECK(error_of([&] {
          run(*ml_node("Scaler", {floats({1, 2}, {1, 2})}, std::move(scale)));
        }) == "3: node 'n' (ai.onnx.ml.Scaler): 3 scales or offsets for 2 features");
  CHECK(error_of([&] {
          run(*ml_node("ArrayFeatureExtractor", {floats({2}, {1, 2}), tensor(DataType::kInt64, {1}, {2})}, {}));
        }) == "3: node 'n' (ai.onnx.ml.ArrayFeatureExtractor): index 2 is outside of an axis of 2");
}

namespace {

/// Two classes, the support vectors 0.3 and 0.1 (or none), one feature.
std::vector<Tensor> classify(const std::string& transform, float coefficient, float rho, bool has_vectors,
                             const std::vector<double>& x) {
  Attributes given;
  add(given, "classlabels_ints", Dims{10, 20});
  add(given, "coefficients", std::vector<float>{coefficient, 1});
  add(given, "rho", std::vector<float>{rho});
  add(given, "kernel_type", std::string("LINEAR"));
  add(given, "post_transform", transform);
  if (has_vectors) {
    add(given, "vectors_per_class", Dims{1, 1});
    add(given, "support_vectors", std::vector<float>{0.3F, 0.1F});
  }
  return run(*ml_node("SVMClassifier", {floats({static_cast<int64_t>(x.size()), 1}, x)}, std::move(given), 2, 1));
}

/// To four decimal places.
std::vector<double> rounded(const Tensor& tensor) {
  std::vector<double> values = values_of(tensor);
  for (double& value : values) value = std::round(value * 1e4) / 1e4;
  return values;
}

}  // namespace

TEST_CASE("SVMClassifier of two classes decides by the sign of its score, whatever the coefficients") {
  const auto found = classify("NONE", 1, -0.75F, true, {-2, 2});
  CHECK(found[0].to_int64s() == std::vector<int64_t>{20, 10});
  CHECK(rounded(found[1]) == std::vector<double>{1.55, -1.55, -0.05, 0.05});
  const auto linear = classify("NONE", 1, -0.75F, false, {2, -2});
  CHECK(linear[0].to_int64s() == std::vector<int64_t>{10, 10});  // equal scores: the first
}

TEST_CASE("SVMClassifier adds the second score as ONNX Runtime does") {
  CHECK(rounded(classify("SOFTMAX", 1, 0.25F, true, {1})[1]) == std::vector<double>{0.35, 0.65});
  CHECK(rounded(classify("SOFTMAX_ZERO", -1, 0.25F, true, {2})[1]) == std::vector<double>{1.15, -0.15});
  CHECK(rounded(classify("LOGISTIC", 1, -0.75F, true, {2})[1]) == std::vector<double>{0.4875, 0.5125});
}

TEST_CASE("SVMRegressor without support vectors is linear, whatever its kernel") {
  Attributes given;
  add(given, "coefficients", std::vector<float>{2, 3});
  add(given, "rho", std::vector<float>{1});
  add(given, "kernel_type", std::string("RBF"));
  add(given, "kernel_params", std::vector<float>{0.5F, 0, 0});
  CHECK(values_of(run(*ml_node("SVMRegressor", {floats({1, 2}, {1, -1})}, std::move(given), 1, 1))[0]) ==
        std::vector<double>{0});
}
