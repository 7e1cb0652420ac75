#include <doctest/doctest.h>

#include "exec_testing.h"

using namespace exec_testing;

namespace {

/// y = (a * b + a) / b and its derivatives at a = 3, b = 2: b / b + 1 / b = 1.5 and -a / b^2 = -0.75.
constexpr std::string_view kQuotient = R"(
  <opset_import: ["" : 13, "ai.onnx.preview.training" : 1]>
  g () => (float da, float db) <float a = {3}, float b = {2}> {
    p = Mul (a, b)
    s = Add (p, a)
    y = Div (s, b)
    da, db = ai.onnx.preview.training.Gradient <xs = ["a", "b"], y = "y"> (a, b)
  })";

/// The sum of M * x, with x repeated along the columns of M.
constexpr std::string_view kBroadcast = R"(
  <opset_import: ["" : 13, "ai.onnx.preview.training" : 1]>
  g () => (float[2] dx) <float[2] x = {5, 7}, float[3, 2] m = {1, 2, 3, 4, 5, 6}> {
    y = Mul (m, x)
    dx = ai.onnx.preview.training.Gradient <xs = ["x"], y = "y"> (x)
  })";

constexpr std::string_view kMatrices = R"(
  <opset_import: ["" : 13, "ai.onnx.preview.training" : 1]>
  g () => (float[1, 2] da, float[2, 1] db) <float[1, 2] a = {1, 2}, float[2, 1] b = {3, 4}> {
    y = MatMul (a, b)
    da, db = ai.onnx.preview.training.Gradient <xs = ["a", "b"], y = "y"> (a, b)
  })";

}  // namespace

TEST_CASE("Gradient walks back over elementwise operators") {
  const auto results = run(kQuotient);
  CHECK(values_of(results[0]) == std::vector<double>{1.5});
  CHECK(values_of(results[1]) == std::vector<double>{-0.75});
}

TEST_CASE("Gradient sums over what a tensor was broadcast to") {
  CHECK(values_of(run(kBroadcast)[0]) == std::vector<double>{9, 12});
}

TEST_CASE("Gradient walks back over a product of matrices") {
  const auto results = run(kMatrices);
  CHECK(values_of(results[0]) == std::vector<double>{3, 4});
  CHECK(values_of(results[1]) == std::vector<double>{1, 2});
}

TEST_CASE("Gradient says what it cannot do") {
  CHECK(error_of([] {
          run(R"(<opset_import: ["" : 13, "ai.onnx.preview.training" : 1]>
            g () => (float dx) <float[2] x = {1, 2}> {
              y = Softmax (x)
              dx = ai.onnx.preview.training.Gradient <xs = ["x"], y = "y"> (x)
            })");
        }) ==
        "4: node of output 'dx' (ai.onnx.preview.training.Gradient): the derivative of node of output 'y' (Softmax) is "
        "not supported");
  CHECK(error_of([] {
          run(R"(<opset_import: ["" : 13, "ai.onnx.preview.training" : 1]>
            g () => (float dx) <float x = {1}> {
              y = Exp (x)
              dx = ai.onnx.preview.training.Gradient <xs = ["x"], y = "z"> (x)
            })");
        }) == "3: node of output 'dx' (ai.onnx.preview.training.Gradient): the graph has no tensor 'z'");
}
