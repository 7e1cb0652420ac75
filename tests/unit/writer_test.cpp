#ifdef HAVE_ONNX_PROTO

#include <google/protobuf/util/message_differencer.h>

#include "io_support.h"
#include "surgery/model.h"

namespace surgery {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr const char* kModel = R"(
  ir_version: 8 producer_name: "maker" doc_string: "top"
  graph {
    node { op_type: "Conv" name: "c" input: "x" input: "w" output: "a" doc_string: "node doc"
      attribute { name: "kernel_shape" type: INTS ints: 3 ints: 3 doc_string: "attribute doc" }
      attribute { name: "group" type: INT i: 1 }
      metadata_props { key: "k" value: "v" } }
    node { op_type: "Relu" name: "r" input: "a" output: "b" }
    node { op_type: "Neg" name: "n" input: "b" output: "y" }
    name: "g"
    initializer { name: "w" data_type: 1 dims: 2 float_data: 1 float_data: 2 doc_string: "weight doc" }
    initializer { name: "idle" data_type: 7 dims: 1 int64_data: 9 }
    doc_string: "graph doc"
    input { name: "x" type { tensor_type { elem_type: 1 shape {
        dim { dim_param: "N" denotation: "BATCH" } dim { dim_value: 4 } } } denotation: "IMAGE" } doc_string: "x doc"
      metadata_props { key: "mk" value: "mv" } }
    output { name: "y" type { tensor_type { elem_type: 1 } } }
    value_info { name: "b" type { tensor_type { elem_type: 1 shape { dim { dim_value: 5 } } } } doc_string: "b doc" }
    value_info { name: "stray" type { tensor_type { elem_type: 1 } } }
    value_info { name: "a" type { tensor_type { elem_type: 1 } } }
    quantization_annotation { tensor_name: "w" }
    metadata_props { key: "gk" value: "gv" }
  }
  opset_import { domain: "" version: 17 } opset_import { domain: "other" version: 1 }
  metadata_props { key: "mk" value: "mv" }
  training_info { initialization { name: "init" } })";

/// Loads kModel, changes it, saves it, and checks that protobuf sees the change and no other.
template <typename Change, typename Expect>
void check_change(Change&& change, Expect&& expect, const std::string& text = kModel) {
  const LoadedModel loaded = load_text(text);
  change(*loaded.model);
  loaded.model->validate();
  const onnx::ModelProto after = proto_of_bytes(save_bytes(*loaded.model));
  onnx::ModelProto expected = proto_of_text(text);
  expect(expected);
  std::string difference;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  const bool equal = differencer.Compare(expected, after);
  CAPTURE(difference);
  CHECK(equal);
}

Node& node_of(Model& model, std::string_view name) {
  for (Node* node : model.graph().nodes()) {
    if (node->name() == name) return *node;
  }
  FAIL("no such node");
  std::abort();
}

TEST_CASE("load and save without a change give the same bytes") {
  size_t num_models = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(TESTDATA_DIR)) {
    if (entry.path().extension() != ".onnx") continue;
    CAPTURE(entry.path());
    const TempFolder folder;
    const auto model = load(entry.path());
    CHECK(save_bytes(*model) == read_file(entry.path()));
    ++num_models;
  }
  CHECK(num_models > 10);
}

TEST_CASE("writing every node and value anew without changing any gives the same bytes") {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(TESTDATA_DIR)) {
    if (entry.path().extension() != ".onnx") continue;
    CAPTURE(entry.path());
    const auto model = load(entry.path());
    Graph& graph = model->graph();
    for (Node* node : graph.nodes()) graph.rename_node(*node, std::string(node->name()));
    for (Value* value : graph.values()) graph.set_type(*value, value->type());
    CHECK(save_bytes(*model) == read_file(entry.path()));
  }
}

