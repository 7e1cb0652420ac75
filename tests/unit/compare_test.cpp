#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string_view>

#include "exec/parity.h"

using exec::compare;
using exec::Difference;
using surgery::DataType;
using surgery::Tensor;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

Tensor floats(const std::vector<float>& values) {
  return Tensor::from_values<float>(DataType::kFloat, {static_cast<int64_t>(values.size())}, values);
}

}  // namespace

TEST_CASE("a pair is within when |actual - expected| <= atol + rtol * |expected|") {
  struct Case {
    std::string_view name;
    std::vector<float> actual;
    std::vector<float> expected;
    bool within;
  };
  const Case cases[] = {
      {"equal", {1, 2}, {1, 2}, true},
      {"no elements", {}, {}, true},
      {"at the relative bound", {1.125F}, {1.0F}, true},  // atol 0, rtol 1/8: exact in binary
      {"over the bound", {1.1251F}, {1.0F}, false},
      {"the bound is relative to the expected side", {1.0F}, {1.14F}, true},
      {"and not to the actual side", {1.14F}, {1.0F}, false},
      {"NaN equals NaN", {kNan}, {kNan}, true},
      {"NaN against a number", {kNan}, {1}, false},
      {"a number against NaN", {1}, {kNan}, false},
      {"infinities of one sign", {kInf, -kInf}, {kInf, -kInf}, true},
      {"infinities of two signs", {kInf}, {-kInf}, false},
      {"infinity against a number", {kInf}, {1}, false},
      {"zero against zero of the other sign", {0.0F}, {-0.0F}, true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(compare(floats(c.actual), floats(c.expected), {.rtol = 0.125, .atol = 0}).within == c.within);
  }
}

TEST_CASE("the worst element, the outsiders and the cosine are counted") {
  const Difference d = compare(floats({1, 2, 3, 10}), floats({1, 2, 4, 4}), {.rtol = 0, .atol = 0.5});
  CHECK(d.num_elements == 4);
  CHECK(d.num_outside == 2);
  CHECK(d.max_abs == doctest::Approx(6));
  CHECK(d.max_rel == doctest::Approx(1.5));
  CHECK(d.worst_index == 3);
  CHECK(d.cosine == doctest::Approx(57 / (std::sqrt(114.0) * std::sqrt(37.0))));
  CHECK(compare(floats({0, 0}), floats({0, 0}), {}).cosine == 1);
  CHECK(compare(floats({0, 0}), floats({1, 0}), {}).cosine == 0);
}

TEST_CASE("another type or shape is a difference with its reason") {
  const Tensor f = floats({1});
  CHECK(compare(f, Tensor::scalar(1.0F), {}).reason == "shape [1], expected []");
  CHECK(compare(f, Tensor::vector(std::vector<int64_t>{1}), {}).reason == "type float, expected int64");
  CHECK_FALSE(compare(f, Tensor::scalar(1.0F), {}).within);
}

TEST_CASE("integers that round to the same double are still different") {
  const int64_t big = (int64_t{1} << 60) + 1;
  const Difference d = compare(Tensor::scalar(big), Tensor::scalar(big - 1), {.rtol = 0, .atol = 0});
  CHECK_FALSE(d.within);
  CHECK(d.max_abs == 1);
}

TEST_CASE("halves, strings and packed types are compared too") {
  const auto half = [](uint16_t bits) {
    return Tensor::from_values<uint16_t>(DataType::kFloat16, {1}, std::vector<uint16_t>{bits});
  };
  CHECK(compare(half(0x3C00), half(0x3C00), {}).within);
  CHECK(compare(half(0x4000), half(0x3C00), {}).max_abs == 1);
  CHECK(compare(Tensor::from_strings({2}, {"a", "b"}), Tensor::from_strings({2}, {"a", "c"}), {}).num_outside == 1);
  Tensor packed = Tensor::zeros(DataType::kInt4, {3});
  CHECK(compare(packed, Tensor::zeros(DataType::kInt4, {3}), {}).within);
  packed.mutable_bytes()[0] = std::byte{0x10};
  CHECK_FALSE(compare(packed, Tensor::zeros(DataType::kInt4, {3}), {}).within);
}

TEST_CASE("large tensors give the same sums whatever the number of threads") {
  std::vector<float> a(200'003);
  std::vector<float> b(a.size());
  for (size_t i = 0; i < a.size(); ++i) {
    a[i] = std::sin(static_cast<float>(i));
    b[i] = a[i] + 1e-3F * std::cos(static_cast<float>(i));
  }
  exec::set_num_threads(1);
  const Difference one = compare(floats(a), floats(b), {});
  exec::set_num_threads(2);
  const Difference two = compare(floats(a), floats(b), {});
  exec::set_num_threads(0);
  CHECK(one.cosine == two.cosine);
  CHECK(one.max_abs == two.max_abs);
  CHECK(one.worst_index == two.worst_index);
}

TEST_CASE("types of fewer bits have wider default tolerances") {
  CHECK(exec::default_tolerance(DataType::kFloat).rtol == 1e-3);
  CHECK(exec::default_tolerance(DataType::kDouble).atol == 1e-4);
  CHECK(exec::default_tolerance(DataType::kFloat16).rtol == 1e-2);
  CHECK(exec::default_tolerance(DataType::kBfloat16).rtol == 5e-2);
  CHECK(exec::default_tolerance(DataType::kInt64).rtol == 1e-3);
}
