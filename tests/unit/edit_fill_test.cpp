#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "edit_helpers.h"
#include "model_builder.h"
#include "surgery/convert.h"
#include "surgery/io.h"

namespace {

using namespace surgery;

struct Sample : ModelBuilder {
  Sample() {
    input("x", {2, 3});
    weight("w", {3});
    graph().add_initializer("n", Tensor::vector(std::vector<int64_t>{1, 2}));
    graph().add_initializer("h", Tensor::zeros(DataType::kFloat16, {2}));
    graph().add_initializer("t", Tensor::from_strings({1}, {"text"}));
    graph().add_initializer("q", Tensor::zeros(DataType::kInt4, {2}));
    node("Constant", {}, {"c"}, "constant", attributes(Attribute("value_float", 2.0F)));
    node("Mul", {"x", "w"}, {"m"}, "mul");
    node("Mul", {"m", "c"}, {"y"});
    output("y", {2, 3});
  }
};

std::vector<double> elements(const Value& value) { return *constant_of(value)->to_doubles(); }

struct Filling {
  std::string_view argument;
  std::string_view name;
  std::vector<double> elements;
};

TEST_CASE("--fill gives a weight of any real type one value") {
  const Filling fillings[] = {
      {"w=ones", "w", {1, 1, 1}}, {"w=zeros", "w", {0, 0, 0}}, {"w=-0.5", "w", {-0.5, -0.5, -0.5}},
      {"n=7", "n", {7, 7}},       {"h=0.5", "h", {0.5, 0.5}},  {"c=3", "c", {3}},
  };
  for (const Filling& f : fillings) {
    CAPTURE(f.argument);
    Sample sample;
    const EditReport report = apply(sample.model(), "--fill", f.argument);
    CHECK(report.meaning == Meaning::kChanged);
    CHECK(elements(sample.value(f.name)) == f.elements);
  }
}

TEST_CASE("--fill with what is there already changes nothing") {
  Sample sample;
  apply(sample.model(), "--fill", "w=ones");
  const EditReport report = apply(sample.model(), "--fill", "w=1");
  CHECK(report.meaning == Meaning::kKept);
  CHECK(notes(report) == "weight 'w' (float[3]) filled with 1, which it held already");
}

TEST_CASE("--fill takes a file of the same shape, converted where that is exact") {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "onnx_tool_fill_test.npy";
  const std::vector<double> values = {1, 2.5, -3};
  save_npy(Tensor::from_values<double>(DataType::kDouble, {3}, values), path);
  Sample sample;
  apply(sample.model(), "--fill", "w=" + path.string());
  CHECK(elements(sample.value("w")) == values);
  CHECK(refusal(sample.model(), "--fill", "h=" + path.string()).find("holds double[3], and 'h' is float16[2]") !=
        std::string::npos);
  const std::vector<double> inexact = {0.1, 0, 0};
  save_npy(Tensor::from_values<double>(DataType::kDouble, {3}, inexact), path);
  CHECK(refusal(sample.model(), "--fill", "w=" + path.string()).find("not every element has the same value") !=
        std::string::npos);
  std::filesystem::remove(path);
  CHECK(refusal(sample.model(), "--fill", "w=" + path.string()).starts_with("3: --fill: "));
}

struct Refusal {
  std::string_view argument;
  std::string_view message;
};

const Refusal kRefusals[] = {
    {"w", "2: --fill: expected NAME=ones|zeros|VALUE|FILE.npy, found 'w'"},
    {"w=", "2: --fill: expected NAME=ones|zeros|VALUE|FILE.npy, found 'w='"},
    {"w=two", "2: --fill: expected ones, zeros, a number or a .npy file, found 'two'"},
    {"w=1e99", "2: --fill: expected a value of type float for 'w', found '1e99'"},
    {"n=0.5", "2: --fill: expected a value of type int64 for 'n', found '0.5'"},
    {"n=1e19", "2: --fill: expected a value of type int64 for 'n', found '1e19'"},
    {"h=70000", "2: --fill: expected a value of type float16 for 'h', found '70000'"},
    {"t=1", "4: --fill: 't' has elements of type string, which cannot be filled with a number"},
    {"q=1", "4: --fill: 'q' has elements of type int4, which cannot be filled with a number"},
    {"x=1", "2: --fill: 'x' is no weight: it is an input without a stored value"},
    {"m=1", "2: --fill: 'm' is no weight: it is computed by node 'mul' (Mul)"},
    {"constant=1", "2: --fill: there is no tensor 'constant'; node 'constant' (Constant) has the output 'c'"},
};

TEST_CASE("--fill refuses what does not fit") {
  for (const Refusal& r : kRefusals) {
    CAPTURE(r.argument);
    Sample sample;
    CHECK(refusal(sample.model(), "--fill", r.argument) == r.message);
  }
}

struct Conversion {
  DataType from;
  double value;
  DataType to;
  bool exact;
};

const Conversion kConversions[] = {
    {DataType::kDouble, 0.5, DataType::kFloat16, true},   {DataType::kDouble, 0.1, DataType::kFloat, false},
    {DataType::kDouble, 3, DataType::kInt8, true},        {DataType::kDouble, 300, DataType::kInt8, false},
    {DataType::kInt64, 1, DataType::kBool, true},         {DataType::kInt64, 2, DataType::kBool, false},
    {DataType::kInt32, -1, DataType::kUint8, false},      {DataType::kInt64, 16777217, DataType::kFloat, false},
    {DataType::kFloat, 16777216, DataType::kInt64, true}, {DataType::kInt64, 5, DataType::kUint64, true},
};

TEST_CASE("convert_exactly converts only what keeps its value") {
  for (const Conversion& c : kConversions) {
    const auto source = filled(c.from, {2}, c.value);
    REQUIRE(source.has_value());
    CAPTURE(c.value);
    CHECK(convert_exactly(*source, c.to).has_value() == c.exact);
  }
}

}  // namespace