TEST_CASE("unknown fields stay where they are, at every level, also around what changed") {
  const std::string odd = varint(1000, 7) + bytes(1002, "x");
  const std::string attribute = odd + bytes(1, "a") + odd + varint(3, 5) + varint(20, 2) + odd;
  const std::string node = odd + bytes(1, "x") + odd + bytes(2, "y") + bytes(4, "Relu") + bytes(5, attribute) + odd;
  const std::string x = bytes(11, odd + bytes(1, "x") + odd);
  const auto source_with = [&](const std::string& name_field) {
    return odd + varint(1, 8) + odd + bytes(7, odd + bytes(1, node + name_field) + odd + x + bytes(12, bytes(1, "y"))) +
           odd;
  };
  const LoadedModel loaded = load_source(source_with(bytes(3, "old")));
  loaded.graph().rename_node(*loaded.graph().first_node(), "new");
  CHECK(save_bytes(*loaded.model) == source_with(bytes(3, "new")));
}

TEST_CASE("a renamed node changes nothing else") {
  check_change([](Model& model) { model.graph().rename_node(node_of(model, "c"), "conv"); },
               [](onnx::ModelProto& proto) { proto.mutable_graph()->mutable_node(0)->set_name("conv"); });
}

TEST_CASE("an output that is listed twice keeps both declarations, a value_info without a name its place") {
  const std::string text = R"(
    ir_version: 9
    graph {
      node { name: "a" op_type: "Neg" input: "x" input: "" output: "y" output: "" }
      input { name: "x" }
      output { name: "y" type { tensor_type { elem_type: 1 } } }
      output { name: "y" type { optional_type { } } doc_string: "again" }
      value_info { }
      value_info { doc_string: "about nothing" } })";
  check_change([](Model& model) { model.graph().rename_node(node_of(model, "a"), "b"); },
               [](onnx::ModelProto& expected) { expected.mutable_graph()->mutable_node(0)->set_name("b"); }, text);
}

TEST_CASE("an output without a name and with nothing in its declaration stays in its place") {
  const std::string text = R"(
    graph {
      node { name: "a" op_type: "Size" input: "x" }
      input { name: "x" }
      output { }
      output { doc_string: "d" }
      sparse_initializer { } })";
  check_change([](Model& model) { model.graph().rename_node(node_of(model, "a"), "b"); },
               [](onnx::ModelProto& expected) { expected.mutable_graph()->mutable_node(0)->set_name("b"); }, text);
}

TEST_CASE("attributes are set, added and removed one by one") {
  check_change(
      [](Model& model) {
        Node& node = node_of(model, "c");
        model.graph().set_attribute(node, Attribute("group", int64_t{2}));
        model.graph().set_attribute(node, Attribute("pads", std::vector<int64_t>{1, -1}));
        model.graph().set_attribute(node_of(model, "r"), Attribute("alpha", 0.5F));
      },
      [](onnx::ModelProto& proto) {
        onnx::NodeProto& node = *proto.mutable_graph()->mutable_node(0);
        node.mutable_attribute(1)->set_i(2);
        onnx::AttributeProto& pads = *node.add_attribute();
        pads.set_name("pads");
        pads.set_type(onnx::AttributeProto::INTS);
        pads.add_ints(1);
        pads.add_ints(-1);
        onnx::AttributeProto& alpha = *proto.mutable_graph()->mutable_node(1)->add_attribute();
        alpha.set_name("alpha");
        alpha.set_type(onnx::AttributeProto::FLOAT);
        alpha.set_f(0.5F);
      });
  check_change([](Model& model) { model.graph().remove_attribute(node_of(model, "c"), "kernel_shape"); },
               [](onnx::ModelProto& proto) {
                 proto.mutable_graph()->mutable_node(0)->mutable_attribute()->DeleteSubrange(0, 1);
               });
}

TEST_CASE("a removed node takes its value_info along; entries about nothing stay") {
  check_change(
      [](Model& model) {
        Graph& graph = model.graph();
        Node& relu = node_of(model, "r");
        graph.replace_all_uses(*relu.output(0), *relu.input(0));
        graph.erase(relu);
      },
      [](onnx::ModelProto& proto) {
        onnx::GraphProto& graph = *proto.mutable_graph();
        graph.mutable_node()->DeleteSubrange(1, 1);
        graph.mutable_node(1)->set_input(0, "a");
        graph.mutable_value_info()->DeleteSubrange(0, 1);
      });
}

