#include <doctest/doctest.h>

#include "exec/session.h"
#include "surgery/edit.h"
#include "surgery/io.h"

using namespace surgery;

namespace {

int64_t count(const Model& model, std::string_view op_type) {
  int64_t found = 0;
  for (const Node* node = model.graph().first_node(); node != nullptr; node = node->next()) {
    found += node->is(op_type) ? 1 : 0;
  }
  return found;
}

EditReport fold(Model& model) {
  const auto evaluator = exec::make_evaluator(model);
  return find_edit("--fold-bn")->apply(model, "", {.evaluator = evaluator.get()});
}

}  // namespace

TEST_CASE("--fold-bn folds the batch-norms of a network into its convolutions and leaves the rest alone") {
  const auto model = load(TESTDATA_DIR "/digits/digits_cnn.onnx");
  REQUIRE(count(*model, "BatchNormalization") == 3);
  const size_t others = model->graph().num_nodes() - 3;
  const EditReport report = fold(*model);
  CHECK(report.meaning == Meaning::kKept);
  CHECK(report.notes.size() >= 2);
  CHECK(count(*model, "BatchNormalization") ==
        1);  // bn3 stands behind a pool and before a Reshape with a computed shape
  CHECK(count(*model, "Conv") == 2);
  CHECK(model->graph().num_nodes() == others + 1);
  model->validate();
}

TEST_CASE("--fold-bn on a model without a batch-norm that can be folded says so") {
  const auto model = create_model(17);
  Value& x = model->graph().add_input("x", Type::tensor(DataType::kFloat, Shape{2}));
  Node& relu = model->graph().insert_before(nullptr, {.op_type = "Relu", .inputs = {&x}, .output_names = {"y"}});
  model->graph().add_output(*relu.output(0));
  const EditReport report = fold(*model);
  CHECK(report.notes.size() == 1);
  CHECK(model->graph().num_nodes() == 1);
}
