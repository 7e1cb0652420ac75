#include <doctest/doctest.h>

#include <string_view>

#include "exec/verify.h"
#include "surgery/model.h"

using namespace surgery;
using exec::LockstepOptions;
using exec::LockstepResult;

namespace {

/// x -> Relu -> (first) -> Add(weight) -> (second) -> Mul(weight) -> (y), with names to choose.
struct Names {
  std::string input = "x";
  std::string first = "first";
  std::string second = "second";
  std::string output = "y";
};

std::unique_ptr<Model> chain(const Names& names, float addend, Dim batch = 2) {
  auto model = create_model(17);
  Graph& graph = model->graph();
  Value& x = graph.add_input(names.input, Type::tensor(DataType::kFloat, Shape{std::move(batch), 3}));
  Value& w = graph.add_initializer("w", Tensor::scalar(addend));
  Node& relu =
      graph.insert_before(nullptr, {.op_type = "Relu", .inputs = {&x}, .output_names = {names.first}, .name = "relu"});
  Node& add = graph.insert_before(
      nullptr, {.op_type = "Add", .inputs = {relu.output(0), &w}, .output_names = {names.second}, .name = "add"});
  Node& mul = graph.insert_before(
      nullptr, {.op_type = "Mul", .inputs = {add.output(0), &w}, .output_names = {names.output}, .name = "mul"});
  graph.add_output(*mul.output(0));
  return model;
}

LockstepResult run(const Model& a, const Model& b, const LockstepOptions& options = {}) {
  const exec::Values inputs_a = exec::make_inputs(a, {}, {});
  const exec::Values inputs_b{{b.graph().inputs()[0]->name(), inputs_a.begin()->second}};
  return exec::run_lockstep(a, b, inputs_a, inputs_b, options);
}

}  // namespace

TEST_CASE("equal models agree on every tensor") {
  const auto a = chain({}, 2);
  const LockstepResult result = run(*a, *a);
  CHECK(result.equal());
  REQUIRE(result.pairs.size() == 3);
  CHECK(result.pairs[0].a == "first");
  CHECK(result.pairs[2].is_output);
}

TEST_CASE("the first bad layer is the first one that differs, not the worst") {
  const auto a = chain({}, 2);
  const auto b = chain({}, 2.5F);
  const LockstepResult result = run(*a, *b);
  CHECK_FALSE(result.equal());
  REQUIRE(result.first_bad.has_value());
  CHECK(result.pairs[*result.first_bad].b == "second");
  CHECK(result.pairs[*result.first_bad].node == "node 'add' (Add)");
}

TEST_CASE("other names are paired by the user, outputs by position") {
  const auto a = chain({}, 2);
  const auto b = chain({.input = "in", .first = "f", .second = "s", .output = "out"}, 2);
  const LockstepResult outputs_only = run(*a, *b);
  CHECK(outputs_only.equal());
  REQUIRE(outputs_only.pairs.size() == 1);
  CHECK(outputs_only.pairs[0].a == "y");
  CHECK(outputs_only.pairs[0].b == "out");
  const LockstepResult more = run(*a, *b, {.pairs = {{"first", "f"}}});
  CHECK(more.pairs.size() == 2);
}

TEST_CASE("a pair of different tensors given by the user fails") {
  const auto a = chain({}, 2);
  CHECK_FALSE(run(*a, *a, {.pairs = {{"first", "second"}}}).equal());
}

TEST_CASE("weights that the user paired are compared") {
  const auto a = chain({}, 2);
  const auto b = chain({}, 2.5F);
  const LockstepResult result = run(*a, *b, {.pairs = {{"w", "w"}}});
  REQUIRE(result.pairs.size() == 4);
  CHECK(result.pairs[3].node == "a weight");
  CHECK(result.pairs[3].difference.max_abs == 0.5);
}

TEST_CASE("an output that only one side has is told") {
  const auto a = chain({}, 2);
  const auto b = chain({}, 2);
  b->graph().add_output(*b->graph().find("first"));
  const LockstepResult result = run(*a, *b);
  CHECK_FALSE(result.equal());
  CHECK(result.unpaired_outputs == std::vector<std::string>{"first"});
}

TEST_CASE("a tolerance for one tensor leaves the others alone") {
  const auto a = chain({}, 2);
  const auto b = chain({}, 2.001F);
  const LockstepResult strict = run(*a, *b, {.tolerance = exec::Tolerance{.rtol = 0, .atol = 1e-6}});
  CHECK(strict.pairs[*strict.first_bad].b == "second");
  const LockstepResult loose =
      run(*a, *b,
          {.tolerance = exec::Tolerance{.rtol = 0, .atol = 1e-6}, .tolerances = {{"second", {.rtol = 0, .atol = 1}}}});
  CHECK(loose.pairs[*loose.first_bad].b == "y");
}

TEST_CASE("an error says which side it comes from") {
  const auto a = chain({}, 2);
  CHECK_THROWS_WITH_AS(exec::run_lockstep(*a, *a, exec::make_inputs(*a, {}, {}), {}, {}),
                       doctest::Contains("B: input 'x'"), Error);
}

TEST_CASE("verify compares sample by sample where the batch changed") {
  for (const int64_t before : {1, 2, 4}) {
    for (const int64_t after : {1, 3, 6}) {
      CAPTURE(before);
      CAPTURE(after);
      const auto a = chain({}, 2, before);
      const auto b = chain({}, 2, after);
      const exec::VerifyResult result = exec::verify(*a, *b, Meaning::kPerSample, {});
      CHECK(result.ran);
      CHECK(result.equal);
      const auto wrong = chain({}, 3, after);
      CHECK_FALSE(exec::verify(*a, *wrong, Meaning::kPerSample, {}).equal);
    }
  }
}

TEST_CASE("verify follows names that the journal says were changed") {
  const auto a = chain({}, 2);
  const auto b = chain({}, 2);
  Value& x = *b->graph().find("x");
  b->graph().rename(x, "data");
  b->journal().correspond("x", "data");
  CHECK(exec::verify(*a, *b, Meaning::kInterface, {}).equal);
}

TEST_CASE("verify runs open dims at two sizes") {
  const auto a = chain({}, 2, Dim::symbol("N"));
  const exec::VerifyResult result = exec::verify(*a, *a, Meaning::kKept, {});
  CHECK(result.equal);
  CHECK(result.message == "6 tensors agree on 2 sets of inputs, largest difference 0");
}

TEST_CASE("verify says when the model before could not be run at all") {
  const auto a = chain({}, 2);
  a->graph().add_input("unused_without_shape", Type::tensor(DataType::kFloat));
  const auto b = chain({}, 2);
  const exec::VerifyResult result = exec::verify(*a, *b, Meaning::kKept, {});
  CHECK_FALSE(result.ran);
  CHECK(result.message.find("the model before cannot be run") == 0);
}

TEST_CASE("verify names the operator that has no kernel") {
  const auto a = chain({}, 2);
  const auto b = chain({}, 2);
  b->graph().set_op_type(*b->graph().first_node(), "Magic", "com.example");
  const exec::VerifyResult result = exec::verify(*a, *b, Meaning::kKept, {});
  CHECK_FALSE(result.ran);
  CHECK(result.obstacle == ErrorCode::kUnsupported);
  CHECK(result.message.find("Magic") != std::string::npos);
}