TEST_CASE("a new node stands where it was inserted") {
  check_change(
      [](Model& model) {
        Graph& graph = model.graph();
        Node& relu = node_of(model, "r");
        Node& added = graph.insert_before(&relu, {.op_type = "Abs",
                                                  .inputs = {relu.input(0), nullptr, graph.inputs()[0]},
                                                  .output_names = {"abs"},
                                                  .name = "added",
                                                  .domain = "other"});
        graph.set_input(relu, 0, added.output(0));
      },
      [](onnx::ModelProto& proto) {
        onnx::GraphProto& graph = *proto.mutable_graph();
        onnx::NodeProto& added = *graph.add_node();
        added.set_op_type("Abs");
        added.set_name("added");
        added.set_domain("other");
        added.add_input("a");
        added.add_input("");
        added.add_input("x");
        added.add_output("abs");
        graph.mutable_node(1)->set_input(0, "abs");
        graph.mutable_node()->SwapElements(2, 3);
        graph.mutable_node()->SwapElements(1, 2);
      });
}

TEST_CASE("nodes that were moved are written in the new order") {
  check_change(
      [](Model& model) {
        Graph& graph = model.graph();
        graph.insert_before(nullptr, {.op_type = "Abs", .inputs = {graph.inputs()[0]}, .output_names = {"z"}});
        graph.move_before(*graph.last_node(), graph.first_node());
      },
      [](onnx::ModelProto& proto) {
        onnx::GraphProto& graph = *proto.mutable_graph();
        onnx::NodeProto& added = *graph.add_node();
        added.set_op_type("Abs");
        added.add_input("x");
        added.add_output("z");
        for (int i = 3; i > 0; --i) graph.mutable_node()->SwapElements(i, i - 1);
      });
}

TEST_CASE("a changed model is written in topological order, an unchanged one as it is") {
  const std::string text = R"(graph {
    node { op_type: "Neg" name: "late" input: "b" output: "y" }
    node { op_type: "Relu" name: "middle" input: "a" output: "b" }
    node { op_type: "Abs" name: "early" input: "x" output: "a" }
    input { name: "x" } output { name: "y" } })";
  const LoadedModel same = load_text(text);
  CHECK(save_bytes(*same.model) == same.source);
  check_change([](Model& model) { model.set_ir_version(9); },
               [](onnx::ModelProto& proto) {
                 proto.set_ir_version(9);
                 proto.mutable_graph()->mutable_node()->SwapElements(0, 2);
               },
               text);
}

TEST_CASE("a changed type keeps denotations, documentation and metadata") {
  check_change(
      [](Model& model) {
        Value& x = *model.graph().inputs()[0];
        model.graph().set_type(x, Type::tensor(DataType::kFloat, Shape{Dim(3), Dim::symbol("M") + Dim(1)}));
      },
      [](onnx::ModelProto& proto) {
        auto& shape = *proto.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
        shape.mutable_dim(0)->set_dim_value(3);
        shape.mutable_dim(1)->set_dim_param("M + 1");
      });
}

TEST_CASE("a type of another rank or kind is written from its own facts") {
  check_change(
      [](Model& model) {
        model.graph().set_type(*model.graph().inputs()[0], Type::tensor(DataType::kInt32, Shape{Dim()}));
        model.graph().set_type(*model.graph().outputs()[0], Type::sequence(Type::tensor(DataType::kInt64)));
      },
      [](onnx::ModelProto& proto) {
        auto& tensor = *proto.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
        tensor.set_elem_type(6);
        tensor.clear_shape();
        tensor.mutable_shape()->add_dim();
        proto.mutable_graph()
            ->mutable_output(0)
            ->mutable_type()
            ->mutable_sequence_type()
            ->mutable_elem_type()
            ->mutable_tensor_type()
            ->set_elem_type(7);
      });
}

