#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "exec/datum.h"
#include "exec/parity.h"
#include "exec_testing.h"

using namespace surgery;
using namespace exec_testing;
using exec::Datum;
using exec::Sequence;

namespace {

Sequence floats_of(const std::vector<double>& values) {
  Sequence sequence{Type::tensor(DataType::kFloat), {}};
  for (const double value : values) sequence.elements.emplace_back(floats({1}, {value}));
  return sequence;
}

/// The first elements of the tensors of a sequence.
std::vector<double> heads(const Datum& datum) {
  std::vector<double> values;
  for (const Datum& element : datum.sequence().elements) values.push_back(values_of(element.tensor()).at(0));
  return values;
}

exec::Values run_values(std::string_view text, exec::Values inputs = {}) {
  const auto model = graph_text::parse(text);
  return exec::Session(*model).run_values(std::move(inputs));
}

}  // namespace

TEST_CASE("positions of a sequence count from the end when negative") {
  const exec::Values found = run_values(R"(
    g () => (float[1] y, float[1] z, int64 n) <float[1] a = {1}, float[1] b = {2}, float[1] c = {3}, int64 i = {1},
         int64 last = {-1}> {
      s = SequenceConstruct (a, b)
      t = SequenceInsert (s, c, i)
      y = SequenceAt (t, i)
      z = SequenceAt (t, last)
      u = SequenceErase (t)
      n = SequenceLength (u) })");
  CHECK(values_of(found.at("y").tensor()) == std::vector<double>{3});
  CHECK(values_of(found.at("z").tensor()) == std::vector<double>{2});
  CHECK(found.at("n").tensor().to_int64s() == std::vector<int64_t>{2});
}

TEST_CASE("a sequence that several nodes read is not changed for the others") {
  const exec::Values found = run_values(R"(
    g () => (float[1] y, float[1] z) <float[1] a = {1}, float[1] b = {2}, int64 first = {0}> {
      s = SequenceConstruct (a, a)
      t = SequenceInsert (s, b, first)
      y = SequenceAt (s, first)
      z = SequenceAt (t, first) })");
  CHECK(values_of(found.at("y").tensor()) == std::vector<double>{1});
  CHECK(values_of(found.at("z").tensor()) == std::vector<double>{2});
}

TEST_CASE("what a sequence operator cannot do is refused with the node") {
  struct Refusal {
    std::string_view nodes;
    std::string_view message;
  };
  const Refusal refusals[] = {
      {"[n] y = SequenceAt (s, two)", "3: node 'n' (SequenceAt): position 2 is outside of a sequence of 2"},
      {"[n] t = SequenceInsert (s, whole)  y = SequenceLength (t)",
       "3: node 'n' (SequenceInsert): input 1 is int64, the sequence holds float[...]"},
      {"[n] t = SequenceConstruct (a, whole)  y = SequenceLength (t)",
       "3: node 'n' (SequenceConstruct): input 1 is int64, the first one float"},
      {"[n] y = SequenceAt (a, two)", "3: node 'n' (SequenceAt): input 0 is float[1], expected a sequence"},
      {"[n] y = Neg (s)", "4: node 'n' (Neg): no kernel for Neg version 17 on inputs of type (sequence(float[...]))"},
      {"[n] y = Concat <axis = 0> (a, s)", "3: node 'n' (Concat): input 1 is sequence(float[...]), expected a tensor"},
      {"e = SequenceEmpty ()  [n] y = ConcatFromSequence <axis = 0> (e)",
       "3: node 'n' (ConcatFromSequence): the sequence is empty"},
      {"[n] y = ConcatFromSequence <axis = 1> (s)",
       "3: node 'n' (ConcatFromSequence): axis 1 is out of range for rank 1"},
      {"[n] t = SplitToSequence (a, two)  y = SequenceLength (t)", ""},
      {"[n] t = SplitToSequence (a, parts)  y = SequenceLength (t)",
       "3: node 'n' (SplitToSequence): split [2, 3] does not add up to a length of 1"},
  };
  for (const Refusal& refusal : refusals) {
    CAPTURE(refusal.nodes);
    const std::string text =
        "g () => (float[...] y) <float[1] a = {1}, float[1] b = {2}, int64 two = {2}, int64[1] whole = {1}, "
        "int64[2] parts = {2, 3}> { s = SequenceConstruct (a, b) " +
        std::string(refusal.nodes) + " }";
    const std::string found = error_of([&] { run_values(text); });
    if (refusal.message.empty()) {
      CHECK(found == "(no error)");
    } else {
      CHECK(found == refusal.message);
    }
  }
}

TEST_CASE("SplitToSequence cuts into pieces and ConcatFromSequence puts them together") {
  const exec::Values found = run_values(R"(
    g (float[5, 2] x) => (float[5, 2] y, float[2, 5] z, int64 n) <int64 two = {2}, int64 one = {1}> {
      s = SplitToSequence <axis = 0> (x, two)
      n = SequenceLength (s)
      y = ConcatFromSequence <axis = 0> (s)
      rows = SplitToSequence <axis = 0, keepdims = 0> (x)
      z = ConcatFromSequence <axis = 1, new_axis = 1> (rows) })",
                                        {{"x", floats({5, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})}});
  CHECK(found.at("n").tensor().to_int64s() == std::vector<int64_t>{3});
  CHECK(values_of(found.at("y").tensor()) == std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(values_of(found.at("z").tensor()) == std::vector<double>{0, 2, 4, 6, 8, 1, 3, 5, 7, 9});
}

