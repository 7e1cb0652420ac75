#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "exec_testing.h"

using namespace surgery;
using namespace exec_testing;

namespace {

struct Case {
  std::string_view name;
  Dims x;
  Dims w;
  Dims y;  ///< by hand from the standard's formula
  int64_t group = 1;
  Dims strides{};
  Dims pads{};
  Dims dilations{};
  Dims output_padding{};
  Dims output_shape{};
  std::string_view auto_pad{};
  Dims pads_taken{};  ///< where they are not `pads`
};

const Case kCases[] = {
    {.name = "plain", .x = {2, 3, 4, 5}, .w = {3, 2, 3, 3}, .y = {2, 2, 6, 7}},
    {.name = "strides and pads",
     .x = {1, 2, 4, 3},
     .w = {2, 3, 3, 3},
     .y = {1, 3, 7, 7},
     .strides = {2, 3},
     .pads = {1, 1, 1, 1}},
    {.name = "output padding",
     .x = {1, 2, 3, 3},
     .w = {2, 2, 3, 3},
     .y = {1, 2, 10, 8},
     .strides = {3, 2},
     .output_padding = {1, 1}},
    {.name = "dilations", .x = {1, 1, 3, 3}, .w = {1, 2, 2, 2}, .y = {1, 2, 5, 6}, .dilations = {2, 3}},
    {.name = "groups", .x = {2, 4, 3, 3}, .w = {4, 3, 2, 2}, .y = {2, 6, 6, 6}, .group = 2, .strides = {2, 2}},
    {.name = "depthwise",
     .x = {1, 3, 3, 3},
     .w = {3, 1, 4, 4},
     .y = {1, 3, 6, 6},
     .group = 3,
     .strides = {2, 2},
     .pads = {1, 1, 1, 1}},
    {.name = "1-D", .x = {2, 2, 5}, .w = {2, 3, 3}, .y = {2, 3, 9}, .strides = {2}, .pads = {1, 1}},
    {.name = "3-D", .x = {1, 2, 2, 3, 2}, .w = {2, 2, 2, 3, 2}, .y = {1, 2, 3, 5, 4}, .strides = {1, 1, 2}},
    {.name = "4-D", .x = {1, 1, 2, 2, 2, 1}, .w = {1, 2, 2, 1, 2, 3}, .y = {1, 2, 3, 2, 3, 3}},
    {.name = "output_shape pads more at the begin",
     .x = {1, 1, 3},
     .w = {1, 1, 3},
     .y = {1, 1, 6},
     .strides = {2},
     .output_shape = {6},
     .pads_taken = {1, 0}},
    {.name = "output_shape with SAME_UPPER pads more at the end",
     .x = {1, 1, 3},
     .w = {1, 1, 3},
     .y = {1, 1, 6},
     .strides = {2},
     .output_shape = {6},
     .auto_pad = "SAME_UPPER",
     .pads_taken = {0, 1}},
    {.name = "SAME_LOWER gives input times stride",
     .x = {1, 1, 3},
     .w = {1, 1, 3},
     .y = {1, 1, 6},
     .strides = {2},
     .auto_pad = "SAME_LOWER",
     .pads_taken = {1, 0}},
    {.name = "output_shape beyond the full one", .x = {1, 1, 2}, .w = {1, 1, 2}, .y = {1, 1, 5}, .output_shape = {5}},
    {.name = "no samples", .x = {0, 1, 2, 2}, .w = {1, 1, 2, 2}, .y = {0, 1, 3, 3}},
    {.name = "no input channels", .x = {1, 0, 2}, .w = {0, 1, 2}, .y = {1, 1, 3}},
};

std::vector<Attribute> attributes_of(const Case& c) {
  std::vector<Attribute> attributes;
  attributes.emplace_back("group", c.group);
  if (!c.strides.empty()) attributes.emplace_back("strides", c.strides);
  if (!c.pads.empty()) attributes.emplace_back("pads", c.pads);
  if (!c.dilations.empty()) attributes.emplace_back("dilations", c.dilations);
  if (!c.output_padding.empty()) attributes.emplace_back("output_padding", c.output_padding);
  if (!c.output_shape.empty()) attributes.emplace_back("output_shape", c.output_shape);
  if (!c.auto_pad.empty()) attributes.emplace_back("auto_pad", std::string(c.auto_pad));
  return attributes;
}

bool advance(Dims& index, const Dims& extents) {
  for (size_t axis = extents.size(); axis-- > 0;) {
    if (++index[axis] < extents[axis]) return true;
    index[axis] = 0;
  }
  return false;
}

int64_t flat(const Dims& index, const Dims& extents) {
  int64_t offset = 0;
  for (size_t axis = 0; axis < extents.size(); ++axis) offset = offset * extents[axis] + index[axis];
  return offset;
}

/// Every element of x spreads its copy of the kernel over y.
std::vector<double> naive(const Case& c, const std::vector<double>& x, const std::vector<double>& w,
                          const std::vector<double>& bias) {
  const size_t rank = c.x.size() - 2;
  const Dims pads = !c.pads_taken.empty() ? c.pads_taken : c.pads.empty() ? Dims(2 * rank, 0) : c.pads;
  std::vector<double> y(static_cast<size_t>(*checked_product(c.y)), 0.0);
  if (!y.empty()) {
    Dims at(c.y.size(), 0);
    do y[static_cast<size_t>(flat(at, c.y))] = bias[static_cast<size_t>(at[1])];
    while (advance(at, c.y));
  }
  if (x.empty() || w.empty()) return y;
  Dims from(c.x.size(), 0);
  do {
    const Dims taps(c.w.begin() + 1, c.w.end());
    Dims tap(taps.size(), 0);
    do {
      Dims to{from[0], from[1] / (c.x[1] / c.group) * c.w[1] + tap[0]};
      bool inside = true;
      for (size_t axis = 0; axis < rank; ++axis) {
        to.push_back(from[axis + 2] * (c.strides.empty() ? 1 : c.strides[axis]) +
                     tap[axis + 1] * (c.dilations.empty() ? 1 : c.dilations[axis]) - pads[axis]);
        inside = inside && to.back() >= 0 && to.back() < c.y[axis + 2];
      }
      Dims weight{from[1]};
      weight.insert(weight.end(), tap.begin(), tap.end());
      if (inside) {
        y[static_cast<size_t>(flat(to, c.y))] +=
            x[static_cast<size_t>(flat(from, c.x))] * w[static_cast<size_t>(flat(weight, c.w))];
      }
    } while (advance(tap, taps));
  } while (advance(from, c.x));
  return y;
}

}  // namespace