TEST_CASE("renamed values change in every place, with their payload and documentation") {
  check_change(
      [](Model& model) {
        Graph& graph = model.graph();
        graph.rename(*graph.find("w"), "weight");
        graph.rename(*graph.find("x"), "image");
        graph.rename(*graph.find("b"), "inner");
        graph.rename(*graph.find("y"), "result");
      },
      [](onnx::ModelProto& proto) {
        onnx::GraphProto& graph = *proto.mutable_graph();
        graph.mutable_node(0)->set_input(0, "image");
        graph.mutable_node(0)->set_input(1, "weight");
        graph.mutable_node(1)->set_output(0, "inner");
        graph.mutable_node(2)->set_input(0, "inner");
        graph.mutable_node(2)->set_output(0, "result");
        graph.mutable_initializer(0)->set_name("weight");
        graph.mutable_input(0)->set_name("image");
        graph.mutable_output(0)->set_name("result");
        graph.mutable_value_info(0)->set_name("inner");
      });
}

TEST_CASE("initializers are added, replaced and removed") {
  check_change(
      [](Model& model) {
        Graph& graph = model.graph();
        graph.remove_initializer(*graph.find("idle"));
        graph.set_initializer(*graph.find("w"), Tensor::scalar(int64_t{-1}));
        graph.add_initializer("text", Tensor::from_strings({2}, {"a", ""}));
      },
      [](onnx::ModelProto& proto) {
        auto& initializers = *proto.mutable_graph()->mutable_initializer();
        onnx::TensorProto& weight = *initializers.Mutable(0);
        weight.Clear();
        weight.set_name("w");
        weight.set_data_type(7);
        weight.set_raw_data(std::string(8, '\xFF'));
        onnx::TensorProto& text = *initializers.Mutable(1);
        text.Clear();
        text.set_name("text");
        text.set_data_type(8);
        text.add_dims(2);
        text.add_string_data("a");
        text.add_string_data("");
      });
}

TEST_CASE("inputs, outputs and value_info are listed and taken off the lists") {
  check_change(
      [](Model& model) {
        Graph& graph = model.graph();
        graph.add_input("extra", Type::tensor(DataType::kBool, Shape{}));
        graph.make_input(*graph.find("w"));
        graph.add_output(*graph.find("a"));
        graph.set_value_info(*graph.find("b"), false);
      },
      [](onnx::ModelProto& proto) {
        onnx::GraphProto& graph = *proto.mutable_graph();
        onnx::ValueInfoProto& extra = *graph.add_input();
        extra.set_name("extra");
        extra.mutable_type()->mutable_tensor_type()->set_elem_type(9);
        extra.mutable_type()->mutable_tensor_type()->mutable_shape();
        onnx::ValueInfoProto& weight = *graph.add_input();
        weight.set_name("w");
        weight.mutable_type()->mutable_tensor_type()->set_elem_type(1);
        weight.mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(2);
        *graph.add_output() = graph.value_info(2);
        graph.mutable_value_info()->DeleteSubrange(0, 1);
      });
  check_change(
      [](Model& model) {
        Graph& graph = model.graph();
        graph.replace_output(0, *graph.find("b"));
        graph.erase(node_of(model, "n"));
      },
      [](onnx::ModelProto& proto) {
        onnx::GraphProto& graph = *proto.mutable_graph();
        graph.mutable_node()->DeleteSubrange(2, 1);
        *graph.mutable_output(0) = graph.value_info(0);
      });
}

TEST_CASE("a value that takes over an output takes over its declaration") {
  check_change(
      [](Model& model) {
        Graph& graph = model.graph();
        Node& neg = node_of(model, "n");
        Value& from = *neg.output(0);
        REQUIRE(graph.can_replace(from, *neg.input(0)));
        graph.replace(from, *neg.input(0));
        graph.erase(neg);
      },
      [](onnx::ModelProto& proto) {
        onnx::GraphProto& graph = *proto.mutable_graph();
        graph.mutable_node()->DeleteSubrange(2, 1);
        graph.mutable_node(1)->set_output(0, "y");
        // Its own value_info carries the new name and the declared type.
        graph.mutable_value_info(0)->set_name("y");
        *graph.mutable_value_info(0)->mutable_type() = graph.output(0).type();
      });
}

