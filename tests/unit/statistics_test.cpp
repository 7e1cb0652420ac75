#include "surgery/statistics.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

namespace surgery {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::optional<TensorStatistics> statistics_of_one(const Tensor& tensor, int threads = 1) {
  const Tensor* pointer = &tensor;
  return statistics_of({&pointer, 1}, threads)[0];
}

template <typename T>
Tensor tensor_of(DataType type, std::vector<T> values) {
  return Tensor::from_values<T>(type, {static_cast<int64_t>(values.size())}, values);
}

Tensor tensor_of_bytes(DataType type, std::vector<int64_t> dims, std::initializer_list<int> bytes) {
  Tensor tensor = Tensor::zeros(type, std::move(dims));
  size_t i = 0;
  for (const int byte : bytes) tensor.mutable_bytes()[i++] = static_cast<std::byte>(byte);
  return tensor;
}

TEST_CASE("statistics of a few numbers are those of a textbook") {
  const TensorStatistics all = *statistics_of_one(tensor_of<float>(DataType::kFloat, {2, 4, 4, 4, 5, 5, 7, 9}));
  CHECK(all.num_elements == 8);
  CHECK(all.min == 2);
  CHECK(all.max == 9);
  CHECK(all.mean == 5);
  CHECK(all.stddev == 2);
  CHECK(all.num_zeros == 0);
  CHECK(all.histogram == std::array<int64_t, 8>{1, 0, 3, 2, 0, 1, 0, 1});
}

TEST_CASE("NaN and infinities are counted and left out of the rest") {
  const TensorStatistics all =
      *statistics_of_one(tensor_of<float>(DataType::kFloat, {kNan, 1, -kInf, 0, kInf, -0.0F, kNan, 3}));
  CHECK(all.num_nan == 2);
  CHECK(all.num_inf == 2);
  CHECK(all.num_finite() == 4);
  CHECK(all.num_zeros == 2);
  CHECK(all.min == 0);
  CHECK(all.max == 3);
  CHECK(all.mean == 1);
  CHECK(std::accumulate(all.histogram.begin(), all.histogram.end(), int64_t{0}) == 4);
}

TEST_CASE("nothing but NaN, and nothing at all") {
  const TensorStatistics nan = *statistics_of_one(tensor_of<float>(DataType::kFloat, {kNan, kNan}));
  CHECK(nan.num_finite() == 0);
  CHECK(nan.min == 0);
  const TensorStatistics empty = *statistics_of_one(Tensor::zeros(DataType::kFloat, {0, 4}));
  CHECK(empty.num_elements == 0);
  CHECK(empty.histogram == std::array<int64_t, 8>{});
}

TEST_CASE("equal elements have no deviation and one bin") {
  const TensorStatistics all = *statistics_of_one(tensor_of<double>(DataType::kDouble, {0.1, 0.1, 0.1}));
  CHECK(all.stddev == 0);
  CHECK(all.histogram[0] == 3);
}

TEST_CASE("the whole range of doubles fits into the bins") {
  constexpr double kMost = std::numeric_limits<double>::max();
  const TensorStatistics all = *statistics_of_one(tensor_of<double>(DataType::kDouble, {-kMost, kMost, 0, 1}));
  CHECK(all.histogram == std::array<int64_t, 8>{1, 0, 0, 0, 2, 0, 0, 1});
  constexpr double kLeast = std::numeric_limits<double>::denorm_min();
  CHECK(statistics_of_one(tensor_of<double>(DataType::kDouble, {0, kLeast}))->num_zeros == 1);
}

TEST_CASE("a large mean does not swallow a small deviation") {
  std::vector<double> values;
  for (int i = 0; i < 5000; ++i) values.push_back(1e9 + (i % 2 == 0 ? 1 : -1));
  const TensorStatistics all = *statistics_of_one(tensor_of<double>(DataType::kDouble, values));
  CHECK(all.mean == doctest::Approx(1e9));
  CHECK(all.stddev == doctest::Approx(1));
}

struct TypeCase {
  std::string_view name;
  Tensor tensor;
  double min;
  double max;
  double mean;
};

TEST_CASE("every type is read as its numbers") {
  const TypeCase cases[] = {
      {"int8", tensor_of<int8_t>(DataType::kInt8, {-128, 127, 1}), -128, 127, 0},
      {"uint8", tensor_of<uint8_t>(DataType::kUint8, {255, 0, 0}), 0, 255, 85},
      {"int16", tensor_of<int16_t>(DataType::kInt16, {-300, 300}), -300, 300, 0},
      {"uint16", tensor_of<uint16_t>(DataType::kUint16, {65535, 1}), 1, 65535, 32768},
      {"int32", tensor_of<int32_t>(DataType::kInt32, {-2147483647, 2147483647}), -2147483647, 2147483647, 0},
      {"uint32", tensor_of<uint32_t>(DataType::kUint32, {4294967295, 1}), 1, 4294967295.0, 2147483648.0},
      {"int64", tensor_of<int64_t>(DataType::kInt64, {-5, 9}), -5, 9, 2},
      {"uint64", tensor_of<uint64_t>(DataType::kUint64, {5, 9}), 5, 9, 7},
      {"bool", tensor_of<uint8_t>(DataType::kBool, {1, 0}), 0, 1, 0.5},
      {"float16", tensor_of<uint16_t>(DataType::kFloat16, {0x3C00, 0xC000}), -2, 1, -0.5},
      {"bfloat16", tensor_of<uint16_t>(DataType::kBfloat16, {0x3F80, 0xC000}), -2, 1, -0.5},
      {"float8e4m3fn", tensor_of<uint8_t>(DataType::kFloat8E4M3Fn, {0x38, 0xC0}), -2, 1, -0.5},
      {"int4, low bits first", tensor_of_bytes(DataType::kInt4, {3}, {0x8F, 0x07}), -8, 7, -2.0 / 3},
      {"uint4", tensor_of_bytes(DataType::kUint4, {3}, {0x1F, 0x02}), 1, 15, 6},
      {"int2", tensor_of_bytes(DataType::kInt2, {4}, {0xE4}), -2, 1, -0.5},
      {"uint2", tensor_of_bytes(DataType::kUint2, {4}, {0xE4}), 0, 3, 1.5},
      {"float4e2m1", tensor_of_bytes(DataType::kFloat4E2M1, {2}, {0xF7}), -6, 6, 0},
  };
  for (const TypeCase& c : cases) {
    CAPTURE(c.name);
    const std::optional<TensorStatistics> all = statistics_of_one(c.tensor);
    REQUIRE(all.has_value());
    CHECK(all->min == c.min);
    CHECK(all->max == c.max);
    CHECK(all->mean == doctest::Approx(c.mean));
  }
}

TEST_CASE("strings, complex numbers and 6-bit types have no statistics") {
  CHECK_FALSE(statistics_of_one(Tensor::from_strings({1}, {"a"})).has_value());
  CHECK_FALSE(statistics_of_one(Tensor::zeros(DataType::kComplex64, {2})).has_value());
  CHECK_FALSE(statistics_of_one(Tensor::zeros(DataType::kFloat6E2M3, {4})).has_value());
}

TEST_CASE("many elements: the number of threads changes no bit, and the sums are right") {
  constexpr int64_t kCount = 3'000'001;
  Tensor tensor = Tensor::zeros(DataType::kFloat, {kCount});
  float value = 0;
  for (float& element : tensor.mutable_values<float>()) element = value = value > 1 ? value - 2.001F : value + 0.37F;
  long double sum = 0;
  for (const float element : tensor.values<float>()) sum += element;
  const TensorStatistics one = *statistics_of_one(tensor, 1);
  const TensorStatistics three = *statistics_of_one(tensor, 3);
  CHECK(std::bit_cast<uint64_t>(one.mean) == std::bit_cast<uint64_t>(three.mean));
  CHECK(std::bit_cast<uint64_t>(one.stddev) == std::bit_cast<uint64_t>(three.stddev));
  CHECK(one.histogram == three.histogram);
  CHECK(one.mean == doctest::Approx(static_cast<double>(sum / kCount)).epsilon(1e-12));
  CHECK(std::accumulate(one.histogram.begin(), one.histogram.end(), int64_t{0}) == kCount);
}

class FailingStorage : public TensorStorage {
 public:
  std::span<const std::byte> bytes() const override { throw Error(ErrorCode::kRead, "the data is gone"); }
};

TEST_CASE("elements that cannot be had are an error") {
  const Tensor tensor(DataType::kFloat, {4}, std::make_shared<FailingStorage>());
  CHECK_THROWS_WITH_AS(statistics_of_one(tensor, 2), "the data is gone", Error);
}

}  // namespace
}  // namespace surgery
