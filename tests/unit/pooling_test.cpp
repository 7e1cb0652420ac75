#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "exec_testing.h"

using namespace surgery;
using namespace exec_testing;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

struct Case {
  std::string_view name;
  Dims x;
  Dims kernel;
  Dims strides{};
  Dims pads{};
  Dims dilations{};
  bool ceil_mode = false;
};

const Case kCases[] = {
    {.name = "2x2", .x = {2, 3, 6, 7}, .kernel = {2, 2}, .strides = {2, 2}},
    {.name = "3x3 with pads", .x = {1, 2, 5, 6}, .kernel = {3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}},
    {.name = "pads that differ", .x = {1, 2, 5, 6}, .kernel = {3, 2}, .pads = {0, 1, 2, 0}},
    {.name = "dilations", .x = {1, 1, 8, 9}, .kernel = {3, 2}, .strides = {1, 2}, .dilations = {2, 3}},
    {.name = "ceil mode", .x = {1, 2, 6, 8}, .kernel = {3, 3}, .strides = {2, 2}, .ceil_mode = true},
    {.name = "ceil mode whose last window would start in the end padding",
     .x = {1, 1, 3, 3},
     .kernel = {2, 2},
     .strides = {3, 3},
     .pads = {1, 1, 1, 1},
     .ceil_mode = true},
    {.name = "ceil mode with pads",
     .x = {1, 2, 7, 7},
     .kernel = {3, 3},
     .strides = {3, 3},
     .pads = {1, 0, 1, 0},
     .ceil_mode = true},
    {.name = "1-D", .x = {2, 2, 9}, .kernel = {4}, .strides = {3}, .pads = {2, 1}},
    {.name = "3-D", .x = {1, 2, 4, 5, 3}, .kernel = {2, 3, 2}, .strides = {2, 1, 1}, .pads = {0, 1, 1, 1, 1, 0}},
    {.name = "4-D", .x = {1, 1, 3, 2, 4, 3}, .kernel = {2, 1, 2, 2}, .strides = {1, 1, 2, 1}},
    {.name = "stride 3", .x = {1, 2, 10, 11}, .kernel = {2, 2}, .strides = {3, 3}},
    {.name = "no samples", .x = {0, 2, 4, 4}, .kernel = {2, 2}},
    {.name = "an empty image", .x = {1, 2, 0, 4}, .kernel = {1, 1}},
};

/// What the windows see: for each output element the values under the window, and how many taps lie inside the pads.
struct Seen {
  Dims y;
  std::vector<std::vector<double>> values;
  std::vector<double> padded_taps;
};

Seen look(const Case& c, const std::vector<double>& x) {
  const size_t rank = c.kernel.size();
  const auto at = [](const Dims& dims, size_t i, int64_t fallback) { return dims.empty() ? fallback : dims[i]; };
  Seen seen{{c.x[0], c.x[1]}, {}, {}};
  for (size_t a = 0; a < rank; ++a) {
    const int64_t extent = (c.kernel[a] - 1) * at(c.dilations, a, 1) + 1;
    const int64_t begin = at(c.pads, a, 0);
    const int64_t limit = c.x[a + 2] + begin + at(c.pads, a + rank, 0);
    // Start positions one by one: whole windows; in ceil mode partial ones too, unless they start in the end padding.
    int64_t count = 0;
    for (int64_t start = 0;; start += at(c.strides, a, 1), ++count) {
      const bool whole = start + extent <= limit;
      const bool partial = c.ceil_mode && start < c.x[a + 2] + begin && start - at(c.strides, a, 1) + extent < limit;
      if (!whole && !partial) break;
    }
    seen.y.push_back(count);
  }
  const int64_t total = *checked_product(seen.y);
  for (int64_t i = 0; i < total; ++i) {
    Dims out(seen.y.size());
    int64_t rest = i;
    for (size_t a = seen.y.size(); a-- > 0; rest /= seen.y[a]) out[a] = rest % seen.y[a];
    std::vector<double> values;
    double taps = 0;
    for (int64_t t = 0; t < *checked_product(c.kernel); ++t) {
      int64_t offset = out[0] * c.x[1] + out[1];
      int64_t tap = t;
      Dims position(rank);
      for (size_t a = rank; a-- > 0; tap /= c.kernel[a]) {
        position[a] = out[a + 2] * at(c.strides, a, 1) - at(c.pads, a, 0) + tap % c.kernel[a] * at(c.dilations, a, 1);
      }
      bool inside = true;
      bool padded = true;
      for (size_t a = 0; a < rank; ++a) {
        inside = inside && position[a] >= 0 && position[a] < c.x[a + 2];
        padded = padded && position[a] < c.x[a + 2] + at(c.pads, a + rank, 0);
        offset = offset * c.x[a + 2] + position[a];
      }
      if (inside) values.push_back(x[static_cast<size_t>(offset)]);
      if (padded) taps += 1;
    }
    seen.values.push_back(values);
    seen.padded_taps.push_back(taps);
  }
  return seen;
}

