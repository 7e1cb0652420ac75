#include "exec/oracle.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <string_view>

#include "exec_testing.h"

using namespace surgery;
using namespace exec_testing;
using exec::Datum;

namespace {

struct OracleRun {
  exec::Values outputs;
  exec::NodeCounts in_own_type;
};

OracleRun run_oracle(std::string_view text, exec::Values inputs = {}) {
  const auto model = graph_text::parse(text);
  exec::Session session(*model, {.mode = exec::Mode::kOracle});
  OracleRun result;
  result.outputs = session.run_values(std::move(inputs));
  result.in_own_type = session.nodes_in_own_type();
  return result;
}

/// What a model gives as y in oracle mode, and of which type the model thinks it is. `exact`: y in exact mode.
struct Case {
  std::string_view name;
  std::string_view model;
  std::vector<double> doubles;
  DataType model_type;
  std::vector<double> exact;
};

const Case kCases[] = {
    {"a sum that cancels",
     "g () => (float[1] y) <float[1] a = {100000000}, float[1] b = {1}> { s = Add (a, b)  y = Sub (s, a) }",
     {1},
     DataType::kFloat,
     {0}},
    {"float16",
     "g () => (float16[1] y) <float16[1] a = {2048}, float16[1] b = {1}> { s = Add (a, b)  y = Sub (s, a) }",
     {1},
     DataType::kFloat16,
     {0}},
    {"bfloat16",
     R"(g () => (bfloat16[1] y) <float[1] a = {256}, float[1] b = {1}> {
          p = Cast <to = 16> (a)  q = Cast <to = 16> (b)  s = Add (p, q)  y = Sub (s, p) })",
     {1},
     DataType::kBfloat16,
     {0}},
    {"what is double in the model",
     "g () => (double[1] y) <double[1] a = {0.1}> { y = Add (a, a) }",
     {0.2},
     DataType::kUndefined,
     {0.2}},
    {"beyond the largest float16",
     "g () => (float16[1] y) <float16[1] a = {60000}, float16[1] b = {2}> { s = Mul (a, b)  y = Div (s, b) }",
     {60000},
     DataType::kFloat16,
     {HUGE_VAL}},
    {"Cast to a narrower type and back does not round",
     "g () => (float[1] y) <float[1] a = {2049}> { h = Cast <to = 10> (a)  y = Cast <to = 1> (h) }",
     {2049},
     DataType::kFloat,
     {2048}},
    {"Cast to float from integers does not round",
     "g () => (float[1] y) <int64[1] a = {16777217}> { y = Cast <to = 1> (a) }",
     {16777217},
     DataType::kFloat,
     {16777216}},
    {"Cast to integers sees the double",
     "g () => (int64[1] y) <float[1] a = {3}, float[1] b = {0.000000001}> { s = Sub (a, b)  y = Cast <to = 7> (s) }",
     {2},
     DataType::kUndefined,
     {3}},
    {"CastLike",
     "g () => (float16[1] y) <float[1] a = {2049}, float16[1] b = {1}> { y = CastLike (a, b) }",
     {2049},
     DataType::kFloat16,
     {2048}},
    {"a branch that reads what lies around it",
     R"(g () => (float[1] y) <float[1] a = {100000000}, float[1] b = {1}, bool c = {1}> {
          s = Add (a, b)
          t = If (c) <then_branch = g1 () => (float[1] r) { r = Sub (s, a) }, else_branch = g2 () => (float[1] r) { r = Neg (s) }>
          y = Identity (t) })",
     {1},
     DataType::kFloat,
     {0}},
    {"a loop, what it carries and what it collects",
     R"(g () => (float16[2,1] y) <float16[1] a = {2048}, float16[1] b = {1}, int64 n = {2}> {
          z, s = Loop (n, , a) <body = g1 (int64 i, bool c, float16[1] x) => (bool d, float16[1] u, float16[1] v) {
            d = Identity (c)  u = Add (x, b)  v = Sub (u, a) }>
          y = Identity (s) })",
     {1, 2},
     DataType::kFloat16,
     {0, 0}},
    {"a scan",
     R"(g () => (float16[2,1] y) <float16[1] a = {2048}, float16[2,1] b = {1, 1}> {
          z, y = Scan (a, b) <num_scan_inputs = 1, body = g1 (float16[1] x, float16[1] e) => (float16[1] u, float16[1] v) {
            u = Add (x, e)  v = Sub (u, a) }> })",
     {1, 2},
     DataType::kFloat16,
     {0, 0}},
    {"a sequence",
     R"(g () => (float16[1] y) <float16[1] a = {2048}, float16[1] b = {1}, int64 last = {-1}> {
          s = Add (a, b)  q = SequenceConstruct (a, b)  r = SequenceInsert (q, s)  t = SequenceAt (r, last)  y = Sub (t, a) })",
     {1},
     DataType::kFloat16,
     {0}},
    {"functions, one for two types",
     R"(<opset_import: ["" : 17, "local" : 1]>
        g () => (float[1] y) <float16[1] a = {2048}, float16[1] b = {1}, float[1] c = {100000000}, float[1] d = {1}> {
          h = local.f <to_type = 1> (a, b)  k = local.f <to_type = 1> (c, d)  y = Add (h, k) }
        <domain: "local"> f <to_type> (p, q) => (r) { s = Add (p, q)  t = Sub (s, p)  r = Cast <to = @to_type> (t) })",
     {2},
     DataType::kFloat,
     {0}},
    {"a Resize, whose scales the standard has in float alone",
     R"(g () => (float[1,3] y) <float[1,2] x = {0, 1}, float[2] s = {1, 1.5}> {
          y = Resize <mode = "linear", coordinate_transformation_mode = "align_corners"> (x, , s) })",
     {0, 0.5, 1},
     DataType::kFloat,
     {0, 0.5, 1}},
    {"DequantizeLinear",
     R"(g () => (float[1] y) <int8[1] x = {3}, float s = {0.1}, int8 z = {0}> { y = DequantizeLinear (x, s, z) })",
     {3 * static_cast<double>(0.1F)},
     DataType::kFloat,
     {static_cast<double>(3 * 0.1F)}},
};

