#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string_view>

#include "exec_testing.h"

using namespace surgery;
using namespace exec_testing;

namespace {

Tensor product_of(const Tensor& a, const Tensor& b, int threads = 0) {
  return run(*one_node("MatMul", {a, b}, {}), {.threads = threads})[0];
}

/// Element (i, j) of product `p` where A and B hold `p_a` and `p_b` as their p-th matrix.
double dot(const std::vector<double>& a, const std::vector<double>& b, int64_t a_at, int64_t b_at, int64_t n,
           int64_t k) {
  double sum = 0;
  for (int64_t q = 0; q < k; ++q) {
    sum += a[static_cast<size_t>(a_at + q)] * b[static_cast<size_t>(b_at + q * n)];
  }
  return sum;
}

}  // namespace

TEST_CASE("MatMul gives numpy's shapes, leading dims broadcast and vectors without their axis") {
  struct Shapes {
    Dims a;
    Dims b;
    Dims y;
  };
  const Shapes table[] = {
      {{2, 3}, {3, 4}, {2, 4}},
      {{3}, {3}, {}},
      {{3}, {3, 4}, {4}},
      {{2, 3}, {3}, {2}},
      {{5, 2, 3}, {3, 4}, {5, 2, 4}},
      {{2, 3}, {5, 3, 4}, {5, 2, 4}},
      {{3}, {5, 3, 4}, {5, 4}},
      {{5, 2, 3}, {3}, {5, 2}},
      {{5, 1, 2, 3}, {6, 3, 4}, {5, 6, 2, 4}},
      {{0, 3}, {3, 4}, {0, 4}},
      {{2, 0}, {0, 4}, {2, 4}},
      {{0, 2, 3}, {1, 3, 4}, {0, 2, 4}},
  };
  for (const Shapes& s : table) {
    for (const DataType type : {DataType::kFloat, DataType::kDouble, DataType::kInt32}) {
      CAPTURE(to_string(type));
      const Tensor y = product_of(noise_tensor(type, s.a, 1), noise_tensor(type, s.b, 2));
      CHECK(y.dims() == s.y);
      CHECK(y.type() == type);
    }
  }
}

TEST_CASE("MatMul multiplies each pair of matrices") {
  // Sizes beside those of the tiles; A repeats along axis 0, B along axis 1.
  const int64_t m = 65;
  const int64_t n = 193;
  const int64_t k = 70;
  const Tensor a = noise_tensor(DataType::kFloat, {1, 2, m, k}, 1);
  const Tensor b = noise_tensor(DataType::kFloat, {3, 1, k, n}, 2);
  const Tensor y = product_of(a, b);
  REQUIRE(y.dims() == Dims{3, 2, m, n});
  const std::vector<double> va = values_of(a);
  const std::vector<double> vb = values_of(b);
  const std::vector<double> vy = values_of(y);
  double worst = 0;
  for (int64_t p = 0; p < 6; ++p) {
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        const double expected = dot(va, vb, p % 2 * m * k + i * k, p / 2 * k * n + j, n, k);
        worst = std::max(worst, std::fabs(vy[static_cast<size_t>((p * m + i) * n + j)] - expected));
      }
    }
  }
  CHECK(worst < 1e-5);  // sums of 70 products below 1
  for (const int threads : {1, 2, 5}) CHECK(identical(product_of(a, b, threads), y));
}

TEST_CASE("MatMul of integers wraps, of halves rounds once") {
  const Tensor big = tensor(DataType::kInt32, {1, 2}, {2147483647.0, 1.0});
  const Tensor ones = tensor(DataType::kInt32, {2, 1}, {1.0, 1.0});
  CHECK(values_of(product_of(big, ones)) == std::vector<double>{-2147483648.0});
  // 2048 + 1 + 1 in halves, one addition at a time, would stay at 2048.
  const Tensor a = tensor(DataType::kFloat16, {1, 3}, {2048, 1, 1});
  const Tensor b = tensor(DataType::kFloat16, {3, 1}, {1, 1, 1});
  CHECK(values_of(product_of(a, b)) == std::vector<double>{2050});
}

TEST_CASE("MatMul keeps NaN where 0 meets infinity") {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> y = values_of(product_of(floats({2, 2}, {0, 1, 1, 1}), floats({2, 1}, {inf, 2})));
  CHECK(std::isnan(y[0]));
  CHECK(y[1] == inf);
}

TEST_CASE("MatMul refuses what does not fit, naming the node") {
  const auto refusal = [](const Dims& a, const Dims& b) {
    return error_of([&] { product_of(noise_tensor(DataType::kFloat, a, 1), noise_tensor(DataType::kFloat, b, 2)); });
  };
  CHECK(refusal({2, 3}, {4, 2}) ==
        "3: node 'n' (MatMul): A [2, 3] and B [4, 2] cannot be multiplied: 3 columns meet 4 rows");
  CHECK(refusal({}, {4, 2}) == "3: node 'n' (MatMul): A [] and B [4, 2] cannot be multiplied: a scalar is no matrix");
  CHECK(refusal({2, 2, 3}, {3, 3, 2}) == "3: node 'n' (MatMul): shapes [2], [3] do not broadcast to one shape");
  CHECK(error_of([] { product_of(floats({1}, {1}), tensor(DataType::kDouble, {1}, {1})); }) ==
        "3: node 'n' (MatMul): A and B have different types");
}

TEST_CASE("MatMul asks for its result's memory before it sets out") {
  // A shape without elements in A gives 2^40 sums of nothing.
  const auto model = one_node("MatMul",
                              {Tensor::zeros(DataType::kFloat, {int64_t{1} << 20, 1, 0}),
                               Tensor::zeros(DataType::kFloat, {1, 0, int64_t{1} << 20})},
                              {});
  CHECK(error_of([&] { run(*model, {.max_bytes = int64_t{1} << 30}); }) ==
        "4: node 'n' (MatMul): output 0 would be float[1048576, 1, 1048576] of 4.0 TiB, over the 1.0 GiB that are left "
        "of "
        "the memory limit");
}