TEST_CASE("a sequence as large as the memory limit is refused before it is made") {
  const auto model = graph_text::parse(R"(
    g (float[N] x) => (int64 n) { [cut] s = SplitToSequence <axis = 0> (x)  n = SequenceLength (s) })");
  exec::Session session(*model, {.max_bytes = 1 << 20});
  CHECK(error_of([&] {
          session.run({{"x", Tensor::zeros(DataType::kFloat, {1 << 16})}});
        }) ==
        "4: node 'cut' (SplitToSequence): its result would take 16.0 MiB, over the 1.0 MiB that are left of the memory "
        "limit");
}

TEST_CASE("a sequence that grows in a loop is not copied at each step") {
  // 20,000 steps: with a copy at each it would be 2 * 10^8 elements.
  const exec::Values found = run_values(R"(
    g () => (int64 n) <int64 trips = {20000}, bool yes = {1}, float[1] v = {7}> {
      empty = SequenceEmpty ()
      s = Loop (trips, yes, empty) <body = b (int64 i, bool c, seq(float[1]) s_in) => (bool d, seq(float[1]) grown) {
        d = Identity (c)  grown = SequenceInsert (s_in, v) }>
      n = SequenceLength (s) })");
  CHECK(found.at("n").tensor().to_int64s() == std::vector<int64_t>{20000});
}

TEST_CASE("an input of another kind than declared is refused with both") {
  auto model = create_model(17);
  Value& input = model->graph().add_input("s", Type::sequence(Type::tensor(DataType::kFloat)));
  Node& length = model->graph().insert_before(
      nullptr, {.op_type = "SequenceLength", .inputs = {&input}, .output_names = {"n"}, .name = "l"});
  model->graph().add_output(*length.output(0));
  exec::Session session(*model);
  CHECK(session.run_values({{"s", Datum(floats_of({1, 2}))}}).at("n").tensor().to_int64s() == std::vector<int64_t>{2});
  CHECK(error_of([&] {
          session.run_values({{"s", floats({1}, {1})}});
        }) == "2: input 's': given float[1], expected sequence(float[...])");
  CHECK(error_of([&] {
          session.run_values({{"s", Datum(Sequence{Type::tensor(DataType::kInt64), {}})}});
        }) == "2: input 's': given sequence(int64[...]), expected sequence(float[...])");
}

TEST_CASE("an optional that holds nothing has no element, and one that does is what it holds") {
  const auto model = graph_text::parse(R"(
    <opset_import: ["" : 18]> g (optional(float[1]) o) => (bool has, float[1] y) {
      has = OptionalHasElement (o)
      [get] y = OptionalGetElement (o) })");
  exec::Session session(*model);
  const exec::Values found = session.run_values({{"o", floats({1}, {4})}});
  CHECK(found.at("has").tensor().to_int64s() == std::vector<int64_t>{1});
  CHECK(values_of(found.at("y").tensor()) == std::vector<double>{4});
  CHECK(error_of([&] {
          session.run_values({{"o", Datum::nothing(Type::tensor(DataType::kFloat))}});
        }) == "3: node 'get' (OptionalGetElement): the optional is empty");
}

TEST_CASE("values are compared element by element") {
  const auto tolerance = [](DataType) { return exec::Tolerance{}; };
  const Datum one(floats_of({1, 2}));
  CHECK(compare_values(one, Datum(floats_of({1, 2})), tolerance).within);
  CHECK(compare_values(one, Datum(floats_of({1, 2, 3})), tolerance).reason == "a sequence of 2, expected one of 3");
  CHECK(compare_values(one, Datum(floats_of({1, 3})), tolerance).max_abs == 1);
  CHECK_FALSE(compare_values(one, Datum(floats_of({1, 3})), tolerance).within);
  CHECK(compare_values(one, floats({1}, {1}), tolerance).reason == "is sequence(float[...]), expected float[1]");
  const Datum nothing = Datum::nothing(Type::tensor(DataType::kFloat));
  CHECK(compare_values(nothing, nothing, tolerance).within);
  CHECK_FALSE(compare_values(nothing, one, tolerance).within);
  CHECK(heads(one) == std::vector<double>{1, 2});
}

TEST_CASE("a map has its keys in order and of equal ones the last value") {
  const exec::Map map = exec::make_map(Tensor::vector(std::vector<int64_t>{5, 1, 5}), floats({3}, {1, 2, 3}));
  CHECK(map.keys.to_int64s() == std::vector<int64_t>{1, 5});
  CHECK(values_of(map.values) == std::vector<double>{2, 3});
  CHECK_THROWS_WITH_AS(exec::make_map(floats({1}, {1}), floats({1}, {1})),
                       "a map has keys of type float, expected integers or strings", Error);
}
