#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "edit_helpers.h"
#include "model_builder.h"
#include "surgery/infer.h"

namespace {

using namespace surgery;

const Dim kN = Dim::symbol("N");

std::string content(const Value& value) {
  const auto tensor = constant_of(value);
  if (tensor == nullptr) return "computed";
  const auto values = tensor->to_int64s();
  return values ? to_string(Shape(values->begin(), values->end())) : "other";
}

/// x [4, 6] -> Reshape "r" by `target` -> Relu -> y
struct ReshapeModel : ModelBuilder {
  ReshapeModel(Shape in, std::vector<int64_t> target, Shape out) {
    input("x", std::move(in));
    ints("target", std::move(target));
    node("Reshape", {"x", "target"}, {"t"}, "r");
    node("Relu", {"t"}, {"y"}, "relu");
    output("y", std::move(out));
  }
  std::string target() { return content(*find_node("r").input(1)); }
};

struct Mend {
  std::string_view name;
  Shape in;
  std::vector<int64_t> target;
  Shape out;
  std::string_view batch;
  std::string_view new_target;
  std::string_view new_type;
};

TEST_CASE("--set-batch mends the target of a Reshape where it holds the old batch, and only there") {
  const Mend mends[] = {
      {"a literal batch", {4, 6}, {4, -1}, {4, 6}, "3", "[3, -1]", "float[3, 6]"},
      {"a literal batch, to a symbol", {4, 6}, {4, -1}, {4, 6}, "N", "[0, -1]", "float[N, 6]"},
      {"no -1", {4, 6}, {4, 2, 3}, {4, 2, 3}, "3", "[3, 2, 3]", "float[3, 2, 3]"},
      {"no -1, to a symbol", {4, 6}, {4, 2, 3}, {4, 2, 3}, "N", "[0, 2, 3]", "float[N, 2, 3]"},
      {"a factor", {4, 6}, {8, 3}, {8, 3}, "5", "[10, 3]", "float[10, 3]"},
      {"a factor, to a symbol", {4, 6}, {8, 3}, {8, 3}, "N", "[-1, 3]", "float[?, 3]"},
      {"a factor in front of a -1, to a symbol", {4, 6}, {8, -1}, {8, 3}, "N", "[-1, 3]", "float[?, 3]"},
      {"channels equal to the batch", {4, 196}, {-1, 4, 7, 7}, {4, 4, 7, 7}, "3", "[-1, 4, 7, 7]", "float[3, 4, 7, 7]"},
      {"channels and batch literal", {4, 196}, {4, 4, 7, 7}, {4, 4, 7, 7}, "3", "[3, 4, 7, 7]", "float[3, 4, 7, 7]"},
      {"a batch that is copied", {4, 6}, {0, 2, -1}, {4, 2, 3}, "3", "[0, 2, -1]", "float[3, 2, 3]"},
      {"a -1 that is the batch", {4, 6}, {-1, 3, 2}, {4, 3, 2}, "7", "[-1, 3, 2]", "float[7, 3, 2]"},
      {"a batch of 1", {1, 6}, {1, -1}, {1, 6}, "3", "[3, -1]", "float[3, 6]"},
      {"a batch of 1 beside an axis of 1", {1, 6}, {1, 1, 6}, {1, 1, 6}, "3", "[3, 1, 6]", "float[3, 1, 6]"},
      {"to a batch of 1", {4, 6}, {4, -1}, {4, 6}, "1", "[1, -1]", "float[1, 6]"},
  };
  for (const Mend& m : mends) {
    CAPTURE(m.name);
    ReshapeModel model(m.in, m.target, m.out);
    const EditReport report = apply(model.model(), "--set-batch", m.batch);
    CHECK(report.meaning == Meaning::kPerSample);
    CHECK(model.target() == m.new_target);
    CHECK(model.type_of("y") == m.new_type);
    CHECK(mentions(report, "node 'r'") == (content(model.value("y")) == content(*model.find_node("r").input(1)) ||
                                           to_string(Shape(m.target.begin(), m.target.end())) != m.new_target));
  }
}

TEST_CASE("--set-batch says what it mended and why") {
  ReshapeModel model({4, 6}, {4, -1}, {4, 6});
  CHECK(notes(apply(model.model(), "--set-batch", "3")) ==
        "batch 4 -> 3 at input 'x'\n"
        "node 'r' (Reshape): shape [4, -1] -> [3, -1], the literal 4 was the old batch");
  CHECK(model.graph().find("target") == nullptr);  // nothing reads the old constant any more
  CHECK(model.type_of("x") == "float[3, 6]");
}

TEST_CASE("--set-batch follows the batch through a Transpose into the middle of a merged axis") {
  // [4,48] -> [4,6,8] -> [6,4,8] -> [24,8] -> [6,4,8] -> [4,6,8] -> [4,48], as attention does with heads
  ModelBuilder b;
  b.input("x", {4, 48});
  b.ints("s1", {4, 6, 8});
  b.ints("s2", {24, 8});
  b.ints("s3", {6, 4, 8});
  b.ints("s4", {4, 48});
  const auto swap = [] { return ModelBuilder::attributes(Attribute("perm", std::vector<int64_t>{1, 0, 2})); };
  b.node("Reshape", {"x", "s1"}, {"a"}, "r1");
  b.node("Transpose", {"a"}, {"b"}, "t1", swap());
  b.node("Reshape", {"b", "s2"}, {"c"}, "r2");
  b.node("Relu", {"c"}, {"d"}, "relu");
  b.node("Reshape", {"d", "s3"}, {"e"}, "r3");
  b.node("Transpose", {"e"}, {"f"}, "t2", swap());
  b.node("Reshape", {"f", "s4"}, {"y"}, "r4");
  b.output("y", {4, 48});
  b.value_info("c", {24, 8});
  SUBCASE("to a number") {
    apply(b.model(), "--set-batch", "3");
    CHECK(content(*b.find_node("r1").input(1)) == "[3, 6, 8]");
    CHECK(content(*b.find_node("r2").input(1)) == "[18, 8]");
    CHECK(content(*b.find_node("r3").input(1)) == "[6, 3, 8]");
    CHECK(content(*b.find_node("r4").input(1)) == "[3, 48]");
    CHECK(b.type_of("c") == "float[18, 8]");
  }
  SUBCASE("to a symbol") {
    apply(b.model(), "--set-batch", "N");
    CHECK(content(*b.find_node("r1").input(1)) == "[0, 6, 8]");
    CHECK(content(*b.find_node("r2").input(1)) == "[-1, 8]");
    CHECK(content(*b.find_node("r3").input(1)) == "[6, -1, 8]");
    CHECK(content(*b.find_node("r4").input(1)) == "[0, 48]");
    CHECK(b.type_of("c") == "float[?, 8]");
  }
  CHECK(b.type_of("y").starts_with("float["));
}

TEST_CASE("--set-batch gives each node its own constant where several share one") {
  ModelBuilder b;
  b.input("x", {4, 4});
  b.weight("w", {4, 4});
  b.node("Constant", {}, {"s"}, "c", ModelBuilder::attributes(Attribute("value_ints", std::vector<int64_t>{4, 2, 2})));
  b.node("Reshape", {"x", "s"}, {"a"}, "r1");
  b.node("Reshape", {"w", "s"}, {"k"}, "weights");  // a weight: its 4 is no batch
  b.weight("one", {1, 2, 2});
  b.node("Add", {"a", "one"}, {"b"});
  b.node("ReduceSum", {"k"}, {"r"}, "sum", ModelBuilder::attributes(Attribute("keepdims", int64_t{0})));
  b.node("Add", {"b", "r"}, {"y"});
  b.output("y", {4, 2, 2});
  apply(b.model(), "--set-batch", "3");
  CHECK(content(*b.find_node("r1").input(1)) == "[3, 2, 2]");
  CHECK(content(*b.find_node("weights").input(1)) == "[4, 2, 2]");
  CHECK(b.find_node("r1").input(1)->producer()->is("Constant"));
}

TEST_CASE("--set-batch of a model with a symbol replaces the symbol wherever it is declared") {
  for (const auto& [given, expected] : {std::pair{"3", "3"}, std::pair{"batch", "batch"}}) {
    ModelBuilder b;
    b.input("x", {kN, 6});
    b.input("z", {kN, 1});
    b.node("Mul", {"x", "z"}, {"a"});
    b.node("Relu", {"a"}, {"y"});
    b.output("y", {kN, 6});
    b.value_info("a", {kN, 6});
    CHECK(apply(b.model(), "--set-batch", given).meaning == Meaning::kPerSample);
    for (const char* name : {"x", "a", "y"}) CHECK(b.type_of(name) == "float[" + std::string(expected) + ", 6]");
    CHECK(b.type_of("z") == "float[" + std::string(expected) + ", 1]");
  }
}

TEST_CASE("--set-batch to the batch that is there does nothing") {
  ReshapeModel model({4, 6}, {4, -1}, {4, 6});
  const EditReport report = apply(model.model(), "--set-batch", "4");
  CHECK(report.meaning == Meaning::kKept);
  CHECK(notes(report) == "the batch is 4 already");
}

TEST_CASE("--set-batch leaves weights that are listed as inputs alone") {
  ModelBuilder b(9);
  b.input("x", {4, 6});
  b.graph().make_input(b.weight("w", {4, 6}));
  b.graph().make_input(b.weight("c", {4}));
  b.node("Gemm", {"x", "w", "c"}, {"y"}, "gemm", ModelBuilder::attributes(Attribute("transB", int64_t{1})));
  b.output("y", {4, 4});
  apply(b.model(), "--set-batch", "10");
  CHECK(b.type_of("x") == "float[10, 6]");
  CHECK(b.value("w").initializer()->dims() == std::vector<int64_t>{4, 6});
  CHECK(b.type_of("y") == "float[10, 4]");
}

TEST_CASE("--set-batch moves inputs of the same batch together and leaves others") {
  ModelBuilder b;
  b.input("x", {4, 6});
  b.input("z", {4, 6});
  b.input("factor", {6});
  b.node("Add", {"x", "z"}, {"a"});
  b.node("Mul", {"a", "factor"}, {"y"});
  b.output("y", {4, 6});
  const EditReport report = apply(b.model(), "--set-batch", "2");
  CHECK(b.type_of("x") == "float[2, 6]");
  CHECK(b.type_of("z") == "float[2, 6]");
  CHECK(b.type_of("factor") == "float[6]");
  CHECK(mentions(report, "input 'factor' [6] does not carry the batch and was left alone"));
}

// ---- Other operands ---------------------------------------------------------------------------------------------

TEST_CASE("--set-batch mends an Expand that holds the batch") {
  for (const auto& [batch, target] : {std::pair{"3", "[3, 1, 6]"}, std::pair{"N", "[1, 1, 6]"}}) {
    ModelBuilder b;
    b.input("x", {4, 2, 6});
    b.ints("s", {4, 1, 6});
    b.node("Expand", {"x", "s"}, {"y"}, "e");
    b.output("y", {4, 2, 6});
    apply(b.model(), "--set-batch", batch);
    CHECK(content(*b.find_node("e").input(1)) == target);
    CHECK(b.type_of("y") == "float[" + std::string(batch) + ", 2, 6]");
  }
}

/// A class token that is expanded to the batch and joined with the data.
struct TokenModel : ModelBuilder {
  TokenModel() {
    input("x", {4, 5, 6});
    weight("token", {1, 1, 6});
    ints("s", {4, 1, 6});
    node("Expand", {"token", "s"}, {"t"}, "expand");
    node("Concat", {"t", "x"}, {"y"}, "concat", attributes(Attribute("axis", int64_t{1})));
    output("y", {4, 6, 6});
  }
};

TEST_CASE("--set-batch mends what meets the batch, up to where it is made") {
  SUBCASE("a number") {
    TokenModel b;
    const EditReport report = apply(b.model(), "--set-batch", "3");
    CHECK(content(*b.find_node("expand").input(1)) == "[3, 1, 6]");
    CHECK(b.type_of("y") == "float[3, 6, 6]");
    CHECK(mentions(report, "node 'expand' (Expand): shape [4, 1, 6] -> [3, 1, 6], the literal 4 was the old batch"));
  }
  SUBCASE("a symbol is computed at run time") {
    TokenModel b;
    apply(b.model(), "--set-batch", "N");
    CHECK(b.find_node("expand").input(1)->producer()->is("Concat"));
    CHECK(b.type_of("y") == "float[N, 6, 6]");
    Inference inference(b.model());
    inference.run();
    CHECK(to_string(inference.fact(b.value("t")).type) == "float[N, 1, 6]");
  }
}

TEST_CASE("--set-batch mends ConstantOfShape and Tile") {
  for (const char* op : {"ConstantOfShape", "Tile"}) {
    CAPTURE(op);
    ModelBuilder b;
    b.input("x", {4, 6});
    b.weight("row", {1, 6});
    if (std::string_view(op) == "Tile") {
      b.ints("s", {4, 1});
      b.node("Tile", {"row", "s"}, {"t"}, "make");
    } else {
      b.ints("s", {4, 6});
      b.node("ConstantOfShape", {"s"}, {"t"}, "make");
    }
    b.node("Neg", {"t"}, {"n"});
    b.node("Add", {"x", "n"}, {"y"});
    b.output("y", {4, 6});
    apply(b.model(), "--set-batch", "3");
    const Node& make = b.find_node("make");
    CHECK(content(*make.input(make.inputs().size() - 1)) == (std::string_view(op) == "Tile" ? "[3, 1]" : "[3, 6]"));
    CHECK(b.type_of("y") == "float[3, 6]");
  }
}

TEST_CASE("--set-batch shrinks a constant with equal rows to one row") {
  for (const char* batch : {"3", "N"}) {
    ModelBuilder b;
    b.input("x", {4, 6});
    b.weight("mask", {4, 6}, 0.0F);
    b.node("Add", {"x", "mask"}, {"y"}, "add");
    b.output("y", {4, 6});
    const EditReport report = apply(b.model(), "--set-batch", batch);
    CHECK(b.find_node("add").input(1)->initializer()->dims() == std::vector<int64_t>{1, 6});
    CHECK(mentions(report, "node 'add' (Add): constant 'mask' [4, 6] -> [1, 6], it held the same row"));
    CHECK(b.type_of("y") == "float[" + std::string(batch) + ", 6]");
  }
}

TEST_CASE("--set-batch drops an initial state of zeros") {
  ModelBuilder b(14);
  b.input("x", {4, 5, 6});
  b.node("Transpose", {"x"}, {"t"}, "t", ModelBuilder::attributes(Attribute("perm", std::vector<int64_t>{1, 0, 2})));
  b.weight("w", {1, 9, 6});
  b.weight("r", {1, 9, 3});
  b.weight("h", {1, 4, 3}, 0.0F);
  b.node("GRU", {"t", "w", "r", "", "", "h"}, {"", "y"}, "gru",
         ModelBuilder::attributes(Attribute("hidden_size", int64_t{3})));
  b.output("y", {1, 4, 3});
  const EditReport report = apply(b.model(), "--set-batch", "N");
  CHECK(b.find_node("gru").input(5) == nullptr);
  CHECK(mentions(report, "node 'gru' (GRU): the initial state of shape [1, 4, 3] removed"));
  CHECK(b.type_of("y") == "float[1, N, 3]");
}

TEST_CASE("--set-batch lets a Slice of the whole batch go to the end") {
  ModelBuilder b;
  b.input("x", {4, 6});
  b.ints("starts", {0, 1});
  b.ints("ends", {4, 3});
  b.ints("axes", {0, 1});
  b.node("Slice", {"x", "starts", "ends", "axes"}, {"y"}, "slice");
  b.output("y", {4, 2});
  apply(b.model(), "--set-batch", "9");
  CHECK(content(*b.find_node("slice").input(2)) == "[9223372036854775807, 3]");
  CHECK(b.type_of("y") == "float[9, 2]");
}

TEST_CASE("--set-batch 1 names the axes of a Squeeze that would drop the batch") {
  for (const bool symbolic : {false, true}) {
    CAPTURE(symbolic);
    ModelBuilder b(11);
    b.input("x", {symbolic ? kN : Dim(4), 6, 1, 1});
    b.node("Squeeze", {"x"}, {"y"}, "squeeze");
    b.output("y", {symbolic ? kN : Dim(4), 6});
    apply(b.model(), "--set-batch", "1");
    CHECK(b.find_node("squeeze").ints_or("axes", {}) == std::vector<int64_t>{2, 3});
    CHECK(b.type_of("y") == "float[1, 6]");
  }
}

TEST_CASE("--set-batch mends inside a subgraph and its declared types") {
  ModelBuilder b;
  b.input("x", {4, 6});
  b.input("flag", {}, DataType::kBool);
  const auto branch = [&](const char* name, std::vector<int64_t> target) {
    auto graph = std::make_unique<Graph>(b.model(), nullptr);
    NodeSpec constant{
        .op_type = "Constant", .output_names = {std::string(name) + "_s"}, .name = std::string(name) + "_c"};
    constant.attributes.emplace_back("value_ints", std::move(target));
    Node& shape = graph->insert_before(nullptr, std::move(constant));
    Node& reshape = graph->insert_before(nullptr, {.op_type = "Reshape",
                                                   .inputs = {&b.value("x"), shape.output(0)},
                                                   .output_names = {std::string(name) + "_y"},
                                                   .name = std::string(name) + "_r"});
    graph->set_type(*reshape.output(0), Type::tensor(DataType::kFloat, Shape{4, 6}));
    graph->add_output(*reshape.output(0));
    std::vector<std::unique_ptr<Graph>> list;
    return Attribute(name, AttributeType::kGraph, std::move(graph), {}, {});
  };
  b.node("If", {"flag"}, {"y"}, "if",
         ModelBuilder::attributes(branch("then_branch", {4, -1}), branch("else_branch", {-1, 6})));
  b.output("y", {4, 6});
  const EditReport report = apply(b.model(), "--set-batch", "3");
  CHECK(mentions(report, "node 'then_branch_r' (Reshape): shape [4, -1] -> [3, -1]"));
  const Graph& then_branch = *b.find_node("if").attribute("then_branch")->graphs()[0];
  CHECK(to_string(then_branch.outputs()[0]->type()) == "float[3, 6]");
  CHECK(b.type_of("y") == "float[3, 6]");
}

// ---- Refusals -----------------------------------------------------------------------------------------------------

struct Refusal {
  std::string_view name;
  void (*build)(ModelBuilder& b);
  std::string_view message;
};

const Refusal kRefusals[] = {
    {"a Reshape that mixes the batch with features",
     [](ModelBuilder& b) {
       b.input("x", {4, 6});
       b.ints("s", {3, 8});
       b.node("Reshape", {"x", "s"}, {"y"}, "merge");
       b.output("y", {3, 8});
     },
     "1: --set-batch: node 'merge' (Reshape): turns [4, 6] into [3, 8], which mixes the batch with other dimensions; "
     "no "
     "batch other than 4 is right"},
    {"a constant whose rows differ",
     [](ModelBuilder& b) {
       b.input("x", {4, 6});
       b.weight("c", {4, 6});
       b.node("Add", {"x", "c"}, {"y"}, "add");
       b.output("y", {4, 6});
     },
     "1: --set-batch: node 'add' (Add): its constant input 'c' [4, 6] holds other elements for each of the 4 samples "
     "of "
     "the old batch, and none for another one"},
    {"a batch that is summed over",
     [](ModelBuilder& b) {
       b.input("x", {4, 6});
       b.node("ReduceMean", {"x"}, {"y"}, "mean", ModelBuilder::attributes(Attribute("axes", std::vector<int64_t>{0})));
       b.output("y", {1, 6});
     },
     "1: --set-batch: node 'mean' (ReduceMean): works along axis 0 of its input [4, 6], which holds the batch; no "
     "batch "
     "other than 4 is right"},
    {"Flatten with axis 0 before a Gemm",
     [](ModelBuilder& b) {
       b.input("x", {4, 6});
       b.weight("w", {24, 2});
       b.node("Flatten", {"x"}, {"f"}, "flatten", ModelBuilder::attributes(Attribute("axis", int64_t{0})));
       b.node("Gemm", {"f", "w"}, {"y"}, "gemm");
       b.output("y", {1, 2});
     },
     "1: --set-batch: node 'gemm' (Gemm): sums over axis 1 of its input [1, 24], which holds the batch; no batch other "
     "than 4 is right"},
    {"a sample that is picked",
     [](ModelBuilder& b) {
       b.input("x", {4, 6});
       b.ints("i", {0});
       b.node("Gather", {"x", "i"}, {"y"}, "pick");
       b.output("y", {1, 6});
     },
     "1: --set-batch: node 'pick' (Gather): works along axis 0 of its input [4, 6], which holds the batch; no batch "
     "other "
     "than 4 is right"},
    {"a part of the batch",
     [](ModelBuilder& b) {
       b.input("x", {4, 6});
       b.ints("starts", {1});
       b.ints("ends", {4});
       b.node("Slice", {"x", "starts", "ends"}, {"y"}, "slice");
       b.output("y", {3, 6});
     },
     "1: --set-batch: node 'slice' (Slice): takes a part of axis 0, which holds the batch; no batch other than 4 is "
     "right"},
    {"a batch of 4 that is broadcast to 5",
     [](ModelBuilder& b) {
       b.input("x", {1, 6});
       b.weight("c", {5, 6});
       b.node("Add", {"x", "c"}, {"y"}, "add");
       b.output("y", {5, 6});
     },
     "1: --set-batch: node 'add' (Add): puts together [1, 6] and [5, 6]; no batch other than 1 is right"},
    {"a batch of 1 that is squeezed away",
     [](ModelBuilder& b) {
       b.input("x", {1, 6});
       b.ints("axes", {0});
       b.node("Squeeze", {"x", "axes"}, {"y"}, "squeeze");
       b.output("y", {6});
     },
     "1: --set-batch: node 'squeeze' (Squeeze): drops axis 0, which is the batch; no batch other than 1 is right"},
    {"a Reshape behind an operator that nobody knows",
     [](ModelBuilder& b) {
       b.model().set_opset("com.example", 1);
       b.input("x", {4, 6});
       Node& foreign = b.node("Frob", {"x"}, {"f"}, "frob");
       b.graph().set_op_type(foreign, "Frob", "com.example");
       b.ints("s", {4, -1});
       b.node("Reshape", {"f", "s"}, {"y"}, "r");
       b.output("y", {4, 6});
     },
     "4: --set-batch: node 'r' (Reshape): the shape of its input 'f' is not known, so whether the literal 4 in the "
     "target "
     "is the batch cannot be told"},
};

TEST_CASE("--set-batch refuses where no other batch can be right, and names the node") {
  for (const Refusal& r : kRefusals) {
    CAPTURE(r.name);
    ModelBuilder b;
    r.build(b);
    CHECK(refusal(b.model(), "--set-batch", "7") == r.message);
  }
}

struct BadArgument {
  std::string_view argument;
  std::string_view message;
};

const BadArgument kBadArguments[] = {
    {"-3", "2: --set-batch: expected a size from 1 to 2147483647 or a name, found '-3'"},
    {"0", "2: --set-batch: expected a size from 1 to 2147483647 or a name, found '0'"},
    {"", "2: --set-batch: expected a size from 1 to 2147483647 or a name, found ''"},
    {"2.5", "2: --set-batch: expected a size from 1 to 2147483647 or a name, found '2.5'"},
    {"99999999999", "2: --set-batch: expected a size from 1 to 2147483647 or a name, found '99999999999'"},
    {"2*N", "2: --set-batch: expected a size from 1 to 2147483647 or a name, found '2*N'"},
    {"W", "2: --set-batch: 'W' is the name of another dimension of the model"},
};

TEST_CASE("--set-batch refuses what is no batch") {
  for (const BadArgument& bad : kBadArguments) {
    CAPTURE(bad.argument);
    ModelBuilder b;
    b.input("x", {4, Dim::symbol("W")});
    b.node("Relu", {"x"}, {"y"});
    b.output("y", {4, Dim::symbol("W")});
    CHECK(refusal(b.model(), "--set-batch", bad.argument) == bad.message);
  }
}

TEST_CASE("--set-batch refuses models whose batch cannot be found") {
  ModelBuilder scalar;
  scalar.input("x", {});
  scalar.node("Relu", {"x"}, {"y"});
  scalar.output("y", {});
  CHECK(refusal(scalar.model(), "--set-batch", "2") ==
        "2: --set-batch: the model has no input with an axis that could hold a batch");
  ModelBuilder unknown;
  unknown.graph().add_input("x", Type::tensor(DataType::kFloat));
  unknown.node("Relu", {"x"}, {"y"});
  unknown.output("y", {2});
  CHECK(refusal(unknown.model(), "--set-batch", "2") ==
        "4: --set-batch: input 'x' has no declared shape, so no axis that could hold the batch; --set-shape gives it "
        "one");
}

// ---- --set-shape --------------------------------------------------------------------------------------------------

struct ConvModel : ModelBuilder {
  explicit ConvModel(Shape in) {
    input("x", std::move(in));
    weight("w", {2, 3, 3, 3});
    weight("m", {8, 5});
    node("Conv", {"x", "w"}, {"c"}, "conv");
    node("Flatten", {"c"}, {"f"}, "flatten");
    node("Gemm", {"f", "m"}, {"y"}, "gemm");
    output("y", {4, 5});
    value_info("c", {4, 2, 2, 2});
  }
};

struct Shaping {
  std::string_view name;
  Shape before;
  std::string_view argument;
  Meaning meaning;
  std::string_view type;
};

TEST_CASE("--set-shape sets dims, and what follows from them") {
  const Shaping shapings[] = {
      {"the batch", {4, 3, 4, 4}, "x:2,3,4,4", Meaning::kPerPlace, "float[2, 2, 2, 2]"},
      {"in brackets", {4, 3, 4, 4}, "x:[2, 3, 4, 4]", Meaning::kPerPlace, "float[2, 2, 2, 2]"},
      {"a symbol for the batch", {4, 3, 4, 4}, "x:N,3,4,4", Meaning::kPerPlace, "float[N, 2, 2, 2]"},
      {"values for symbols",
       {4, 3, Dim::symbol("H"), Dim::symbol("W")},
       "x:4,3,4,4",
       Meaning::kInterface,
       "float[4, 2, 2, 2]"},
      {"nothing new", {4, 3, 4, 4}, "x:4,3,4,4", Meaning::kKept, "float[4, 2, 2, 2]"},
  };
  for (const Shaping& s : shapings) {
    CAPTURE(s.name);
    ConvModel b(s.before);
    CHECK(apply(b.model(), "--set-shape", s.argument).meaning == s.meaning);
    CHECK(b.type_of("c") == s.type);
  }
}

const BadArgument kBadShapes[] = {
    {"x", "2: --set-shape: expected INPUT:DIMS, found 'x'"},
    {"x:1,3,4", "2: --set-shape: input 'x' has shape [4, 3, 4, 4] of rank 4, and [1, 3, 4] has rank 3"},
    {"x:1,3,4,0", "2: --set-shape: expected a size from 1 to 2147483647 or a name, found '0'"},
    {"x:1,3,4,", "2: --set-shape: expected a dimension behind the last comma, found ''"},
    {"x:[1,3,4,4", "2: --set-shape: expected a shape such as 1,3,224,224 or [1,3,H,W], found '[1,3,4,4'"},
    {"w:2,3,3,3", "2: --set-shape: there is no input 'w'; did you mean 'x'?"},
    {"y:1,2", "2: --set-shape: there is no input 'y'; did you mean 'x'?"},
};

TEST_CASE("--set-shape refuses what is no shape of an input") {
  for (const BadArgument& bad : kBadShapes) {
    CAPTURE(bad.argument);
    ConvModel b({4, 3, 4, 4});
    CHECK(refusal(b.model(), "--set-shape", bad.argument) == bad.message);
  }
}

TEST_CASE("--set-shape refuses a shape that a node cannot take") {
  ConvModel b({4, 3, 4, 4});
  const std::string message = refusal(b.model(), "--set-shape", "x:4,3,5,5");
  CHECK(message.starts_with("2: --set-shape: node 'gemm' (Gemm): "));
}

TEST_CASE("--set-shape refuses two values for one symbol") {
  ConvModel b({4, 3, Dim::symbol("S"), Dim::symbol("S")});
  CHECK(refusal(b.model(), "--set-shape", "x:4,3,4,5") == "2: --set-shape: dimension 'S' cannot be both 4 and 5");
}

}  // namespace