TEST_CASE("a change in a subgraph keeps everything around it") {
  const std::string text = R"(graph {
    node { op_type: "If" name: "if" input: "c" output: "y" doc_string: "d"
      attribute { name: "note" type: STRING s: "kept" }
      attribute { name: "then_branch" type: GRAPH doc_string: "t" g { name: "then" doc_string: "g"
        node { op_type: "Relu" name: "inner" input: "x" output: "r" } output { name: "r" } } }
      attribute { name: "else_branch" type: GRAPH g { name: "else"
        node { op_type: "Neg" input: "x" output: "e" } output { name: "e" } } } }
    input { name: "x" } input { name: "c" } output { name: "y" } })";
  check_change(
      [](Model& model) {
        Graph& then_branch = *node_of(model, "if").attributes()[1].graphs()[0];
        then_branch.set_op_type(*then_branch.first_node(), "Abs", "");
      },
      [](onnx::ModelProto& proto) {
        proto.mutable_graph()->mutable_node(0)->mutable_attribute(1)->mutable_g()->mutable_node(0)->set_op_type("Abs");
      },
      text);
  check_change([](Model& model) { model.graph().rename(*model.graph().find("x"), "z"); },
               [](onnx::ModelProto& proto) {
                 onnx::GraphProto& graph = *proto.mutable_graph();
                 graph.mutable_input(0)->set_name("z");
                 for (int i : {1, 2}) {
                   graph.mutable_node(0)->mutable_attribute(i)->mutable_g()->mutable_node(0)->set_input(0, "z");
                 }
               },
               text);
}

TEST_CASE("a change in a function keeps everything around it") {
  const std::string text = R"(graph { node { op_type: "F" domain: "local" input: "x" output: "y" } }
    functions { name: "F" domain: "local" input: "a" output: "r" attribute: "must" doc_string: "d"
      opset_import { domain: "" version: 17 } node { op_type: "Neg" input: "a" output: "r" } }
    functions { name: "G" domain: "local" input: "a" output: "r" node { op_type: "Abs" input: "a" output: "r" } })";
  check_change(
      [](Model& model) {
        Graph& body = *model.functions()[0].body;
        body.set_op_type(*body.first_node(), "Relu", "");
      },
      [](onnx::ModelProto& proto) { proto.mutable_functions(0)->mutable_node(0)->set_op_type("Relu"); }, text);
  check_change([](Model& model) { model.functions().erase(model.functions().begin()); },
               [](onnx::ModelProto& proto) { proto.mutable_functions()->DeleteSubrange(0, 1); }, text);
}

TEST_CASE("opset imports and the IR version change in place") {
  check_change(
      [](Model& model) {
        model.set_opset("", 18);
        model.set_opset("third", 3);
        model.set_ir_version(9);
      },
      [](onnx::ModelProto& proto) {
        proto.set_ir_version(9);
        proto.mutable_opset_import(0)->set_version(18);
        onnx::OperatorSetIdProto& third = *proto.add_opset_import();
        third.set_domain("third");
        third.set_version(3);
      });
}

TEST_CASE("a sparse initializer stays sparse, under a new name too") {
  const std::string text = R"(graph { node { op_type: "Neg" input: "s" output: "y" }
    sparse_initializer { dims: 4 values { name: "s" data_type: 3 dims: 1 raw_data: "\005" doc_string: "d" }
      indices { name: "i" data_type: 7 dims: 1 int64_data: 1 } } })";
  check_change([](Model& model) { model.graph().rename(*model.graph().find("s"), "t"); },
               [](onnx::ModelProto& proto) {
                 proto.mutable_graph()->mutable_node(0)->set_input(0, "t");
                 proto.mutable_graph()->mutable_sparse_initializer(0)->mutable_values()->set_name("t");
               },
               text);
}

