#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "edit_helpers.h"
#include "model_builder.h"

namespace {

using namespace surgery;

TEST_CASE("--remove-node hands the input of a Dropout on and keeps the meaning") {
  ModelBuilder b(8);
  b.input("x", {2, 3});
  b.node("Relu", {"x"}, {"a"}, "relu");
  b.node("Dropout", {"a"}, {"d", "mask"}, "drop");
  b.node("Neg", {"d"}, {"y"}, "neg");
  b.output("y", {2, 3});
  const EditReport report = apply(b.model(), "--remove-node", "drop");
  CHECK(report.meaning == Meaning::kKept);
  CHECK(notes(report) == "node 'drop' (Dropout) removed, its readers read 'a'");
  CHECK(b.operators() == "Relu Neg");
  CHECK(b.find_node("neg").input(0)->name() == "a");
  REQUIRE(b.model().journal().correspondences().size() == 1);
  CHECK(b.model().journal().correspondences()[0].before == "d");
  CHECK(b.model().journal().correspondences()[0].after == "a");
}

TEST_CASE("--remove-node of an operation changes the meaning") {
  ModelBuilder b;
  b.input("x", {2, 3});
  b.node("Neg", {"x"}, {"a"}, "neg");
  b.node("Relu", {"a"}, {"b"}, "relu");
  b.node("Neg", {"b"}, {"y"}, "neg2");
  b.output("y", {2, 3});
  CHECK(apply(b.model(), "--remove-node", "relu").meaning == Meaning::kChanged);
  CHECK(b.operators() == "Neg Neg");
}

TEST_CASE("--remove-node leaves the name of a graph output") {
  ModelBuilder b;
  b.input("x", {2, 3});
  b.node("Neg", {"x"}, {"a"}, "neg");
  b.node("Identity", {"a"}, {"y"}, "identity");
  b.output("y", {2, 3});
  CHECK(apply(b.model(), "--remove-node", "identity").meaning == Meaning::kKept);
  CHECK(b.graph().outputs()[0]->name() == "y");
  CHECK(b.find_node("neg").output(0)->name() == "y");
  CHECK(b.type_of("y") == "float[2, 3]");
}

TEST_CASE("--remove-node takes the weights along that only the node read") {
  ModelBuilder b;
  b.input("x", {2, 3});
  b.node("Neg", {"x"}, {"a"}, "neg");
  b.weight("bias", {3});
  b.weight("shared", {3});
  b.node("Add", {"bias", "a"}, {"s"}, "add");
  b.node("Mul", {"s", "shared"}, {"m"}, "mul");
  b.node("Add", {"m", "shared"}, {"y"}, "add2");
  b.output("y", {2, 3});
  apply(b.model(), "--remove-node", "add");  // its data input is the second one
  apply(b.model(), "--remove-node", "mul");
  CHECK(b.operators() == "Neg Add");
  CHECK(b.graph().find("bias") == nullptr);
  CHECK(b.graph().find("shared") != nullptr);
  CHECK(b.find_node("add2").input(0)->name() == "a");
}

TEST_CASE("--remove-node removes every node that a type selects") {
  ModelBuilder b;
  b.input("x", {2, 3});
  b.node("Identity", {"x"}, {"a"});
  b.node("Identity", {"a"}, {"b"});
  b.node("Neg", {"b"}, {"y"});
  b.output("y", {2, 3});
  apply(b.model(), "--remove-node", "Identity");
  CHECK(b.operators() == "Neg");
  CHECK(b.graph().first_node()->input(0)->name() == "x");
}

TEST_CASE("--remove-node takes out any node that nothing uses") {
  ModelBuilder b;
  b.input("x", {2, 3});
  b.node("Neg", {"x"}, {"y"});
  b.node("Abs", {"x"}, {"t"});
  b.node("Add", {"x", "t"}, {"dead"}, "add");
  b.output("y", {2, 3});
  CHECK(apply(b.model(), "--remove-node", "add").meaning == Meaning::kKept);
  CHECK(b.operators() == "Neg");  // what fed it alone goes too
}

struct Refusal {
  std::string_view selector;
  std::string_view message;
};

const Refusal kRefusals[] = {
    {"add",
     "2: --remove-node: node 'add' (Add) cannot be taken out: it joins 2 inputs ('a', 'b'), none of which can stand "
     "for "
     "its output"},
    {"cast", "2: --remove-node: node 'cast' (Cast) cannot be taken out: it turns float[2, 3] into int64[2, 3]"},
    {"transpose",
     "2: --remove-node: node 'transpose' (Transpose) cannot be taken out: it turns float[2, 3] into float[3, 2]"},
    {"split", "2: --remove-node: node 'split' (TopK) cannot be taken out: its output 'i' is used too"},
    {"first",
     "2: --remove-node: node 'first' (Identity) cannot be taken out: its output 'f' is an output of the graph, and "
     "'x', "
     "which would take its place, is not computed by a node there"},
    {"ad", "2: --remove-node: no node matches 'ad'; did you mean 'a', 'add', 'Add'?"},
};

TEST_CASE("--remove-node refuses what has no way through") {
  for (const Refusal& r : kRefusals) {
    ModelBuilder b;
    b.input("x", {2, 3});
    b.node("Identity", {"x"}, {"f"}, "first");
    b.node("Neg", {"x"}, {"a"}, "neg");
    b.node("Abs", {"x"}, {"b"}, "abs");
    b.node("Add", {"a", "b"}, {"s"}, "add");
    b.node("Cast", {"s"}, {"c"}, "cast", ModelBuilder::attributes(Attribute("to", int64_t{7})));
    b.node("Transpose", {"s"}, {"t"}, "transpose");
    b.ints("k", {3});
    b.node("TopK", {"s", "k"}, {"v", "i"}, "split");
    b.output("f", {2, 3});
    b.output("c", {2, 3}, DataType::kInt64);
    b.output("t", {3, 2});
    b.output("v", {2, 3});
    b.output("i", {2, 3}, DataType::kInt64);
    CAPTURE(r.selector);
    CHECK(refusal(b.model(), "--remove-node", r.selector) == r.message);
  }
}

TEST_CASE("--remove-node knows a Dropout that is training") {
  ModelBuilder b(13);
  b.input("x", {2, 3});
  b.graph().add_initializer("ratio", Tensor::scalar(0.5F));
  Tensor flag = Tensor::zeros(DataType::kBool, {});
  flag.mutable_bytes()[0] = std::byte{1};
  b.graph().add_initializer("training", std::move(flag));
  b.node("Dropout", {"x", "ratio", "training"}, {"d"}, "drop");
  b.node("Neg", {"d"}, {"y"});
  b.output("y", {2, 3});
  CHECK(apply(b.model(), "--remove-node", "drop").meaning == Meaning::kChanged);
}

}  // namespace
