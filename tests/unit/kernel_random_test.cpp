#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "exec_testing.h"

using namespace surgery;
using namespace exec_testing;

namespace {

std::vector<Attribute> seeded(float seed) {
  std::vector<Attribute> given;
  given.emplace_back("seed", seed);
  return given;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("the numbers are those of numpy's RandomState") {
  // RandomState(7).random_sample(3) and RandomState(7).standard_normal(4), numpy 1.26.
  std::vector<Attribute> uniform = seeded(7);
  uniform.emplace_back("shape", Dims{3});
  uniform.emplace_back("dtype", int64_t{11});
  const std::vector<double> drawn = values_of(run(*one_node("RandomUniform", {}, std::move(uniform)))[0]);
  CHECK(drawn[0] == doctest::Approx(0.07630828937395717).epsilon(1e-15));
  CHECK(drawn[1] == doctest::Approx(0.7799187922401146).epsilon(1e-15));
  CHECK(drawn[2] == doctest::Approx(0.4384092314408935).epsilon(1e-15));
  std::vector<Attribute> normal = seeded(7);
  normal.emplace_back("shape", Dims{2});
  normal.emplace_back("dtype", int64_t{11});
  const std::vector<double> normals = values_of(run(*one_node("RandomNormal", {}, std::move(normal)))[0]);
  CHECK(normals[0] == doctest::Approx(1.690525703800356).epsilon(1e-14));
  CHECK(normals[1] == doctest::Approx(-0.4659373705408328).epsilon(1e-14));
}

TEST_CASE("Bernoulli gives ones with the probability of each element, in the type asked for") {
  constexpr int64_t kCount = 20000;
  for (const double p : {0.0, 0.25, 0.9, 1.0}) {
    std::vector<Attribute> given = seeded(3);
    given.emplace_back("dtype", int64_t{9});
    const Tensor x = floats({kCount / 100, 100}, std::vector<double>(kCount, p));
    const Tensor y = run(*one_node("Bernoulli", {x}, std::move(given)))[0];
    CHECK(y.type() == DataType::kBool);
    CHECK(y.dims() == x.dims());
    const auto values = y.to_int64s(kCount);
    REQUIRE(values);
    // Five standard deviations of the mean.
    const double deviation = std::sqrt(p * (1 - p) / kCount);
    CHECK(std::abs(mean_of({values->begin(), values->end()}) - p) <= 5 * deviation);
  }
}

TEST_CASE("without a seed a node draws the same numbers each time, and another node others") {
  const auto model = graph_text::parse(R"(
    g () => (float[8] a, float[8] b) { a = RandomUniform <shape = [8]> ()  b = RandomUniform <shape = [8]> () })");
  const auto one = run(*model);
  const auto two = run(*model);
  CHECK(values_of(one[0]) == values_of(two[0]));
  CHECK(values_of(one[0]) != values_of(one[1]));
}

TEST_CASE("Multinomial draws classes by their weight and refuses rows without any") {
  std::vector<Attribute> given = seeded(1);
  given.emplace_back("sample_size", int64_t{20000});
  const Tensor logits = floats({1, 3}, {0, std::log(3.0), -1000});
  const auto drawn = run(*one_node("Multinomial", {logits}, std::move(given)))[0].to_int64s(20000);
  REQUIRE(drawn);
  CHECK(std::abs(mean_of({drawn->begin(), drawn->end()}) - 0.75) < 0.016);
  CHECK(error_of([] {
          run(*one_node("Multinomial", {floats({1, 2}, {HUGE_VAL, 0})}, {}));
        }) == "3: node 'n' (Multinomial): row 0 holds no probabilities");
}
