#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "surgery/model.h"

using namespace surgery;

namespace {

/// x -> Relu -> a -> Neg -> y, with `a` also read by an If whose branch captures it.
struct Chain {
  std::unique_ptr<Model> model = create_model(17);
  Graph& graph = model->graph();
  Value& x = graph.add_input("x", Type::tensor(DataType::kFloat, Shape{2, 3}));
  Node& relu = graph.insert_before(nullptr, {.op_type = "Relu", .inputs = {&x}, .output_names = {"a"}, .name = "relu"});
  Value& a = *relu.output(0);
  Node& neg = graph.insert_before(nullptr, {.op_type = "Neg", .inputs = {&a}, .output_names = {"y"}, .name = "neg"});
  Value& y = *neg.output(0);

  Chain() { graph.add_output(y); }
};

}  // namespace

TEST_CASE("a new node is linked into the order and into the use lists") {
  Chain c;
  CHECK(c.graph.num_nodes() == 2);
  CHECK(c.relu.next() == &c.neg);
  CHECK(c.a.producer() == &c.relu);
  REQUIRE(c.a.uses().size() == 1);
  CHECK(c.a.uses()[0] == Use{&c.neg, 0});
  CHECK(c.a.has_one_use());
  CHECK_FALSE(c.y.has_one_use());
  c.model->validate();
}

TEST_CASE("a name can be produced only once") {
  Chain c;
  CHECK_THROWS_WITH_AS(c.graph.insert_before(nullptr, {.op_type = "Abs", .inputs = {&c.x}, .output_names = {"a"}}),
                       "the name 'a' is taken by another tensor", Error);
  CHECK_THROWS_AS(c.graph.add_input("y", Type{}), Error);
  CHECK_THROWS_AS(c.graph.add_initializer("x", Tensor::scalar(1.0F)), Error);
}

TEST_CASE("erase refuses a node whose output is used and takes it out otherwise") {
  Chain c;
  CHECK_THROWS_AS(c.graph.erase(c.relu), std::logic_error);
  c.graph.remove_output(0);
  c.graph.erase(c.neg);
  CHECK(c.a.is_unused());
  CHECK(c.graph.find("y") == nullptr);
  c.graph.erase(c.relu);
  CHECK(c.x.is_unused());
  CHECK(c.graph.num_nodes() == 0);
  c.model->validate();
}

TEST_CASE("replace_all_uses moves the readers and refuses a graph output") {
  Chain c;
  c.graph.replace_all_uses(c.a, c.x);
  CHECK(c.neg.input(0) == &c.x);
  CHECK(c.a.is_unused());
  CHECK(c.x.uses().size() == 2);
  CHECK_THROWS_AS(c.graph.replace_all_uses(c.y, c.x), std::logic_error);
  c.model->validate();
}

TEST_CASE("replace lets the replacement take over the name of a graph output") {
  Chain c;
  REQUIRE(c.graph.can_replace(c.y, c.a));
  c.graph.replace(c.y, c.a);
  CHECK(c.a.name() == "y");
  REQUIRE(c.graph.outputs().size() == 1);
  CHECK(c.graph.outputs()[0] == &c.a);
  CHECK(c.y.is_graph_output() == false);
  CHECK(c.graph.find("y") == &c.a);
  REQUIRE(c.model->journal().correspondences().size() == 1);
  CHECK(c.model->journal().correspondences()[0].before == "a");
  CHECK(c.model->journal().correspondences()[0].after == "y");
  c.model->validate();
}

TEST_CASE("replace is refused where it would change the interface of a graph") {
  Chain c;
  CHECK_FALSE(c.graph.can_replace(c.y, c.x));  // an input cannot take an output's name
  CHECK_FALSE(c.graph.can_replace(c.y, c.y));
  Value& w = c.graph.add_initializer("w", Tensor::scalar(1.0F));
  CHECK_FALSE(c.graph.can_replace(c.y, w));
  c.graph.add_output(c.a);
  CHECK_FALSE(c.graph.can_replace(c.y, c.a));  // both are outputs
  CHECK(c.graph.can_replace(c.a, c.x) == false);
}