DataType type_of(const Datum& value) { return value.tensor().type(); }

}  // namespace

TEST_CASE("oracle mode computes in double and knows the model's type") {
  for (const Case& row : kCases) {
    CAPTURE(row.name);
    const auto model = graph_text::parse(row.model);
    const OracleRun found = run_oracle(row.model);
    const Datum& y = found.outputs.at("y");
    CHECK(values_of(y.tensor()) == row.doubles);
    CHECK(y.model_type() == row.model_type);
    CHECK(found.in_own_type.empty());
    const Datum exact = exec::Session(*model).run_values({}).at("y");
    CHECK(values_of(exact.tensor()) == row.exact);
    CHECK(type_of(exec::rounded(y)) == type_of(exact));
    CHECK(exec::Session(*model, {.mode = exec::Mode::kOracle}).run({}).at("y").type() == type_of(exact));
  }
}

TEST_CASE("results that no input gives a type have the type that the node says") {
  struct Row {
    std::string_view nodes;
    DataType type;
  };
  constexpr Row kRows[] = {
      {"y = Constant <value = float16[1] {1}> ()", DataType::kFloat16},
      {"y = Constant <value_float = 0.1> ()", DataType::kFloat},
      {"y = Constant <value = double[1] {1}> ()", DataType::kUndefined},
      {"y = ConstantOfShape <value = float16[1] {1}> (n)", DataType::kFloat16},
      {"y = ConstantOfShape (n)", DataType::kFloat},
      {"y = EyeLike <dtype = 10> (m)", DataType::kFloat16},
      {"y = EyeLike (e)", DataType::kFloat},
      {"y = RandomUniform <shape = [2], dtype = 10> ()", DataType::kFloat16},
      {"y = RandomNormal <shape = [2]> ()", DataType::kFloat},
      {"y = RandomNormalLike (e)", DataType::kFloat},
      {"y = RandomNormalLike <dtype = 11> (e)", DataType::kUndefined},
      {"y = HannWindow (k)", DataType::kFloat},
      {"y = HannWindow <output_datatype = 10> (k)", DataType::kFloat16},
      {"y = Cast <to = 11> (e)", DataType::kUndefined},
      {"s = SequenceEmpty ()  t = SequenceInsert (s, e)  y = SequenceAt (t, z)", DataType::kFloat},
      {"y, u = TopK (e, n)", DataType::kFloat},
      {"o = Optional (e)  y = OptionalGetElement (o)", DataType::kFloat},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.nodes);
    const std::string text =
        "g () => (float[...] y) <int64[1] n = {1}, int64[2,2] m = {1,1,1,1}, float[2,2] e = fill(1), "
        "int64 k = {4}, int64 z = {0}> { " +
        std::string(row.nodes) + " }";
    const Datum y = run_oracle(text).outputs.at("y");
    CHECK(type_of(y) == DataType::kDouble);
    CHECK(y.model_type() == row.type);
  }
}