std::vector<Attribute> attributes_of(const Case& c) {
  std::vector<Attribute> attributes;
  attributes.emplace_back("kernel_shape", c.kernel);
  if (!c.strides.empty()) attributes.emplace_back("strides", c.strides);
  if (!c.pads.empty()) attributes.emplace_back("pads", c.pads);
  if (!c.dilations.empty()) attributes.emplace_back("dilations", c.dilations);
  attributes.emplace_back("ceil_mode", int64_t{c.ceil_mode});
  return attributes;
}

/// Runs the operator and compares each element with `expected(values, padded_taps)`.
template <typename Expected>
void check(std::string op_type, const Case& c, DataType type, std::vector<Attribute> more, double tolerance,
           const Expected& expected) {
  CAPTURE(op_type);
  CAPTURE(c.name);
  CAPTURE(to_string(type));
  const Tensor x = noise_tensor(type, c.x, 4);
  std::vector<Attribute> attributes = attributes_of(c);
  for (Attribute& attribute : more) attributes.push_back(std::move(attribute));
  const auto model = one_node(std::move(op_type), {x}, std::move(attributes));
  const Tensor y = run(*model, {.threads = 1})[0];
  const Seen seen = look(c, values_of(x));
  REQUIRE(y.dims() == seen.y);
  const std::vector<double> found = values_of(y);
  for (size_t i = 0; i < found.size(); ++i) {
    const double wanted = expected(seen.values[i], seen.padded_taps[i]);
    if (!(std::fabs(found[i] - wanted) <= tolerance)) {
      CHECK(found[i] == wanted);
      break;
    }
  }
  CHECK(identical(run(*model, {.threads = 3})[0], y));
}

double largest(const std::vector<double>& values, double) { return *std::max_element(values.begin(), values.end()); }

double sum(const std::vector<double>& values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

}  // namespace

TEST_CASE("MaxPool gives the largest element under each window") {
  for (const Case& c : kCases) {
    check("MaxPool", c, DataType::kFloat, {}, 0, largest);
    check("MaxPool", c, DataType::kDouble, {}, 0, largest);
    check("MaxPool", c, DataType::kFloat16, {}, 0, largest);
  }
}

TEST_CASE("AveragePool divides by what it sees, or by all taps within the padding") {
  for (const Case& c : kCases) {
    for (const DataType type : {DataType::kFloat, DataType::kDouble}) {
      const double tolerance = type == DataType::kFloat ? 1e-6 : 1e-14;
      check("AveragePool", c, type, {}, tolerance,
            [](const std::vector<double>& values, double) { return sum(values) / static_cast<double>(values.size()); });
      std::vector<Attribute> count_pads;
      count_pads.emplace_back("count_include_pad", int64_t{1});
      check("AveragePool", c, type, std::move(count_pads), tolerance,
            [](const std::vector<double>& values, double taps) { return sum(values) / taps; });
    }
  }
}

TEST_CASE("LpPool takes the p-norm of what each window sees") {
  for (const Case& c : kCases) {
    for (const int64_t p : {1, 2, 3}) {
      std::vector<Attribute> norm;
      norm.emplace_back("p", p);
      check("LpPool", c, DataType::kFloat, std::move(norm), 1e-5, [p](const std::vector<double>& values, double) {
        double total = 0;
        for (const double value : values) total += std::pow(std::fabs(value), static_cast<double>(p));
        return std::pow(total, 1.0 / static_cast<double>(p));
      });
    }
  }
}

TEST_CASE("MaxPool tells where the largest lies, by rows or by columns") {
  std::vector<Attribute> attributes;
  attributes.emplace_back("kernel_shape", std::vector<int64_t>{2, 2});
  attributes.emplace_back("strides", std::vector<int64_t>{2, 2});
  // Two planes of 2 x 4.
  const Tensor x = floats({1, 2, 2, 4}, {1, 9, 2, 2, 3, 4, 8, 2, 5, 5, 0, 0, 5, 5, 0, 7});
  auto model = one_node("MaxPool", {x}, std::move(attributes), 12, 2);
  std::vector<Tensor> outputs = run(*model);
  CHECK(values_of(outputs[0]) == std::vector<double>{9, 8, 5, 7});
  CHECK(values_of(outputs[1]) == std::vector<double>{1, 6, 8, 15});  // the first of equal ones
  model->graph().set_attribute(*model->graph().first_node(), Attribute("storage_order", int64_t{1}));
  CHECK(values_of(run(*model)[1]) == std::vector<double>{2, 5, 8, 15});
}

TEST_CASE("MaxPool lets a NaN win and takes -infinity and integers as they are") {
  std::vector<Attribute> attributes;
  attributes.emplace_back("kernel_shape", std::vector<int64_t>{2});
  attributes.emplace_back("pads", std::vector<int64_t>{1, 0});
  const auto model =
      one_node("MaxPool", {floats({1, 1, 5}, {-kInf, -kInf, std::nan(""), 3, 4})}, std::move(attributes));
  const std::vector<double> y = values_of(run(*model)[0]);
  CHECK(y[0] == -kInf);
  CHECK(y[1] == -kInf);
  CHECK(std::isnan(y[2]));
  CHECK(std::isnan(y[3]));
  CHECK(y[4] == 4);

  std::vector<Attribute> whole;
  whole.emplace_back("kernel_shape", std::vector<int64_t>{3});
  const auto integers =
      one_node("MaxPool", {tensor(DataType::kInt8, {1, 1, 3}, {-128, -5, -100})}, std::move(whole), 12);
  CHECK(values_of(run(*integers)[0]) == std::vector<double>{-5});
}

