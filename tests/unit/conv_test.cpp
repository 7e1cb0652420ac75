#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "exec_testing.h"

using namespace surgery;
using namespace exec_testing;

namespace {

struct Case {
  std::string_view name;
  Dims x;
  Dims w;
  int64_t group = 1;
  Dims strides{};
  Dims pads{};
  Dims dilations{};
  bool bias = false;
};

const Case kCases[] = {
    {.name = "1x1", .x = {2, 5, 4, 3}, .w = {7, 5, 1, 1}, .bias = true},
    {.name = "3x3 same", .x = {1, 3, 6, 5}, .w = {4, 3, 3, 3}, .pads = {1, 1, 1, 1}, .bias = true},
    {.name = "strides that differ", .x = {1, 2, 9, 8}, .w = {3, 2, 3, 2}, .strides = {2, 3}},
    {.name = "pads that differ on each side", .x = {2, 2, 5, 4}, .w = {3, 2, 3, 3}, .pads = {0, 2, 1, 3}},
    {.name = "pads wider than the kernel", .x = {1, 1, 2, 2}, .w = {1, 1, 2, 2}, .pads = {3, 4, 5, 3}, .bias = true},
    {.name = "dilations", .x = {1, 2, 9, 10}, .w = {2, 2, 3, 3}, .dilations = {2, 3}},
    {.name = "strides, pads and dilations",
     .x = {3, 4, 11, 7},
     .w = {6, 4, 3, 3},
     .strides = {2, 2},
     .pads = {2, 1, 0, 2},
     .dilations = {3, 2},
     .bias = true},
    {.name = "1x1 with pads and stride", .x = {1, 2, 5, 5}, .w = {2, 2, 1, 1}, .strides = {2, 2}, .pads = {1, 1, 1, 1}},
    {.name = "groups", .x = {2, 6, 5, 5}, .w = {4, 3, 3, 3}, .group = 2, .pads = {1, 1, 1, 1}, .bias = true},
    {.name = "depthwise", .x = {2, 5, 7, 6}, .w = {5, 1, 3, 3}, .group = 5, .pads = {1, 1, 1, 1}, .bias = true},
    {.name = "depthwise, stride 2",
     .x = {1, 3, 9, 9},
     .w = {3, 1, 5, 5},
     .group = 3,
     .strides = {2, 2},
     .pads = {2, 2, 2, 2}},
    {.name = "depthwise, stride 3, dilated",
     .x = {1, 3, 12, 13},
     .w = {3, 1, 3, 2},
     .group = 3,
     .strides = {3, 3},
     .pads = {1, 0, 2, 3},
     .dilations = {2, 4}},
    {.name = "depthwise, long rows", .x = {1, 2, 3, 45}, .w = {2, 1, 3, 3}, .group = 2, .pads = {1, 1, 1, 1}},
    {.name = "depthwise, long rows, stride 2",
     .x = {1, 2, 5, 75},
     .w = {2, 1, 3, 3},
     .group = 2,
     .strides = {2, 2},
     .pads = {1, 1, 1, 1},
     .bias = true},
    {.name = "depthwise, taps too far apart for rows in memory",
     .x = {1, 2, 3, 3},
     .w = {2, 1, 2, 2},
     .group = 2,
     .strides = {30, 30},
     .pads = {2000, 600, 2000, 600},
     .dilations = {2000, 600}},
    {.name = "depthwise with two outputs per channel", .x = {2, 3, 4, 4}, .w = {6, 1, 2, 2}, .group = 3, .bias = true},
    {.name = "1-D", .x = {2, 3, 10}, .w = {4, 3, 3}, .strides = {2}, .pads = {1, 2}, .bias = true},
    {.name = "1-D depthwise", .x = {2, 3, 10}, .w = {3, 1, 4}, .group = 3, .dilations = {2}},
    {.name = "3-D", .x = {1, 2, 4, 5, 3}, .w = {3, 2, 2, 3, 2}, .strides = {1, 2, 1}, .pads = {1, 0, 1, 0, 1, 2}},
    {.name = "4-D", .x = {1, 2, 3, 3, 2, 4}, .w = {2, 2, 2, 1, 2, 3}, .pads = {0, 1, 0, 1, 1, 0, 0, 1}, .bias = true},
    {.name = "no samples", .x = {0, 2, 3, 3}, .w = {2, 2, 3, 3}},
    {.name = "no input channels", .x = {1, 0, 3, 3}, .w = {2, 0, 2, 2}, .bias = true},
    {.name = "no output channels", .x = {1, 2, 3, 3}, .w = {0, 2, 2, 2}},
    {.name = "an empty image", .x = {1, 2, 0, 3}, .w = {2, 2, 1, 1}},
    {.name = "more than one block of rows", .x = {1, 70, 40, 41}, .w = {65, 70, 3, 3}, .pads = {1, 1, 1, 1}},
};

Dims or_ones(const Dims& dims, size_t rank) { return dims.empty() ? Dims(rank, 1) : dims; }

std::vector<Attribute> attributes_of(const Case& c) {
  std::vector<Attribute> attributes;
  attributes.emplace_back("group", c.group);
  if (!c.strides.empty()) attributes.emplace_back("strides", c.strides);
  if (!c.pads.empty()) attributes.emplace_back("pads", c.pads);
  if (!c.dilations.empty()) attributes.emplace_back("dilations", c.dilations);
  return attributes;
}

/// Steps through all index tuples below `extents`; false after the last one.
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

/// The definition, element by element of y.
std::vector<double> naive(const Case& c, const Dims& y_dims, const std::vector<double>& x, const std::vector<double>& w,
                          const std::vector<double>& b) {
  const size_t rank = c.x.size() - 2;
  const Dims strides = or_ones(c.strides, rank);
  const Dims dilations = or_ones(c.dilations, rank);
  const Dims pads = c.pads.empty() ? Dims(2 * rank, 0) : c.pads;
  std::vector<double> y;
  if (*checked_product(y_dims) == 0) return y;
  const Dims taps(c.w.begin() + 1, c.w.end());
  Dims at(y_dims.size(), 0);
  Dims tap;  // input channel within the group, then kernel
  Dims source(c.x.size());
  Dims weight(c.w.size());
  do {
    double sum = c.bias ? b[static_cast<size_t>(at[1])] : 0.0;
    const int64_t group = at[1] / (c.w[0] / c.group);
    tap.assign(taps.size(), 0);
    if (*checked_product(taps) > 0) {
      do {
        source[0] = at[0];
        source[1] = group * c.w[1] + tap[0];
        bool inside = true;
        for (size_t axis = 0; axis < rank; ++axis) {
          source[axis + 2] = at[axis + 2] * strides[axis] - pads[axis] + tap[axis + 1] * dilations[axis];
          inside = inside && source[axis + 2] >= 0 && source[axis + 2] < c.x[axis + 2];
        }
        weight[0] = at[1];
        std::copy(tap.begin(), tap.end(), weight.begin() + 1);
        if (inside) {
          sum += x[static_cast<size_t>(flat(source, c.x))] * w[static_cast<size_t>(flat(weight, c.w))];
        }
      } while (advance(tap, taps));
    }
    y.push_back(sum);
  } while (advance(at, y_dims));
  return y;
}

Dims expected_dims(const Case& c) {
  const size_t rank = c.x.size() - 2;
  const Dims strides = or_ones(c.strides, rank);
  const Dims dilations = or_ones(c.dilations, rank);
  const Dims pads = c.pads.empty() ? Dims(2 * rank, 0) : c.pads;
  Dims dims{c.x[0], c.w[0]};
  for (size_t axis = 0; axis < rank; ++axis) {
    const int64_t room = c.x[axis + 2] + pads[axis] + pads[axis + rank] - dilations[axis] * (c.w[axis + 2] - 1) - 1;
    dims.push_back(room < 0 ? 0 : room / strides[axis] + 1);
  }
  return dims;
}

}  // namespace

