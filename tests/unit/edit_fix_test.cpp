#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "edit_helpers.h"
#include "model_builder.h"
#include "surgery/io.h"

namespace {

using namespace surgery;

std::unique_ptr<Model> mxnet_style() {
  return load(std::filesystem::path(TESTDATA_DIR) / "digits" / "digits_mxnet_style.onnx");
}

std::string operators(const Model& model) {
  std::string text;
  for (const Node* node = model.graph().first_node(); node != nullptr; node = node->next()) {
    text += (text.empty() ? "" : " ") + node->op_type();
  }
  return text;
}

bool is_one(const Model& model, const char* name) {
  const auto values = model.graph().find(name)->initializer()->to_doubles();
  return std::all_of(values->begin(), values->end(), [](double value) { return value == 1; });
}

TEST_CASE("--fix mxnet mends every fault of an old MXNet export") {
  const std::unique_ptr<Model> model = mxnet_style();
  const EditReport report = apply(*model, "--fix", "mxnet");
  CHECK(report.meaning == Meaning::kChanged);
  CHECK(
      operators(*model) ==
      "Conv BatchNormalization Relu Conv BatchNormalization Relu AveragePool BatchNormalization Flatten Gemm Softmax");
  CHECK(model->graph().inputs().size() == 1);
  CHECK(to_string(model->graph().inputs()[0]->type()) == "float[1, 1, 8, 8]");
  CHECK(to_string(model->graph().outputs()[0]->type()) == "float[1, 10]");
  CHECK(model->ir_version() == 4);
  CHECK(is_one(*model, "bn1_gamma"));
  CHECK_FALSE(is_one(*model, "bn2_gamma"));
  CHECK(select_node(*model, "pool1").int_or("count_include_pad", 0) == 1);
  for (const Node* node : select_nodes(*model, "BatchNormalization")) CHECK(node->attribute("spatial") == nullptr);
  CHECK(mentions(report, "node 'bn1' (BatchNormalization): fix_gamma is assumed, since spatial was 0"));
}

TEST_CASE("--fix mxnet does nothing the second time") {
  const std::unique_ptr<Model> model = mxnet_style();
  apply(*model, "--fix", "mxnet");
  CHECK(notes(apply(*model, "--fix", "mxnet")) == "no weight is listed among the inputs");
}

TEST_CASE("--fix mxnet takes the nodes with fix_gamma by name") {
  std::unique_ptr<Model> model = mxnet_style();
  apply(*model, "--fix", "mxnet:gamma=none");
  CHECK_FALSE(is_one(*model, "bn1_gamma"));
  model = mxnet_style();
  apply(*model, "--fix", "mxnet:gamma=bn2,bn3");
  CHECK_FALSE(is_one(*model, "bn1_gamma"));
  CHECK(is_one(*model, "bn2_gamma"));
  CHECK(is_one(*model, "bn3_gamma"));
}

TEST_CASE("--fix refuses what it does not know") {
  CHECK(refusal(*mxnet_style(), "--fix", "caffe") == "2: --fix: there is no recipe 'caffe'; there is mxnet");
  CHECK(refusal(*mxnet_style(), "--fix", "mxnet:gama=bn1") ==
        "2: --fix: expected mxnet, mxnet:gamma=none or mxnet:gamma=NODE,..., found 'mxnet:gama=bn1'");
  CHECK(refusal(*mxnet_style(), "--fix", "mxnet:gamma=conv1") ==
        "2: --fix: node 'conv1' (Conv) has no gamma: it is no BatchNormalization");
  CHECK(
      refusal(*mxnet_style(), "--fix", "mxnet:gamma=bn9").starts_with("2: --fix: no node matches 'bn9'; did you mean"));
}

}  // namespace
