#include "report/tensor_text.h"

#include <doctest/doctest.h>

#include <cmath>

using surgery::DataType;
using surgery::Tensor;

namespace {

Tensor floats(std::vector<int64_t> dims, const std::vector<float>& values) {
  return Tensor::from_values<float>(DataType::kFloat, std::move(dims), values);
}

}  // namespace

TEST_CASE("the best classes of each row come first, the lower index first among equals") {
  const auto rankings = app::rank_classes(floats({2, 3}, {0.2F, 0.5F, 0.5F, 0.9F, 0.0F, 0.1F}), 2);
  REQUIRE(rankings.size() == 2);
  CHECK(rankings[0][0].index == 1);
  CHECK(rankings[0][1].index == 2);
  CHECK(rankings[1][0].index == 0);
  CHECK(rankings[1][1].index == 2);
}

TEST_CASE("a NaN is never the best class") {
  const auto rankings = app::rank_classes(floats({1, 2}, {NAN, -5.0F}), 1);
  REQUIRE(rankings.size() == 1);
  CHECK(rankings[0][0].index == 1);
}

TEST_CASE("there is no ranking for what is no row of scores") {
  CHECK(app::rank_classes(floats({1, 2, 1}, {1, 2}), 1).empty());
  CHECK(app::rank_classes(floats({0, 3}, {}), 1).empty());
  CHECK(app::rank_classes(floats({2}, {1, 2}), 0).empty());
  CHECK(app::rank_classes(Tensor::vector(std::vector<int64_t>{1, 2}), 1).empty());
}

TEST_CASE("a tensor is told by name, type, range and what is best or in it") {
  CHECK(app::tensor_text("p", floats({1, 2}, {0.25F, 0.75F}), 1) ==
        "p  float[1, 2]  min 0.25, max 0.75, mean 0.5\n  class 1 (0.75)\n");
  CHECK(app::tensor_text("n", Tensor::vector(std::vector<int64_t>{3, 4}), 1) ==
        "n  int64[2]  min 3, max 4, mean 3.5\n  3, 4\n");
  CHECK(app::tensor_text("s", Tensor::from_strings({1}, {"a\nb"}), 1) == "s  string[1]\n  'a\\x0Ab'\n");
  CHECK(app::tensor_text("e", floats({0}, {}), 1) == "e  float[0]\n");
}