TEST_CASE("what has no kernel in double runs in the model's types, and is counted") {
  const OracleRun found = run_oracle(R"(
    g () => (uint8[2] y, float s) <float[2] a = {100000000, 1}, float[2] b = {1, 1}> {
      c = Add (a, b)
      y, s, z = DynamicQuantizeLinear (c)
      u, v, w = DynamicQuantizeLinear (b) })");
  CHECK(found.in_own_type == exec::NodeCounts{{"DynamicQuantizeLinear", 2}});
  CHECK(found.outputs.at("s").model_type() == DataType::kFloat);
  CHECK(values_of(found.outputs.at("s").tensor()) == std::vector<double>{static_cast<double>(1e8F / 255.0F)});
}

TEST_CASE("text and bits are those of the model's type") {
  const OracleRun text = run_oracle("g () => (string[1] y) <float[1] a = {0.1}> { y = Cast <to = 8> (a) }");
  CHECK(text.outputs.at("y").tensor().strings()[0] == "0.1");
  CHECK(text.in_own_type == exec::NodeCounts{{"Cast", 1}});
  const OracleRun bits = run_oracle(R"(<opset_import: ["" : 26]>
    g () => (int32[1] y, float[1] z) <float[1] a = {1}> { y = BitCast <to = 6> (a)  z = BitCast <to = 1> (y) })");
  CHECK(bits.outputs.at("y").tensor().to_int64s() == std::vector<int64_t>{0x3f800000});
  CHECK(values_of(bits.outputs.at("z").tensor()) == std::vector<double>{1});
  CHECK(bits.outputs.at("z").model_type() == DataType::kFloat);
}

TEST_CASE("small floats keep their type") {
  const OracleRun found = run_oracle(
      "<opset_import: [\"\" : 19]> g () => (float8e4m3fn[1] y) <float[1] a = {1.3}> { y = Cast <to = 17> (a) }");
  CHECK(type_of(found.outputs.at("y")) == DataType::kFloat8E4M3Fn);
  CHECK(found.outputs.at("y").model_type() == DataType::kUndefined);
}