TEST_CASE("rename keeps lookups, marks what mentions the value, and refuses a taken name") {
  Chain c;
  c.graph.rename(c.a, "b");
  CHECK(c.graph.find("a") == nullptr);
  CHECK(c.graph.find("b") == &c.a);
  CHECK_THROWS_WITH_AS(c.graph.rename(c.a, "y"), "cannot rename 'b' to 'y': the name is taken by another tensor",
                       Error);
  CHECK_THROWS_AS(c.graph.rename(c.a, ""), Error);
  c.model->validate();
}

TEST_CASE("an input past the end leaves omitted inputs in between") {
  Chain c;
  Value& w = c.graph.add_initializer("w", Tensor::scalar(1.0F));
  c.graph.set_input(c.relu, 2, &w);
  CHECK(c.relu.inputs().size() == 3);
  CHECK(c.relu.input(1) == nullptr);
  CHECK(w.uses().size() == 1);
  c.graph.resize_inputs(c.relu, 1);
  CHECK(w.is_unused());
  c.graph.remove_initializer(w);
  CHECK(c.graph.find("w") == nullptr);
  c.model->validate();
}

TEST_CASE("topological_order keeps a right order, mends a wrong one and reports a cycle") {
  Chain c;
  CHECK(c.graph.topological_order() == c.graph.nodes());
  c.graph.move_before(c.neg, &c.relu);
  const auto order = c.graph.topological_order();
  REQUIRE(order.has_value());
  CHECK((*order)[0] == &c.relu);
  CHECK((*order)[1] == &c.neg);
  c.graph.set_input(c.relu, 0, &c.y);
  CHECK_FALSE(c.graph.topological_order().has_value());
}

TEST_CASE("unique_name never gives a name that is in use") {
  Chain c;
  CHECK(c.graph.unique_name("fresh") == "fresh");
  CHECK(c.graph.unique_name("a") == "a_1");
  c.graph.add_initializer("a_2", Tensor::scalar(1.0F));
  CHECK(c.graph.unique_name("a") == "a_3");
  CHECK(c.graph.unique_name("relu") == "relu_1");  // node names count too
}

TEST_CASE("an initializer is constant unless a caller may override it") {
  Chain c;
  Value& w = c.graph.add_initializer("w", Tensor::scalar(1.0F));
  CHECK(w.constant() != nullptr);
  c.graph.make_input(w);
  CHECK(w.constant() == nullptr);
  c.model->set_ir_version(3);
  CHECK(w.constant() != nullptr);
  c.graph.make_not_input(w);
  CHECK_FALSE(w.is_graph_input());
  c.model->validate();
}

TEST_CASE("constant_of looks at Constant nodes in each of their forms") {
  auto model = create_model(17);
  Graph& graph = model->graph();
  std::vector<Attribute> attributes;
  attributes.emplace_back("value_ints", std::vector<int64_t>{4, -1});
  Node& node = graph.insert_before(
      nullptr, {.op_type = "Constant", .output_names = {"shape"}, .attributes = std::move(attributes)});
  const auto tensor = constant_of(*node.output(0));
  REQUIRE(tensor != nullptr);
  CHECK(tensor->to_int64s() == std::vector<int64_t>{4, -1});
}

TEST_CASE("erasing a node takes the captures of its subgraphs off the lists") {
  Chain c;
  std::vector<Attribute> attributes;
  auto branch = std::make_unique<Graph>(*c.model, nullptr);
  attributes.emplace_back("then_branch", AttributeType::kGraph, std::move(branch), "", std::string_view());
  Node& node = c.graph.insert_before(
      nullptr, {.op_type = "If", .inputs = {&c.x}, .output_names = {"z"}, .attributes = std::move(attributes)});
  Graph& inner = *node.attributes()[0].graphs()[0];
  CHECK(inner.owner() == &node);
  inner.insert_before(nullptr, {.op_type = "Abs", .inputs = {&c.a}, .output_names = {"inner"}});
  CHECK(c.a.uses().size() == 2);
  c.model->validate();
  c.graph.erase(node);
  CHECK(c.a.uses().size() == 1);
  c.model->validate();
}
