#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "edit_helpers.h"
#include "model_builder.h"

namespace {

using namespace surgery;

/// x -> Relu -> a -> MatMul w -> y, and a second output z from its own branch.
struct Sample : ModelBuilder {
  explicit Sample(int64_t opset = 13) : ModelBuilder(opset) {
    input("x", {2, 3});
    input("side", {2, 3});
    weight("w", {3, 4});
    weight("v", {3});
    node("Relu", {"x"}, {"a"}, "relu");
    node("MatMul", {"a", "w"}, {"y"}, "matmul");
    node("Neg", {"side"}, {"n"}, "neg");
    node("Mul", {"n", "v"}, {"z"}, "mul");
    output("y", {2, 4});
    output("z", {2, 3});
  }
};

std::string outputs(ModelBuilder& b) {
  std::string text;
  for (const Value* value : b.graph().outputs()) text += (text.empty() ? "" : " ") + value->name();
  return text;
}

TEST_CASE("--add-output lists a tensor with the type that inference finds") {
  Sample sample;
  const EditReport report = apply(sample.model(), "--add-output", "a");
  CHECK(report.meaning == Meaning::kInterface);
  CHECK(notes(report) == "output 'a' added: float[2, 3]");
  CHECK(outputs(sample) == "y z a");
  CHECK(sample.type_of("a") == "float[2, 3]");
}

TEST_CASE("--remove-output takes nodes and weights along that only it needed") {
  Sample sample;
  const EditReport report = apply(sample.model(), "--remove-output", "z");
  CHECK(report.meaning == Meaning::kInterface);
  CHECK(notes(report) ==
        "output 'z' removed, and with it 2 nodes and 1 weight that only it needed\ninput 'side' is not read any more");
  CHECK(outputs(sample) == "y");
  CHECK(sample.operators() == "Relu MatMul");
  CHECK(sample.graph().find("v") == nullptr);
  CHECK(sample.graph().find("side") != nullptr);
}

TEST_CASE("--remove-output leaves nodes that something else reads") {
  Sample sample;
  apply(sample.model(), "--add-output", "a");
  apply(sample.model(), "--remove-output", "a");
  CHECK(sample.operators() == "Relu MatMul Neg Mul");
}

struct Refusal {
  std::string_view option;
  std::string_view argument;
  std::string_view message;
};

const Refusal kRefusals[] = {
    {"--add-output", "y", "2: --add-output: 'y' cannot be an output: it is one already"},
    {"--add-output", "relu", "2: --add-output: there is no tensor 'relu'; node 'relu' (Relu) has the output 'a'"},
    {"--remove-output", "a", "2: --remove-output: there is no output 'a'; did you mean 'y', 'z'?"},
    {"--remove-output", "output", "2: --remove-output: there is no output 'output'"},
    {"--rename", "a", "2: --rename: expected OLD=NEW, found 'a'"},
    {"--rename", "a=", "2: --rename: expected OLD=NEW, found 'a='"},
    {"--rename", "a=w", "2: --rename: cannot rename 'a': there is a tensor 'w' already"},
    {"--rename", "relu=neg", "2: --rename: cannot rename node 'relu' (Relu): there is a node 'neg' already"},
    {"--rename", "nothing=b", "2: --rename: there is no tensor 'nothing'"},
    {"--rename", "#9=b", "2: --rename: there is no node '#9': the graph has 4 nodes, from #0"},
    {"--initializers-as-inputs", "maybe", "2: --initializers-as-inputs: expected yes or no, found 'maybe'"},
    {"--initializers-as-inputs", "", "2: --initializers-as-inputs: expected yes or no, found ''"},
};

TEST_CASE("edits of the interface refuse what does not exist or is taken") {
  for (const Refusal& r : kRefusals) {
    CAPTURE(r.option);
    CAPTURE(r.argument);
    Sample sample;
    CHECK(refusal(sample.model(), r.option, r.argument) == r.message);
  }
}

TEST_CASE("--remove-output refuses the last one") {
  Sample sample;
  apply(sample.model(), "--remove-output", "z");
  CHECK(refusal(sample.model(), "--remove-output", "y") ==
        "2: --remove-output: 'y' is the only output, and a model needs one");
}

TEST_CASE("--rename renames inputs, outputs, tensors and nodes and tells the journal") {
  Sample sample;
  CHECK(apply(sample.model(), "--rename", "x=pixels").meaning == Meaning::kInterface);
  CHECK(apply(sample.model(), "--rename", "y=scores").meaning == Meaning::kInterface);
  CHECK(apply(sample.model(), "--rename", "a=hidden").meaning == Meaning::kKept);
  CHECK(notes(apply(sample.model(), "--rename", "relu=act")) == "node 'relu' (Relu) renamed to 'act'");
  CHECK(apply(sample.model(), "--rename", "#1=product").meaning == Meaning::kKept);
  CHECK(sample.graph().inputs()[0]->name() == "pixels");
  CHECK(outputs(sample) == "scores z");
  CHECK(sample.find_node("act").output(0)->name() == "hidden");
  CHECK(sample.find_node("product").input(0)->name() == "hidden");
  CHECK(sample.model().journal().correspondences().size() == 3);
}

TEST_CASE("--initializers-as-inputs lists the weights and takes them out again") {
  Sample sample;
  CHECK(apply(sample.model(), "--initializers-as-inputs", "yes").meaning == Meaning::kInterface);
  CHECK(sample.graph().inputs().size() == 4);
  CHECK(sample.value("w").is_graph_input());
  CHECK(apply(sample.model(), "--initializers-as-inputs", "yes").meaning == Meaning::kKept);
  CHECK(notes(apply(sample.model(), "--initializers-as-inputs", "no")) == "2 weights taken out of the inputs");
  CHECK(sample.graph().inputs().size() == 2);
  CHECK(sample.value("w").is_initializer());
}

TEST_CASE("--initializers-as-inputs no raises an IR version that demands them") {
  Sample sample(8);
  sample.model().set_ir_version(3);
  apply(sample.model(), "--initializers-as-inputs", "yes");
  CHECK(mentions(apply(sample.model(), "--initializers-as-inputs", "no"), "IR version 3 -> 4"));
  CHECK(sample.model().ir_version() == 4);
}

TEST_CASE("--insert-flatten-before puts a Flatten in front of the data input") {
  ModelBuilder b(8);
  b.input("x", {2, 3, 4, 4});
  b.node("Relu", {"x"}, {"a"}, "relu");
  b.weight("w", {48, 5});
  b.weight("c", {5});
  b.node("Gemm", {"a", "w", "c"}, {"y"}, "gemm");
  b.output("y", {2, 5});
  const EditReport report = apply(b.model(), "--insert-flatten-before", "gemm");
  CHECK(report.meaning == Meaning::kChanged);
  CHECK(b.operators() == "Relu Flatten Gemm");
  const Node& flatten = b.find_node("gemm_flatten");
  CHECK(flatten.int_or("axis", 0) == 1);
  CHECK(flatten.input(0)->name() == "a");
  CHECK(b.find_node("gemm").input(0) == flatten.output(0));
  CHECK(notes(report) ==
        "node 'gemm' (Gemm): input 'a' of shape [2, 3, 4, 4] goes through node 'gemm_flatten' (Flatten)");
  // On two dimensions it does nothing.
  CHECK(apply(b.model(), "--insert-flatten-before", "gemm").meaning == Meaning::kKept);
}

TEST_CASE("--insert-flatten-before refuses several nodes and nodes without data") {
  Sample sample;
  sample.node("Constant", {}, {"c"}, "constant", ModelBuilder::attributes(Attribute("value_float", 2.0F)));
  CHECK(refusal(sample.model(), "--insert-flatten-before", "constant") ==
        "2: --insert-flatten-before: node 'constant' (Constant) has no input that is computed, so nothing to flatten");
  CHECK(refusal(sample.model(), "--insert-flatten-before", "*m*")
            .starts_with("2: --insert-flatten-before: '*m*' matches 2"));
}

TEST_CASE("refresh_declared_types corrects what cannot be true and leaves the rest") {
  Sample sample;
  sample.value_info("a", {7, 7});
  sample.graph().set_type(sample.value("z"), Type::tensor(DataType::kFloat, Shape{Dim::symbol("rows"), 3}));
  ModelFacts facts(sample.model());
  CHECK(refresh_declared_types(sample.model(), facts) == 1);
  CHECK(sample.type_of("a") == "float[2, 3]");
  CHECK(sample.type_of("z") == "float[rows, 3]");
  CHECK(refresh_declared_types(sample.model(), facts) == 0);
}

}  // namespace
