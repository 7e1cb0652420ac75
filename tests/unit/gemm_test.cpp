#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "exec_testing.h"

using namespace surgery;
using namespace exec_testing;

namespace {

std::vector<Attribute> attributes(bool transpose_a, bool transpose_b, float alpha, float beta) {
  std::vector<Attribute> result;
  result.emplace_back("transA", int64_t{transpose_a});
  result.emplace_back("transB", int64_t{transpose_b});
  result.emplace_back("alpha", alpha);
  result.emplace_back("beta", beta);
  return result;
}

}  // namespace

TEST_CASE("Gemm is alpha A' B' + beta C for each transposition, form of C and type") {
  const int64_t m = 67;
  const int64_t n = 200;
  const int64_t k = 13;
  const Dims forms_of_c[] = {{}, {1}, {n}, {1, n}, {m, 1}, {1, 1}, {m, n}};
  for (const DataType type : {DataType::kFloat, DataType::kDouble}) {
    for (const Dims& c_dims : forms_of_c) {
      for (int transposed = 0; transposed < 4; ++transposed) {
        const bool ta = (transposed & 1) != 0;
        const bool tb = (transposed & 2) != 0;
        CAPTURE(to_string(type));
        CAPTURE(c_dims.size());
        CAPTURE(transposed);
        const Tensor a = noise_tensor(type, ta ? Dims{k, m} : Dims{m, k}, 1);
        const Tensor b = noise_tensor(type, tb ? Dims{n, k} : Dims{k, n}, 2);
        const Tensor c = noise_tensor(type, c_dims, 3);
        const Tensor y = run(*one_node("Gemm", {a, b, c}, attributes(ta, tb, 0.5F, -2.0F), 13))[0];
        REQUIRE(y.dims() == Dims{m, n});
        const std::vector<double> va = values_of(a);
        const std::vector<double> vb = values_of(b);
        const std::vector<double> vc = values_of(c);
        const std::vector<double> vy = values_of(y);
        const int64_t c_rows = c_dims.size() == 2 ? c_dims[0] : 1;
        const int64_t c_columns = c_dims.empty() ? 1 : c_dims.back();
        double worst = 0;
        for (int64_t i = 0; i < m; ++i) {
          for (int64_t j = 0; j < n; ++j) {
            double sum = 0;
            for (int64_t q = 0; q < k; ++q) {
              sum += va[static_cast<size_t>(ta ? q * m + i : i * k + q)] *
                     vb[static_cast<size_t>(tb ? j * k + q : q * n + j)];
            }
            const double addend =
                vc[static_cast<size_t>(std::min(i, c_rows - 1) * c_columns + std::min(j, c_columns - 1))];
            worst = std::max(worst, std::fabs(vy[static_cast<size_t>(i * n + j)] - (0.5 * sum - 2.0 * addend)));
          }
        }
        CHECK(worst < (type == DataType::kFloat ? 4e-6 : 1e-14));  // 13 products below 1 and twice C
      }
    }
  }
}

TEST_CASE("Gemm does without C, without rows, and without terms") {
  const Tensor a = floats({1, 2}, {1, 2});
  const Tensor b = floats({2, 2}, {1, 2, 3, 4});
  CHECK(values_of(run(*one_node("Gemm", {a, b}, {}, 11))[0]) == std::vector<double>{7, 10});
  CHECK(values_of(run(*one_node("Gemm", {a, b, Tensor()}, {}, 13))[0]) == std::vector<double>{7, 10});
  CHECK(run(*one_node("Gemm", {floats({0, 2}, {}), b}, {}))[0].dims() == Dims{0, 2});
  const Tensor without_terms =
      run(*one_node("Gemm", {floats({2, 0}, {}), floats({0, 2}, {}), floats({2}, {3, 4})}, {}))[0];
  CHECK(values_of(without_terms) == std::vector<double>{3, 4, 3, 4});
}

TEST_CASE("Gemm takes a C with NaN for beta 0 as no C at all") {
  const Tensor c = floats({1}, {std::nan("")});
  const Tensor y =
      run(*one_node("Gemm", {floats({1, 1}, {2}), floats({1, 1}, {3}), c}, attributes(false, false, 1, 0)))[0];
  CHECK(values_of(y) == std::vector<double>{6});
}

TEST_CASE("Gemm of integers scales its result") {
  const auto ints = [](Dims dims, const std::vector<double>& values) {
    return tensor(DataType::kInt32, std::move(dims), values);
  };
  const Tensor y = run(*one_node("Gemm", {ints({1, 2}, {1, 2}), ints({2, 1}, {3, 4}), ints({1}, {-5})},
                                 attributes(false, false, 2, 3)))[0];
  CHECK(values_of(y) == std::vector<double>{7});
}

TEST_CASE("Gemm before opset 7 broadcasts C only when it is told to") {
  const std::vector<Tensor> inputs{floats({2, 1}, {1, 2}), floats({1, 2}, {1, 1}), floats({2}, {10, 20})};
  CHECK(error_of([&] { run(*one_node("Gemm", inputs, {}, 6)); }) ==
        "3: node 'n' (Gemm): C has shape [2], which does not broadcast to [2, 2]");
  std::vector<Attribute> broadcast;
  broadcast.emplace_back("broadcast", int64_t{1});
  CHECK(values_of(run(*one_node("Gemm", inputs, std::move(broadcast), 6))[0]) == std::vector<double>{11, 21, 12, 22});
}

TEST_CASE("Gemm refuses what does not fit, naming the node") {
  const auto refusal = [](const Dims& a, const Dims& b, const Dims& c, bool transpose_b) {
    const auto model = one_node("Gemm",
                                {noise_tensor(DataType::kFloat, a, 1), noise_tensor(DataType::kFloat, b, 2),
                                 noise_tensor(DataType::kFloat, c, 3)},
                                attributes(false, transpose_b, 1, 1));
    return error_of([&] { run(*model); });
  };
  CHECK(refusal({2, 3, 1}, {3, 2}, {1}, false) == "3: node 'n' (Gemm): input 0 has rank 3, expected 2");
  CHECK(refusal({2, 3}, {3, 2}, {1}, true) ==
        "3: node 'n' (Gemm): A [2, 3] and B [3, 2] cannot be multiplied, B transposed");
  CHECK(refusal({2, 3}, {3, 2}, {3}, false) ==
        "3: node 'n' (Gemm): C has shape [3], which does not broadcast to [2, 2]");
  CHECK(refusal({2, 3}, {3, 2}, {1, 1, 1}, false) ==
        "3: node 'n' (Gemm): C has shape [1, 1, 1], which does not broadcast to [2, 2]");
}
