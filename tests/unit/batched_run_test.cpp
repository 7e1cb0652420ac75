#include "exec/batched_run.h"

#include <doctest/doctest.h>

#include "surgery/model.h"

using namespace surgery;

namespace {

/// y = Neg(x) with x: float[batch, 2].
std::unique_ptr<Model> negate(Dim batch) {
  auto model = create_model(17);
  Graph& graph = model->graph();
  Value& x = graph.add_input("x", Type::tensor(DataType::kFloat, Shape{batch, 2}));
  Node& node = graph.insert_before(nullptr, {.op_type = "Neg", .inputs = {&x}, .output_names = {"y"}});
  graph.add_output(*node.output(0));
  return model;
}

Tensor rows(int64_t count) {
  std::vector<float> values;
  for (int64_t i = 0; i < 2 * count; ++i) values.push_back(static_cast<float>(i));
  return Tensor::from_values<float>(DataType::kFloat, {count, 2}, values);
}

}  // namespace

TEST_CASE("any number of samples runs through a fixed batch") {
  for (const int64_t batch : {1, 2, 4}) {
    for (const int64_t samples : {1, 3, 4, 5}) {
      CAPTURE(batch);
      CAPTURE(samples);
      const auto model = negate(batch);
      const exec::Values results = exec::run_batched(*model, {{"x", rows(samples)}}, {}, {});
      const Tensor& y = results.at("y").tensor();
      REQUIRE(y.dims() == std::vector<int64_t>{samples, 2});
      for (int64_t i = 0; i < 2 * samples; ++i)
        CHECK(y.values<float>()[static_cast<size_t>(i)] == -static_cast<float>(i));
    }
  }
}

TEST_CASE("an open batch runs whole") {
  const auto model = negate(Dim::symbol("N"));
  CHECK(exec::plan_batches(*model, {{"x", rows(5)}}).batch == 0);
  CHECK(exec::run_batched(*model, {{"x", rows(5)}}, {}, {}).at("y").tensor().dims() == std::vector<int64_t>{5, 2});
}

TEST_CASE("a tensor that does not exist is refused with the nearest name") {
  const auto model = negate(1);
  CHECK_THROWS_WITH_AS(exec::run_batched(*model, {{"x", rows(1)}}, {"yy"}, {}),
                       doctest::Contains("'yy'; did you mean 'y'"), Error);
}

TEST_CASE("take_rows repeats the last row past the end, join_rows undoes a cut") {
  const Tensor all = rows(3);
  const Tensor tail = exec::take_rows(all, 2, 2);
  CHECK(tail.to_doubles() == std::vector<double>{4, 5, 4, 5});
  CHECK(identical(exec::join_rows({exec::take_rows(all, 0, 2), exec::take_rows(all, 2, 1)}), all));
  const Tensor words = Tensor::from_strings({2}, {"a", "b"});
  CHECK(identical(exec::join_rows({exec::take_rows(words, 0, 1), exec::take_rows(words, 1, 1)}), words));
}
