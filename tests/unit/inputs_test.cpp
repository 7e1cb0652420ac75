#include "exec/inputs.h"

#include <doctest/doctest.h>

#include <cmath>

#include "surgery/model.h"

using namespace surgery;
using exec::make_inputs;

namespace {

std::unique_ptr<Model> with_inputs(std::vector<std::pair<std::string, Type>> inputs) {
  auto model = create_model(17);
  for (auto& [name, type] : inputs) model->graph().add_input(name, std::move(type));
  return model;
}

Type floats(Shape shape) { return Type::tensor(DataType::kFloat, std::move(shape)); }

}  // namespace

TEST_CASE("seeded values are the same for the same seed and differ by seed and name") {
  const auto model = with_inputs({{"a", floats({4})}, {"b", floats({4})}});
  const exec::Values one = make_inputs(*model, {}, {.seed = 1});
  CHECK(identical(one.at("a").tensor(), make_inputs(*model, {}, {.seed = 1}).at("a").tensor()));
  CHECK_FALSE(identical(one.at("a").tensor(), make_inputs(*model, {}, {.seed = 2}).at("a").tensor()));
  CHECK_FALSE(identical(one.at("a").tensor(), one.at("b").tensor()));
}

TEST_CASE("seeded floats are close to standard normal") {
  const auto model = with_inputs({{"x", floats({100'000})}});
  const std::vector<double> values = make_inputs(*model, {}, {}).at("x").tensor().to_doubles().value();
  double sum = 0;
  double squares = 0;
  for (const double v : values) {
    sum += v;
    squares += v * v;
  }
  const auto n = static_cast<double>(values.size());
  // The mean of n normals has standard deviation 1/sqrt(n) = 0.0032, the variance sqrt(2/n) = 0.0045: five of them.
  CHECK(std::abs(sum / n) < 0.016);
  CHECK(std::abs(squares / n - 1) < 0.023);
}

TEST_CASE("integers and booleans are 0 or 1") {
  const auto model =
      with_inputs({{"i", Type::tensor(DataType::kInt64, Shape{64})}, {"b", Type::tensor(DataType::kBool, Shape{64})}});
  for (const auto& [input, value] : make_inputs(*model, {}, {})) {
    const std::string& name = input;  // clang 14 captures no binding
    CAPTURE(name);
    int64_t ones = 0;
    const auto values = value.tensor().to_int64s();
    for (const int64_t v : *values) {
      CHECK((v == 0 || v == 1));
      ones += v;
    }
    CHECK(ones > 0);
    CHECK(ones < 64);
  }
}

TEST_CASE("a symbol has one size in all inputs, from the given tensors first, then from the options") {
  const Dim n = Dim::symbol("N");
  const auto model = with_inputs({{"a", floats({n, 2})}, {"b", floats({3, n})}});
  CHECK(make_inputs(*model, {}, {}).at("b").tensor().dims() == std::vector<int64_t>{3, 2});
  CHECK(make_inputs(*model, {}, {.dims = {{"N", 7}}}).at("b").tensor().dims() == std::vector<int64_t>{3, 7});
  const exec::Values given{{"b", Tensor::zeros(DataType::kFloat, {3, 5})}};
  CHECK(make_inputs(*model, given, {}).at("a").tensor().dims() == std::vector<int64_t>{5, 2});
}

TEST_CASE("inputs that cannot be made or do not fit are refused") {
  const Dim n = Dim::symbol("N");
  const auto model = with_inputs({{"a", floats({n})}, {"b", floats({n})}});
  const exec::Values contrary{{"a", Tensor::zeros(DataType::kFloat, {2})}, {"b", Tensor::zeros(DataType::kFloat, {3})}};
  CHECK_THROWS_WITH_AS(make_inputs(*model, contrary, {}), "input 'b': dimension 'N' is 3 here and 2 elsewhere", Error);
  CHECK_THROWS_WITH_AS(make_inputs(*model, {{"aa", Tensor::scalar(1.0F)}}, {}),
                       doctest::Contains("the model has no input 'aa'; did you mean 'a'"), Error);
  const auto unranked = with_inputs({{"x", Type::tensor(DataType::kFloat)}});
  CHECK_THROWS_WITH_AS(make_inputs(*unranked, {}, {}), doctest::Contains("its shape is not known"), Error);
  const auto huge = with_inputs({{"x", floats({int64_t{1} << 40})}});
  CHECK_THROWS_WITH_AS(make_inputs(*huge, {}, {}), doctest::Contains("does not fit into memory"), Error);
}

TEST_CASE("an image becomes [1, C, H, W] in 0..1") {
  const auto model = with_inputs({{"image", floats({Dim::symbol("N"), 1, 8, 8})}, {"flat", floats({64})}});
  const Tensor image = exec::load_input(*model, "image", TESTDATA_DIR "/digits/digit_1.png").tensor();
  CHECK(image.dims() == std::vector<int64_t>{1, 1, 8, 8});
  double largest = 0;
  const auto values = image.to_doubles();
  for (const double v : *values) largest = std::max(largest, v);
  CHECK(largest > 0.9);
  CHECK(largest <= 1.0);
  CHECK(exec::load_image(TESTDATA_DIR "/digits/digit_1.png", 3).dims() == std::vector<int64_t>{1, 3, 8, 8});
  CHECK_THROWS_WITH_AS(exec::load_input(*model, "flat", TESTDATA_DIR "/digits/digit_1.png"),
                       doctest::Contains("an image fits a float input of shape"), Error);
  CHECK_THROWS_WITH_AS(exec::load_image(TESTDATA_DIR "/digits/digits_cnn.onnx", 1),
                       doctest::Contains("not an image: expected BMP, JPEG"), Error);
  CHECK_THROWS_WITH_AS(exec::load_image(TESTDATA_DIR "/digits/nothing.png", 1), doctest::Contains("no such file"),
                       Error);
}

TEST_CASE("a dimension whose name is a number has that size, unless something else is said") {
  const auto model = with_inputs({{"x", floats({Dim::symbol("N"), Dim::symbol("3"), Dim::symbol("0")})}});
  CHECK(exec::make_inputs(*model, {}, {}).at("x").tensor().dims() == std::vector<int64_t>{2, 3, 8});
  CHECK(exec::make_inputs(*model, {}, {.dims = {{"3", 5}}}).at("x").tensor().dims() == std::vector<int64_t>{2, 5, 8});
}

TEST_CASE("an array of an archive is found by its key, by the input's name, or because it is the only one") {
  const auto model = with_inputs({{"images", floats({Dim::symbol("N"), 1, 8, 8})}});
  const std::string archive = TESTDATA_DIR "/digits/digits_test.npz";
  CHECK(exec::load_input(*model, "images", archive).tensor().dims() == std::vector<int64_t>{360, 1, 8, 8});
  CHECK(exec::load_tensor(archive + ":labels").dims() == std::vector<int64_t>{360});
  CHECK_THROWS_WITH_AS(exec::load_tensor(archive + ":nothing"),
                       doctest::Contains("no array 'nothing'; the archive holds"), Error);
  CHECK_THROWS_AS(exec::load_tensor("x.txt"), Error);
}