TEST_CASE("a double is rounded once, to nearest even") {
  struct Row {
    DataType type;
    double value;
    double rounded;
  };
  const Row kRows[] = {
      {DataType::kFloat, 0.1, static_cast<double>(0.1F)},
      {DataType::kFloat, 1e300, HUGE_VAL},
      {DataType::kFloat16, 1 + 0x1p-11, 1},
      {DataType::kFloat16, 1 + 0x1p-11 + 0x1p-40, 1 + 0x1p-10},  // by way of float it would be 1
      {DataType::kFloat16, 65519, 65504},
      {DataType::kFloat16, -65520, -HUGE_VAL},
      {DataType::kBfloat16, 1 + 0x1p-8, 1},
      {DataType::kBfloat16, 1 + 0x1p-8 + 0x1p-40, 1 + 0x1p-7},
      {DataType::kUndefined, 0.1, 0.1},
  };
  for (const Row& row : kRows) {
    CAPTURE(to_string(row.type));
    CAPTURE(row.value);
    Datum value = tensor(DataType::kDouble, {1}, {row.value});
    value.set_model_type(row.type);
    const Datum rounded = exec::rounded(value);
    CHECK(values_of(rounded.tensor()) == std::vector<double>{row.rounded});
    CHECK(type_of(rounded) == (is_valid(row.type) ? row.type : DataType::kDouble));
    CHECK(rounded.model_type() == DataType::kUndefined);
  }
}

TEST_CASE("sequences and optionals are widened with what they hold") {
  const exec::Sequence floats_of_one{Type::tensor(DataType::kFloat), {Datum(floats({1}, {0.5}))}};
  const Datum wide = exec::widened(Datum(floats_of_one));
  CHECK(wide.model_type() == DataType::kFloat);
  CHECK(wide.sequence().element_type.element_type == DataType::kDouble);
  CHECK(exec::kept_type(wide) == DataType::kDouble);
  CHECK(exec::rounded(wide).sequence().elements[0].tensor().type() == DataType::kFloat);
  const Datum nothing = exec::widened(Datum::nothing(Type::tensor(DataType::kFloat16)));
  CHECK(nothing.is_nothing());
  CHECK(nothing.model_type() == DataType::kFloat16);
  CHECK(to_string(exec::rounded(nothing).type()) == to_string(Datum::nothing(Type::tensor(DataType::kFloat16)).type()));
  const Datum integers = exec::widened(Datum(Tensor::scalar(int64_t{3})));
  CHECK(type_of(integers) == DataType::kInt64);
}

TEST_CASE("inputs are given in the model's types, and refused in double") {
  constexpr std::string_view kModel = "g (float16[1] x) => (float16[1] y) { y = Add (x, x) }";
  const OracleRun found = run_oracle(kModel, {{"x", tensor(DataType::kFloat16, {1}, {40000})}});
  CHECK(values_of(found.outputs.at("y").tensor()) == std::vector<double>{80000});
  CHECK(values_of(exec::rounded(found.outputs.at("y")).tensor()) == std::vector<double>{HUGE_VAL});
  CHECK(error_of([&] {
          run_oracle(kModel, {{"x", tensor(DataType::kDouble, {1}, {1})}});
        }) == "2: input 'x': given double[1], expected float16[1]");
}

TEST_CASE("a weight for which there is no memory as double is refused") {
  const auto model = graph_text::parse("g () => (float[...] y) <float[100] w = fill(1)> { y = ReduceSum (w) }");
  exec::Session session(*model, {.max_bytes = 700, .mode = exec::Mode::kOracle});
  CHECK(error_of([&] { session.run_values({}); }) ==
        "4: 'w' as double would take 800 B, over the 700 B that are left of the memory limit");
}

TEST_CASE("the result of oracle mode does not depend on the number of threads") {
  const auto model = graph_text::parse(
      "g () => (float[...] y) <float[70,300] a = fill(1), float[300,200] b = fill(2)> { c = MatMul (a, b)  y = Softmax "
      "(c) }");
  exec::Session one(*model, {.threads = 1, .mode = exec::Mode::kOracle});
  exec::Session four(*model, {.threads = 4, .mode = exec::Mode::kOracle});
  CHECK(identical(one.run_values({}).at("y").tensor(), four.run_values({}).at("y").tensor()));
}