TEST_CASE("Conv is the sum that the standard defines, in every shape and type") {
  struct Precision {
    DataType type;
    double tolerance;  // sums of some hundred products of numbers below 1
  };
  for (const Precision& precision :
       {Precision{DataType::kFloat, 2e-5}, Precision{DataType::kDouble, 1e-12}, Precision{DataType::kFloat16, 2e-2}}) {
    for (const Case& c : kCases) {
      CAPTURE(c.name);
      CAPTURE(to_string(precision.type));
      const Tensor x = noise_tensor(precision.type, c.x, 1);
      const Tensor w = noise_tensor(precision.type, c.w, 2);
      const Tensor b = noise_tensor(precision.type, {c.w[0]}, 3);
      std::vector<Tensor> inputs{x, w};
      if (c.bias) inputs.push_back(b);
      const Tensor y = run(*one_node("Conv", inputs, attributes_of(c)))[0];
      REQUIRE(y.dims() == expected_dims(c));
      CHECK(y.type() == precision.type);
      const std::vector<double> expected = naive(c, y.dims(), values_of(x), values_of(w), values_of(b));
      const std::vector<double> found = values_of(y);
      double worst = 0;
      for (size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::fabs(found[i] - expected[i]));
      const double scale = c.w[1] * *checked_product(Dims(c.w.begin() + 2, c.w.end())) > 200 ? 8.0 : 1.0;
      CHECK(worst < precision.tolerance * scale);
    }
  }
}

TEST_CASE("Conv pads by auto_pad, the odd pad at the end for SAME_UPPER and at the begin for SAME_LOWER") {
  // A window of two ones over 1 2 3: sums of neighbours, with the zero on one side.
  const Tensor x = floats({1, 1, 3}, {1, 2, 3});
  const Tensor w = floats({1, 1, 2}, {1, 1});
  const auto with = [&](std::string auto_pad) {
    std::vector<Attribute> attributes;
    attributes.emplace_back("auto_pad", std::move(auto_pad));
    return values_of(run(*one_node("Conv", {x, w}, std::move(attributes)))[0]);
  };
  CHECK(with("SAME_UPPER") == std::vector<double>{3, 5, 3});
  CHECK(with("SAME_LOWER") == std::vector<double>{1, 3, 5});
  CHECK(with("VALID") == std::vector<double>{3, 5});
}