TEST_CASE("ConvTranspose spreads every element over the result, in every shape and type") {
  for (const DataType type : {DataType::kFloat, DataType::kDouble}) {
    for (const Case& c : kCases) {
      CAPTURE(c.name);
      CAPTURE(to_string(type));
      const Tensor x = noise_tensor(type, c.x, 1);
      const Tensor w = noise_tensor(type, c.w, 2);
      const Tensor b = noise_tensor(type, {c.w[1] * c.group}, 3);
      const auto model = one_node("ConvTranspose", {x, w, b}, attributes_of(c));
      const Tensor y = run(*model, {.threads = 1})[0];
      REQUIRE(y.dims() == c.y);
      const std::vector<double> expected = naive(c, values_of(x), values_of(w), values_of(b));
      const std::vector<double> found = values_of(y);
      double worst = 0;
      for (size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::fabs(found[i] - expected[i]));
      CHECK(worst < (type == DataType::kFloat ? 1e-5 : 1e-13));  // sums of under a hundred products below 1
      CHECK(identical(run(*model, {.threads = 3})[0], y));
    }
  }
}

TEST_CASE("ConvTranspose refuses what does not fit, naming the node") {
  const auto refusal = [](const Dims& x, const Dims& w, std::vector<Attribute> attributes) {
    const auto model =
        one_node("ConvTranspose", {noise_tensor(DataType::kFloat, x, 1), noise_tensor(DataType::kFloat, w, 2)},
                 std::move(attributes));
    return error_of([&] { run(*model); });
  };
  const auto with = [](std::string name, std::vector<int64_t> values) {
    std::vector<Attribute> attributes;
    attributes.emplace_back(std::move(name), std::move(values));
    return attributes;
  };
  CHECK(refusal({1, 2, 3}, {3, 1, 2}, {}) ==
        "3: node 'n' (ConvTranspose): X [1, 2, 3] and W [3, 1, 2] do not fit in 1 groups");
  CHECK(refusal({1, 2, 3}, {2, 1, 2}, with("pads", {3, 3})) ==
        "3: node 'n' (ConvTranspose): the pads are wider than the result along spatial axis 0");
  CHECK(refusal({1, 2, 3}, {2, 1, 2}, with("output_shape", {1, 2})) ==
        "3: node 'n' (ConvTranspose): attribute 'output_shape' has 2 values, expected 1");
  CHECK(refusal({1, 2, 3}, {2, 1, 0}, {}) ==
        "3: node 'n' (ConvTranspose): a window of shape [0] cannot slide over extents [3]");
}