TEST_CASE("a model made in code can be read by protobuf and by us") {
  const auto model = create_model(17);
  Graph& graph = model->graph();
  Value& x = graph.add_input("x", Type::tensor(DataType::kFloat, Shape{Dim::symbol("N"), Dim(2)}));
  Value& w = graph.add_initializer("w", Tensor::scalar(2.0F));
  auto then_branch = std::make_unique<Graph>(*model, nullptr);
  then_branch->set_name("then");
  std::vector<Attribute> attributes;
  attributes.emplace_back("tensor", Tensor::scalar(int64_t{3}));
  attributes.emplace_back("strings", std::vector<std::string>{"a", "b"});
  attributes.emplace_back("floats", std::vector<float>{0.5F});
  attributes.emplace_back("string", std::string("s"));
  attributes.emplace_back("type", AttributeType::kTypeProto, Type::optional(Type::tensor(DataType::kInt8)), "",
                          std::string_view());
  attributes.emplace_back("graph", AttributeType::kGraph, std::move(then_branch), "", std::string_view());
  Node& node = graph.insert_before(
      nullptr, {.op_type = "Op", .inputs = {&x, &w}, .output_names = {"y"}, .attributes = std::move(attributes)});
  graph.add_output(*node.output(0));
  const onnx::ModelProto proto = proto_of_bytes(save_bytes(*model));
  CHECK(proto.opset_import(0).version() == 17);
  CHECK(proto.graph().name() == "graph");
  CHECK(proto.graph().input(0).type().tensor_type().shape().dim(0).dim_param() == "N");
  CHECK(proto.graph().initializer(0).raw_data() == std::string("\0\0\0@", 4));
  REQUIRE(proto.graph().node(0).attribute_size() == 6);
  CHECK(proto.graph().node(0).attribute(0).t().data_type() == 7);
  CHECK(proto.graph().node(0).attribute(1).strings(1) == "b");
  CHECK(proto.graph().node(0).attribute(2).floats(0) == 0.5F);
  CHECK(proto.graph().node(0).attribute(3).s() == "s");
  CHECK(proto.graph().node(0).attribute(4).tp().optional_type().elem_type().tensor_type().elem_type() == 3);
  CHECK(proto.graph().node(0).attribute(5).g().name() == "then");
  const LoadedModel again = load_source(save_bytes(*model));
  CHECK(again.graph().num_nodes() == 1);
}

TEST_CASE("a model is saved over the file it was read from") {
  const TempFolder folder;
  write_file(folder / "m.onnx", encode_text(kModel));
  const auto model = load(folder / "m.onnx");
  model->set_ir_version(9);
  save(*model, folder / "m.onnx");
  const onnx::ModelProto proto = proto_of_bytes(read_file(folder / "m.onnx"));
  CHECK(proto.ir_version() == 9);
  CHECK(proto.graph().initializer(0).float_data_size() == 2);
  CHECK(model->graph().find("w")->initializer()->to_doubles() == std::vector<double>{1, 2});
  CHECK(folder.num_files() == 1);
}

TEST_CASE("large payloads reach the new file unharmed") {
  std::string payload(300000, '\0');
  for (size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(i * 7 % 251);
  onnx::ModelProto proto = proto_of_text(kModel);
  for (int i = 0; i < 3; ++i) {
    onnx::TensorProto& tensor = *proto.mutable_graph()->add_initializer();
    tensor.set_name("large" + std::to_string(i));
    tensor.set_data_type(2);
    tensor.add_dims(300000);
    tensor.set_raw_data(payload + "");
  }
  const TempFolder folder;
  write_file(folder / "m.onnx", proto.SerializeAsString());
  const auto model = load(folder / "m.onnx");
  model->graph().rename(*model->graph().find("large1"), "renamed");
  CHECK(save(*model, folder / "out.onnx").empty());
  proto.mutable_graph()->mutable_initializer(3)->set_name("renamed");
  CHECK(MessageDifferencer::Equals(proto_of_bytes(read_file(folder / "out.onnx")), proto));
}

TEST_CASE("an output that cannot be written is named, and an old one stays") {
  const TempFolder folder;
  const LoadedModel loaded = load_text(kModel);
  CHECK(error_of([&] { save(*loaded.model, folder / "none/m.onnx"); }) ==
        "cannot write '" + (folder / "none/m.onnx").native() + "': no such file or directory");
  CHECK(error_of([&] { save(*loaded.model, "/dev/full"); }) == "cannot write '/dev/full': no space left on device");
}

}  // namespace
}  // namespace surgery

#endif
