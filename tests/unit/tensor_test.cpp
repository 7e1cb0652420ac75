#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "surgery/tensor.h"

using namespace surgery;

TEST_CASE("checked_product refuses negative dims and overflow, also beside a zero") {
  CHECK(checked_product(std::vector<int64_t>{}) == 1);
  CHECK(checked_product(std::vector<int64_t>{2, 3}) == 6);
  CHECK(checked_product(std::vector<int64_t>{5, 0}) == 0);
  CHECK_FALSE(checked_product(std::vector<int64_t>{-1}).has_value());
  CHECK_FALSE(checked_product(std::vector<int64_t>{int64_t{1} << 62, 4}).has_value());
  CHECK_FALSE(checked_product(std::vector<int64_t>{0, int64_t{1} << 62, 4}).has_value());
}

TEST_CASE("packed types round up to whole bytes") {
  CHECK(packed_size_bytes(DataType::kInt4, 5) == 3);
  CHECK(packed_size_bytes(DataType::kUint2, 5) == 2);
  CHECK(packed_size_bytes(DataType::kFloat6E2M3, 5) == 4);
  CHECK(packed_size_bytes(DataType::kFloat6E3M2, INT64_MAX) == INT64_MAX / 8 * 6 + 6);
  CHECK(packed_size_bytes(DataType::kFloat, 5) == 20);
  CHECK_FALSE(packed_size_bytes(DataType::kString, 5).has_value());
  CHECK_FALSE(packed_size_bytes(DataType::kDouble, INT64_MAX).has_value());
}

TEST_CASE("every data type has a name that parses back to it") {
  for (int32_t i = 1; i <= kMaxDataType; ++i) {
    const auto type = static_cast<DataType>(i);
    CAPTURE(i);
    CHECK(parse_data_type(to_string(type)) == type);
  }
  CHECK_FALSE(parse_data_type("undefined").has_value());
}

TEST_CASE("every half survives the way to float and back") {
  for (uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = half_to_float(half);
    const bool is_nan = (bits & 0x7C00U) == 0x7C00U && (bits & 0x3FFU) != 0;
    CHECK(std::isnan(value) == is_nan);
    if (!is_nan) CHECK(float_to_half(value) == half);
  }
}

TEST_CASE("float_to_half rounds to nearest even and overflows to infinity") {
  CHECK(float_to_half(1.0F + 0x1p-11F) == 0x3C00);             // halfway, to even
  CHECK(float_to_half(1.0F + 0x1p-11F + 0x1p-20F) == 0x3C01);  // above halfway
  CHECK(float_to_half(65519.0F) == 0x7BFF);
  CHECK(float_to_half(65520.0F) == 0x7C00);
  CHECK(float_to_half(0x1p-25F) == 0x0000);  // halfway to the smallest subnormal, to even
  CHECK(float_to_half(0x1.8p-25F) == 0x0001);
  CHECK(float_to_half(-std::numeric_limits<float>::infinity()) == 0xFC00);
  CHECK(std::isnan(half_to_float(float_to_half(std::numeric_limits<float>::quiet_NaN()))));
}

TEST_CASE("float_to_bfloat16 rounds to nearest even and keeps NaN") {
  CHECK(float_to_bfloat16(1.0F) == 0x3F80);
  CHECK(float_to_bfloat16(1.0F + 0x1p-8F) == 0x3F80);
  CHECK(float_to_bfloat16(1.0F + 0x1.8p-8F) == 0x3F81);
  CHECK(std::isnan(bfloat16_to_float(float_to_bfloat16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST_CASE("a tensor that is too large to exist is refused, not attempted") {
  CHECK_THROWS_AS(Tensor::zeros(DataType::kFloat, {int64_t{1} << 62}), Error);
  CHECK_THROWS_AS(Tensor::zeros(DataType::kFloat, {-1}), Error);
}

TEST_CASE("elements are read as int64 and double whatever their type") {
  const Tensor small = Tensor::from_values<int8_t>(DataType::kInt8, {3}, std::vector<int8_t>{-1, 0, 127});
  CHECK(small.to_int64s() == std::vector<int64_t>{-1, 0, 127});
  CHECK(small.to_doubles() == std::vector<double>{-1, 0, 127});
  const Tensor half = Tensor::from_values<uint16_t>(DataType::kFloat16, {1}, std::vector<uint16_t>{0x3C00});
  CHECK(half.to_doubles() == std::vector<double>{1});
  CHECK_FALSE(half.to_int64s().has_value());
  CHECK_FALSE(small.to_int64s(2).has_value());
}

TEST_CASE("identical compares bits, so that a NaN equals itself and 0 differs from -0") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(identical(Tensor::scalar(nan), Tensor::scalar(nan)));
  CHECK_FALSE(identical(Tensor::scalar(0.0F), Tensor::scalar(-0.0F)));
  CHECK_FALSE(identical(Tensor::scalar(1.0F), Tensor::scalar(int64_t{1})));
  CHECK(identical(Tensor::from_strings({1}, {"a"}), Tensor::from_strings({1}, {"a"})));
}