TEST_CASE("pooling pads by auto_pad") {
  const auto with = [](std::string auto_pad) {
    std::vector<Attribute> attributes;
    attributes.emplace_back("kernel_shape", std::vector<int64_t>{2});
    attributes.emplace_back("strides", std::vector<int64_t>{2});
    attributes.emplace_back("auto_pad", std::move(auto_pad));
    return values_of(run(*one_node("AveragePool", {floats({1, 1, 3}, {1, 2, 6})}, std::move(attributes)))[0]);
  };
  CHECK(with("SAME_UPPER") == std::vector<double>{1.5, 6});
  CHECK(with("SAME_LOWER") == std::vector<double>{1, 4});
  CHECK(with("VALID") == std::vector<double>{1.5});
}

TEST_CASE("global pooling reduces each plane to one element") {
  const Tensor x = floats({1, 2, 2, 2}, {1, 2, 3, 6, -1, -2, -3, -4});
  const Tensor mean = run(*one_node("GlobalAveragePool", {x}, {}))[0];
  CHECK(mean.dims() == Dims{1, 2, 1, 1});
  CHECK(values_of(mean) == std::vector<double>{3, -2.5});
  CHECK(values_of(run(*one_node("GlobalMaxPool", {x}, {}))[0]) == std::vector<double>{6, -1});
  std::vector<Attribute> p;
  p.emplace_back("p", int64_t{1});
  CHECK(values_of(run(*one_node("GlobalLpPool", {x}, std::move(p)))[0]) == std::vector<double>{12, 10});
  std::vector<Attribute> old;
  old.emplace_back("p", 1.0F);
  CHECK(values_of(run(*one_node("GlobalLpPool", {x}, std::move(old), 1))[0]) == std::vector<double>{12, 10});
  const Tensor nothing = floats({1, 1, 0}, {});
  CHECK(std::isnan(values_of(run(*one_node("GlobalAveragePool", {nothing}, {}))[0])[0]));
  CHECK(values_of(run(*one_node("GlobalMaxPool", {nothing}, {}))[0]) == std::vector<double>{-kInf});
}

TEST_CASE("a pooling window that is larger than its input has no position, or one with ceil_mode") {
  const auto pool = [](const char* op, int64_t kernel, int64_t stride, int64_t ceil_mode) {
    std::vector<Attribute> attributes;
    attributes.emplace_back("kernel_shape", Dims{kernel});
    attributes.emplace_back("strides", Dims{stride});
    attributes.emplace_back("ceil_mode", ceil_mode);
    return values_of(run(*one_node(op, {floats({1, 1, 5}, {0, 1, 2, 3, 4})}, std::move(attributes)))[0]);
  };
  for (const char* op : {"MaxPool", "AveragePool", "LpPool"}) {
    CAPTURE(op);
    CHECK(pool(op, 6, 1, 0).empty());
    CHECK(pool(op, 6, 1, 1).empty());
    CHECK(pool(op, 7, 3, 0).empty());
    CHECK(pool(op, 7, 3, 1).size() == 1);
  }
  CHECK(pool("MaxPool", 7, 3, 1) == std::vector<double>{4});
  CHECK(pool("AveragePool", 7, 3, 1) == std::vector<double>{2});
}

TEST_CASE("pooling refuses what does not fit, naming the node") {
  const auto refusal = [](std::vector<int64_t> kernel, std::vector<int64_t> pads) {
    std::vector<Attribute> attributes;
    if (!kernel.empty()) attributes.emplace_back("kernel_shape", std::move(kernel));
    if (!pads.empty()) attributes.emplace_back("pads", std::move(pads));
    return error_of([&] { run(*one_node("MaxPool", {floats({1, 1, 3}, {1, 2, 3})}, std::move(attributes))); });
  };
  CHECK(refusal({}, {}) == "3: node 'n' (MaxPool): attribute 'kernel_shape' is missing");
  CHECK(refusal({2, 2}, {}) == "3: node 'n' (MaxPool): attribute 'kernel_shape' has 2 values, expected 1");
  CHECK(refusal({5}, {}) == "3: node 'n' (MaxPool): the window covers 5 of spatial axis 0, which has 3 with padding");
  CHECK(refusal({2}, {-1, 0}) == "3: node 'n' (MaxPool): attribute 'pads' is [-1, 0], expected 0 to 1048576 each");
  // Every tap of a window may read padding, and the number of taps means nothing for the time it takes.
  CHECK(refusal({1 << 20}, {1 << 20, 1 << 20}) == "(no error)");
}