TEST_CASE("Conv gives the same bits for any number of threads") {
  for (const Case& c : kCases) {
    CAPTURE(c.name);
    const auto model = one_node(
        "Conv", {noise_tensor(DataType::kFloat, c.x, 1), noise_tensor(DataType::kFloat, c.w, 2)}, attributes_of(c));
    const Tensor one = run(*model, {.threads = 1})[0];
    for (const int threads : {2, 3, 7}) CHECK(identical(run(*model, {.threads = threads})[0], one));
  }
}

TEST_CASE("Conv carries NaN and infinity only to where the window sees them") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor w = floats({1, 1, 3}, {1, 1, 1});
  std::vector<Attribute> attributes;
  attributes.emplace_back("pads", std::vector<int64_t>{1, 1});
  const std::vector<double> y =
      values_of(run(*one_node("Conv", {floats({1, 1, 7}, {nan, 1, 1, 1, 1, inf, 1}), w}, std::move(attributes)))[0]);
  CHECK(std::isnan(y[0]));
  CHECK(std::isnan(y[1]));
  CHECK(y[2] == 3);
  CHECK(y[3] == 3);
  CHECK(y[4] == inf);
}

TEST_CASE("Conv refuses what does not fit, naming the node") {
  struct Refusal {
    Dims x;
    Dims w;
    std::string_view name;
    std::vector<int64_t> values;
    std::string_view message;
  };
  const Refusal refusals[] = {
      {{1, 2},
       {1, 2},
       "",
       {},
       "3: node 'n' (Conv): input 0 has shape [1, 2], expected [N, C, ...] with at least one spatial axis"},
      {{1, 2, 5, 5}, {1, 2, 3}, "", {}, "3: node 'n' (Conv): input 1 has rank 3, expected 4"},
      {{1, 2, 5, 5},
       {1, 3, 3, 3},
       "",
       {},
       "3: node 'n' (Conv): X [1, 2, 5, 5] and W [1, 3, 3, 3] do not fit in 1 groups"},
      {{1, 2, 5, 5},
       {1, 2, 6, 3},
       "",
       {},
       "3: node 'n' (Conv): the window covers 6 of spatial axis 0, which has 5 with padding"},
      {{1, 2, 5, 5},
       {1, 2, 3, 3},
       "kernel_shape",
       {3, 2},
       "3: node 'n' (Conv): attribute 'kernel_shape' is [3, 2], W has shape [1, 2, 3, 3]"},
      {{1, 2, 5, 5},
       {1, 2, 3, 3},
       "strides",
       {0, 1},
       "3: node 'n' (Conv): attribute 'strides' is [0, 1], expected 1 to 1048576 each"},
      {{1, 2, 5, 5}, {1, 2, 3, 3}, "strides", {1}, "3: node 'n' (Conv): attribute 'strides' has 1 values, expected 2"},
      {{1, 2, 5, 5},
       {1, 2, 3, 3},
       "dilations",
       {1, -1},
       "3: node 'n' (Conv): attribute 'dilations' is [1, -1], expected 1 to 1048576 each"},
      {{1, 2, 5, 5},
       {1, 2, 3, 3},
       "pads",
       {0, 0, -1, 0},
       "3: node 'n' (Conv): attribute 'pads' is [0, 0, -1, 0], expected 0 to 1048576 each"},
      {{1, 2, 5, 5},
       {1, 2, 3, 3},
       "pads",
       {INT64_MAX, 0, 0, 0},
       "3: node 'n' (Conv): attribute 'pads' is [9223372036854775807, 0, 0, 0], expected 0 to 1048576 each"},
  };
  for (const Refusal& r : refusals) {
    std::vector<Attribute> attributes;
    if (!r.name.empty()) attributes.emplace_back(std::string(r.name), r.values);
    const auto model =
        one_node("Conv", {noise_tensor(DataType::kFloat, r.x, 1), noise_tensor(DataType::kFloat, r.w, 2)},
                 std::move(attributes));
    CHECK(error_of([&] { run(*model); }) == r.message);
  }
  std::vector<Attribute> groups;
  groups.emplace_back("group", int64_t{0});
  const auto model = one_node("Conv", {floats({1, 1, 1}, {1}), floats({1, 1, 1}, {1})}, std::move(groups));
  CHECK(error_of([&] { run(*model); }) == "3: node 'n' (Conv): X [1, 1, 1] and W [1, 1, 1] do not fit in 0 groups");
  const auto biased = one_node("Conv", {floats({1, 1, 1}, {1}), floats({1, 1, 1}, {1}), floats({2}, {1, 1})}, {});
  CHECK(error_of([&] { run(*biased); }) == "3: node 'n' (Conv): B has shape [2], expected [1] of X's type");
}
