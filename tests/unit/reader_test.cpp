#ifdef HAVE_ONNX_PROTO

#include <algorithm>

#include "io_support.h"
#include "surgery/model.h"

namespace surgery {
namespace {

const std::string kRelu = bytes(1, bytes(1, "x") + bytes(2, "y") + bytes(4, "Relu"));
const std::string kX = bytes(11, bytes(1, "x"));
const std::string kY = bytes(12, bytes(1, "y"));

/// What protobuf makes of a graph and what our reader makes of it, as text in one form.
std::string outline(const onnx::GraphProto& graph);
std::string outline(const Graph& graph);

/// A fingerprint of raw_data; the models of testdata have no other payloads, and some have none at all.
std::string payload_outline(const std::string& raw_data) {
  return raw_data.empty() ? "none" : std::to_string(std::hash<std::string>()(raw_data));
}
std::string payload_outline(const Tensor& tensor) {
  std::string raw_data;
  error_of([&] {
    const std::span<const std::byte> raw = tensor.bytes();
    raw_data.assign(reinterpret_cast<const char*>(raw.data()), raw.size());
  });
  return payload_outline(raw_data);
}

std::string outline(const onnx::AttributeProto& attribute) {
  std::string text = attribute.name() + ":" + std::to_string(attribute.type()) + "=";
  switch (attribute.type()) {
    case onnx::AttributeProto::FLOAT:
      return text + std::to_string(attribute.f());
    case onnx::AttributeProto::INT:
      return text + std::to_string(attribute.i());
    case onnx::AttributeProto::STRING:
      return text + attribute.s();
    case onnx::AttributeProto::GRAPH:
      return text + outline(attribute.g());
    case onnx::AttributeProto::INTS:
      for (const int64_t value : attribute.ints()) text += std::to_string(value) + ",";
      return text;
    case onnx::AttributeProto::FLOATS:
      for (const float value : attribute.floats()) text += std::to_string(value) + ",";
      return text;
    case onnx::AttributeProto::STRINGS:
      for (const std::string& value : attribute.strings()) text += value + ",";
      return text;
    case onnx::AttributeProto::TENSOR:
      return text + payload_outline(attribute.t().raw_data());
    default:
      return text;
  }
}

std::string outline(const Attribute& attribute) {
  std::string text = attribute.name() + ":" + std::to_string(static_cast<int>(attribute.type())) + "=";
  if (const auto* value = attribute.get_if<float>()) text += std::to_string(*value);
  if (const auto* value = attribute.get_if<int64_t>()) text += std::to_string(*value);
  if (const auto* value = attribute.get_if<std::string>()) text += *value;
  if (const auto* value = attribute.get_if<std::unique_ptr<Graph>>()) text += outline(**value);
  if (const auto* values = attribute.get_if<std::vector<int64_t>>()) {
    for (const int64_t value : *values) text += std::to_string(value) + ",";
  }
  if (const auto* values = attribute.get_if<std::vector<float>>()) {
    for (const float value : *values) text += std::to_string(value) + ",";
  }
  if (const auto* values = attribute.get_if<std::vector<std::string>>()) {
    for (const std::string& value : *values) text += value + ",";
  }
  if (const auto* value = attribute.get_if<Tensor>()) text += payload_outline(*value);
  return text;
}

std::string outline(const onnx::GraphProto& graph) {
  std::string text = "graph " + graph.name() + "\n";
  for (const auto& input : graph.input()) text += "in " + input.name() + "\n";
  for (const auto& output : graph.output()) text += "out " + output.name() + "\n";
  for (const auto& tensor : graph.initializer()) {
    text += "init " + tensor.name() + " " + std::to_string(tensor.data_type());
    for (const int64_t dim : tensor.dims()) text += " " + std::to_string(dim);
    text += " " + payload_outline(tensor.raw_data()) + "\n";
  }
  for (const auto& node : graph.node()) {
    text += node.name() + "=" + node.domain() + "." + node.op_type() + "(";
    for (const std::string& name : node.input()) text += name + ",";
    text += ")->";
    for (const std::string& name : node.output()) text += name + ",";
    for (const auto& attribute : node.attribute()) text += " " + outline(attribute);
    text += "\n";
  }
  return text;
}

std::string outline(const Graph& graph) {
  const auto name_of = [](const Value* value) { return value != nullptr ? value->name() : std::string(); };
  std::string text = "graph " + graph.name() + "\n";
  for (const Value* input : graph.inputs()) text += "in " + input->name() + "\n";
  for (const Value* output : graph.outputs()) text += "out " + output->name() + "\n";
  for (const Value* value : graph.initializers()) {
    const Tensor& tensor = *value->initializer();
    text += "init " + value->name() + " " + std::to_string(static_cast<int>(tensor.type()));
    for (const int64_t dim : tensor.dims()) text += " " + std::to_string(dim);
    text += " " + payload_outline(tensor) + "\n";
  }
  for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
    text += node->name() + "=" + node->domain() + "." + node->op_type() + "(";
    for (const Value* value : node->inputs()) text += name_of(value) + ",";
    text += ")->";
    for (const Value* value : node->outputs()) text += name_of(value) + ",";
    for (const Attribute& attribute : node->attributes()) text += " " + outline(attribute);
    text += "\n";
  }
  return text;
}

TEST_CASE("reader and protobuf agree on the models of testdata") {
  size_t num_models = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(TESTDATA_DIR)) {
    if (entry.path().extension() != ".onnx") continue;
    CAPTURE(entry.path());
    const std::string encoded = read_file(entry.path());
    onnx::ModelProto proto;
    REQUIRE(proto.ParseFromString(encoded));
    const LoadedModel loaded = load_source(encoded);
    CHECK(loaded.model->ir_version() == proto.ir_version());
    CHECK(loaded.model->producer_name() == proto.producer_name());
    CHECK(loaded.model->opset_imports().size() == static_cast<size_t>(proto.opset_import_size()));
    CHECK(outline(loaded.graph()) == outline(proto.graph()));
    ++num_models;
  }
  CHECK(num_models > 10);
}

TEST_CASE("fields may come in any order, and of a scalar given twice the last one counts") {
  const std::string node = bytes(4, "Bogus") + bytes(2, "y") + bytes(4, "Relu") + bytes(1, "x");
  const std::string graph = kY + kX + bytes(1, node) + bytes(2, "first") + bytes(2, "second");
  const LoadedModel loaded = load_source(varint(1, 999) + bytes(7, graph) + varint(1, 8));
  CHECK(loaded.model->ir_version() == 8);
  CHECK(loaded.graph().name() == "second");
  CHECK(loaded.graph().first_node()->op_type() == "Relu");
  CHECK(loaded.graph().first_node()->input(0) == loaded.graph().inputs()[0]);
}

TEST_CASE("a graph in two pieces is read as one, and outlives the reading") {
  const LoadedModel loaded = load_source(bytes(7, kRelu + bytes(2, "g")) + varint(1, 8) + bytes(7, kX + kY));
  REQUIRE(loaded.graph().num_nodes() == 1);
  CHECK(loaded.graph().inputs().size() == 1);
  CHECK(loaded.graph().outputs()[0]->producer() == loaded.graph().first_node());
  CHECK(save_bytes(*loaded.model) == loaded.source);
  loaded.graph().rename_node(*loaded.graph().first_node(), "n");
  const onnx::ModelProto proto = proto_of_bytes(save_bytes(*loaded.model));
  CHECK(proto.graph().node(0).name() == "n");
  CHECK(proto.graph().input_size() == 1);
}

TEST_CASE("unknown fields, and known ones with another wire type, are skipped") {
  const std::string odd =
      varint(1000, 7) + bytes(1002, "x") + std::string("\xDD\x3E\1\2\3\4", 6) + bytes(1, "no number");
  const LoadedModel loaded = load_source(odd + varint(1, 7) + varint(7, 3) + bytes(7, kRelu + kX + kY + varint(1, 5)));
  CHECK(loaded.model->ir_version() == 7);
  CHECK(loaded.graph().num_nodes() == 1);
}

TEST_CASE("a balanced group is an unknown field") {
  const std::string group = "\x9B\x06" + varint(1, 1) + "\x9C\x06";
  CHECK(load_source(bytes(7, kRelu + kX + kY) + group).graph().num_nodes() == 1);
}

TEST_CASE("dims, ints and floats are read packed and unpacked") {
  const std::string packed_ints = bytes(8, std::string("\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11));
  const std::string ints = bytes(1, "axes") + packed_ints + varint(8, 3) + varint(20, 7);
  const std::string tensor = bytes(8, "w") + bytes(1, "\x02") + varint(1, 3) + varint(2, 2) + bytes(9, "abcdef");
  const std::string node = bytes(1, "x") + bytes(2, "y") + bytes(4, "Op") + bytes(5, ints);
  const LoadedModel loaded = load_source(bytes(7, bytes(1, node) + bytes(5, tensor) + kX + kY));
  CHECK(loaded.graph().first_node()->ints_or("axes", {}) == std::vector<int64_t>{1, -1, 3});
  CHECK(loaded.graph().initializers()[0]->initializer()->dims() == std::vector<int64_t>{2, 3});
}

TEST_CASE("nodes need not be sorted") {
  const LoadedModel loaded = load_text(R"(graph {
    node { op_type: "Neg" input: "a" output: "y" }
    node { op_type: "Relu" input: "x" output: "a" }
    input { name: "x" } output { name: "y" } })");
  const Node* neg = loaded.graph().first_node();
  CHECK(neg->input(0)->producer() == neg->next());
  CHECK(loaded.graph().find("a")->uses().size() == 1);
}

TEST_CASE("a name that nothing defines is an undefined value") {
  const LoadedModel loaded = load_text(R"(graph {
    node { op_type: "Add" input: "x" input: "ghost" output: "z" }
    node { op_type: "Neg" input: "ghost" output: "w" }
    input { name: "x" } output { name: "nowhere" } })");
  const Value* ghost = loaded.graph().find("ghost");
  REQUIRE(ghost != nullptr);
  CHECK(ghost->is_undefined());
  CHECK(ghost->uses().size() == 2);
  CHECK(loaded.graph().find("nowhere")->is_undefined());
  CHECK(loaded.graph().find("nowhere")->is_graph_output());
}

TEST_CASE("names defined twice become two values, of which the first is found") {
  const LoadedModel loaded = load_text(R"(graph {
    node { op_type: "Relu" input: "x" output: "y" }
    node { op_type: "Neg" input: "x" output: "y" }
    initializer { name: "w" data_type: 1 dims: 1 raw_data: "\0\0\0\0" }
    initializer { name: "w" data_type: 1 dims: 2 raw_data: "\0\0\0\0\0\0\0\0" }
    input { name: "x" } output { name: "y" } })");
  const Graph& graph = loaded.graph();
  CHECK(graph.find("y")->producer() == graph.first_node());
  CHECK(graph.first_node()->next()->output(0)->producer() == graph.first_node()->next());
  CHECK(graph.initializers().size() == 2);
  CHECK(graph.find("w")->initializer()->num_elements() == 1);
}

TEST_CASE("an initializer that is also an input is one value") {
  const LoadedModel loaded = load_text(R"(ir_version: 3 graph {
    initializer { name: "w" data_type: 1 dims: 1 raw_data: "\0\0\0\0" }
    input { name: "w" type { tensor_type { elem_type: 1 shape { dim { dim_param: "N" } } } } } })");
  const Value* w = loaded.graph().find("w");
  CHECK(w->is_graph_input());
  CHECK(w->is_initializer());
  CHECK(to_string(w->type()) == "float[N]");
  CHECK(loaded.graph().values().size() == 1);
}

TEST_CASE("subgraphs see the names of enclosing graphs, their own first") {
  const LoadedModel loaded = load_text(R"(graph {
    node { op_type: "If" input: "c" output: "y"
      attribute { name: "then_branch" type: GRAPH g {
        node { op_type: "Relu" input: "late" output: "r" } output { name: "r" } } }
      attribute { name: "else_branch" type: GRAPH g {
        node { op_type: "Neg" input: "x" output: "late" }
        node { op_type: "Neg" input: "late" output: "outer" }
        output { name: "x" } } } }
    node { op_type: "Neg" input: "x" output: "late" }
    input { name: "x" } input { name: "c" } output { name: "y" } })");
  Graph& graph = loaded.graph();
  const Node* node = graph.first_node();
  REQUIRE(node->attributes().size() == 2);
  Graph& then_branch = *node->attributes()[0].graphs()[0];
  Graph& else_branch = *node->attributes()[1].graphs()[0];
  CHECK(then_branch.owner() == node);
  CHECK(then_branch.first_node()->input(0) == graph.find("late"));
  CHECK(else_branch.first_node()->next()->input(0) == else_branch.find("late"));
  CHECK(else_branch.find("late") != graph.find("late"));
  CHECK(else_branch.outputs()[0] == graph.find("x"));
  CHECK(graph.find("x")->is_graph_output());
}

TEST_CASE("empty names are omitted inputs and outputs") {
  const LoadedModel loaded = load_text(R"(graph {
    node { op_type: "Op" input: "" input: "x" input: "" output: "" output: "y" } input { name: "x" } })");
  const Node* node = loaded.graph().first_node();
  REQUIRE(node->inputs().size() == 3);
  CHECK(node->input(0) == nullptr);
  CHECK(node->input(1) == loaded.graph().find("x"));
  CHECK(node->input(2) == nullptr);
  CHECK(node->output(0) == nullptr);
  CHECK(node->output(1)->output_index() == 1);
}

TEST_CASE("functions are read with attributes, defaults and overload") {
  const LoadedModel loaded = load_text(R"(graph { node { op_type: "F" domain: "local" overload: "o" output: "y" } }
    functions { name: "F" domain: "local" overload: "o" input: "a" output: "r" attribute: "must"
      attribute_proto { name: "may" type: INT i: 4 } opset_import { domain: "" version: 17 }
      node { op_type: "Neg" input: "a" output: "r" attribute { name: "k" ref_attr_name: "must" type: FLOAT } } })");
  const Function* function = loaded.model->find_function("local", "F", "o");
  REQUIRE(function != nullptr);
  CHECK(function->attribute_names == std::vector<std::string>{"must"});
  REQUIRE(function->attribute_defaults.size() == 1);
  CHECK(*function->attribute_defaults[0].get_if<int64_t>() == 4);
  CHECK(function->body->outputs()[0]->producer() == function->body->first_node());
  CHECK(function->body->first_node()->input(0) == function->body->inputs()[0]);
  const Attribute& reference = function->body->first_node()->attributes()[0];
  CHECK(reference.ref_attr_name() == "must");
  CHECK(std::holds_alternative<std::monostate>(reference.payload()));
  CHECK(loaded.graph().first_node()->overload() == "o");
}

TEST_CASE("the payload of an attribute is the field that its type names, else the one that is there") {
  const auto payload_of = [](const std::string& attribute) {
    const LoadedModel loaded = load_text("graph { node { attribute { name: 'a' " + attribute + " } } }");
    const Attribute& read = loaded.graph().first_node()->attributes()[0];
    return std::to_string(read.payload().index()) + " " + std::to_string(static_cast<int>(read.type()));
  };
  CHECK(payload_of("type: INT i: 1 f: 2") == "2 2");
  CHECK(payload_of("type: INT f: 2") == "1 2");
  CHECK(payload_of("type: INT") == "2 2");  // left out where it is 0, as proto3 does
  CHECK(payload_of("type: INTS") == "7 7");
  CHECK(payload_of("type: TENSOR") == "0 4");
  CHECK(payload_of("i: 1") == "2 0");
  CHECK(payload_of("") == "0 0");
  CHECK(payload_of("type: TYPE_PROTO tp { tensor_type { elem_type: 1 } }") == "13 13");
}

TEST_CASE("types of every kind are read") {
  const auto type_of = [](const std::string& type) {
    const LoadedModel loaded = load_text("graph { input { name: 'x' type { " + type + " } } }");
    return to_string(loaded.graph().inputs()[0]->type());
  };
  CHECK(type_of("tensor_type { elem_type: 1 shape { dim { dim_value: 2 } dim { dim_param: 'N' } dim { } } }") ==
        "float[2, N, ?]");
  CHECK(type_of("tensor_type { elem_type: 7 }") == "int64[...]");
  CHECK(type_of("tensor_type { elem_type: 7 shape { } }") == "int64[]");
  CHECK(type_of("tensor_type { elem_type: 1 shape { dim { dim_value: -1 } dim { dim_param: '' } } }") == "float[?, ?]");
  CHECK(
      type_of("sequence_type { elem_type { map_type { key_type: 7 value_type { tensor_type { elem_type: 1 } } } } }") ==
      "sequence(map(int64, float[...]))");
  CHECK(type_of("optional_type { elem_type { tensor_type { elem_type: 8 shape { } } } }") == "optional(string[])");
  CHECK(type_of("") == "?");
}

TEST_CASE("a sparse initializer is a value whose tensor is spread out on use") {
  const LoadedModel loaded = load_text(R"(graph { node { op_type: "Neg" input: "s" output: "y" }
    sparse_initializer { dims: 2 dims: 3
      values { name: "s" data_type: 3 dims: 2 raw_data: "\005\007" }
      indices { data_type: 7 dims: 2 int64_data: 1 int64_data: 5 } } })");
  REQUIRE(loaded.model->sparse_initializers().size() == 1);
  CHECK(loaded.model->sparse_initializers()[0].name == "s");
  const Value* s = loaded.graph().first_node()->input(0);
  REQUIRE(s->is_initializer());
  CHECK(*s->initializer()->to_int64s() == std::vector<int64_t>{0, 5, 0, 0, 0, 7});
}

TEST_CASE("200,000 nodes in a row are read without recursion") {
  onnx::ModelProto proto;
  for (int i = 0; i < 200000; ++i) {
    onnx::NodeProto& node = *proto.mutable_graph()->add_node();
    node.set_op_type("Neg");
    node.add_input("t" + std::to_string(i));
    node.add_output("t" + std::to_string(i + 1));
  }
  const LoadedModel loaded = load_source(proto.SerializeAsString());
  CHECK(loaded.graph().num_nodes() == 200000);
}

std::string nested(int depth) {
  std::string graph = bytes(2, "leaf");
  for (int i = 0; i < depth; ++i) {
    graph = bytes(1, bytes(4, "If") + bytes(5, bytes(1, "then_branch") + bytes(6, graph) + varint(20, 5)));
  }
  return bytes(7, graph);
}

std::string nested_type(int depth) {
  std::string type;
  for (int i = 0; i < depth; ++i) type = bytes(4, bytes(1, type));
  return bytes(7, bytes(11, bytes(1, "x") + bytes(2, type)));
}

TEST_CASE("subgraphs up to 32 deep are read, deeper ones refused") {
  CHECK_NOTHROW(load_source(nested(32)));
  CHECK(error_of([] { load_source(nested(33)); }) == "graph: node 0: subgraphs are nested deeper than 32");
}

TEST_CASE("types up to 100 deep are read, deeper ones refused") {
  CHECK_NOTHROW(load_source(nested_type(99)));
  CHECK(error_of([] { load_source(nested_type(100)); }) == "graph: a type is nested deeper than 100");
  CHECK(error_of([] { load_source(nested_type(20000)); }) == "graph: a type is nested deeper than 100");
}

struct Refusal {
  std::string name;
  std::string source;
  std::string_view error;
};

TEST_CASE("what does not follow the format is refused") {
  const std::string good = bytes(7, kRelu + kX + kY);
  const Refusal refusals[] = {
      {"no graph", varint(1, 8), "not an ONNX model: it holds no graph"},
      {"cut short", good.substr(0, good.size() - 1),
       "malformed protobuf: field 7 is 24 bytes long, 23 bytes of its message are left (truncated file?)"},
      {"number past the end", good + "\x08\x80",
       "malformed protobuf: a number goes past the end of its message (truncated file?)"},
      {"fixed past the end", good + "\x0D" + "abc",
       "malformed protobuf: field 1 is 4 bytes long, 3 bytes of its message are left (truncated file?)"},
      {"long varint", good + "\x08" + std::string(10, '\x80') + "\1",
       "malformed protobuf: a varint is longer than 10 bytes"},
      {"field number 0", good + std::string("\0\1", 2), "malformed protobuf: field number 0 does not exist"},
      {"a key of six bytes", good + std::string("\x88\x80\x80\x80\x80\0\1", 7),
       "malformed protobuf: the key of a field is longer than 5 bytes"},
      {"two halves of a field in two pieces of a message",
       bytes(7, bytes(11, bytes(1, "x") + bytes(2, "eps") + bytes(2, "\1\2"))),
       "graph: malformed protobuf: field 12 is 4 bytes long, 2 bytes of its message are left (truncated file?)"},
      {"wire type 6", good + "\x0E", "malformed protobuf: wire type 6 does not exist"},
      {"open group", good + "\x0B", "malformed protobuf: a group does not end"},
      {"stray end of group", good + "\x0C", "malformed protobuf: a group ends that did not start"},
      {"crossed groups", good + "\x0B\x13\x0C\x14", "malformed protobuf: a group ends that did not start"},
      {"deep groups", good + std::string(101, '\x0B'), "malformed protobuf: groups are nested deeper than 100"},
      {"field leaves its node", bytes(7, bytes(1, bytes(1, "x") + "\x12\x50")),
       "graph: node 0: malformed protobuf: field 2 is 80 bytes long, 0 bytes of its message are left (truncated "
       "file?)"},
      {"opaque type cut", bytes(7, bytes(11, bytes(1, "x") + bytes(2, bytes(7, "\x12\x40")))),
       "graph: malformed protobuf: field 2 is 64 bytes long, 0 bytes of its message are left (truncated file?)"},
      {"packed dims cut", bytes(7, bytes(5, bytes(1, "\x80"))),
       "graph: initializer 0: malformed protobuf: packed numbers are cut short"},
      {"packed floats cut", bytes(7, bytes(5, bytes(4, "1234567") + bytes(8, "w"))),
       "graph: initializer 0: tensor 'w': malformed protobuf: packed float_data of 7 bytes, expected a multiple of 4"},
  };
  for (const Refusal& refusal : refusals) {
    CAPTURE(refusal.name);
    CHECK(error_of([&] { load_source(refusal.source); }) == refusal.error);
  }
}

TEST_CASE("of a key's five bytes the upper three bits do not count, as with protobuf") {
  const std::string version("\x88\x80\x80\x80\x70\x09", 6);  // field 1, a varint, with all three of them set
  const LoadedModel loaded = load_source(version + bytes(7, kRelu + kX + kY));
  CHECK(loaded.model->ir_version() == 9);
  CHECK(save_bytes(*loaded.model) == loaded.source);
}

TEST_CASE("files of other formats are named") {
  const Refusal refusals[] = {
      {"git-lfs", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
       "not an ONNX model: this is a git-lfs pointer, not the file itself; fetch it with 'git lfs pull'"},
      {"gguf", std::string("GGUF\3\0\0\0", 8), "not an ONNX model: this is a GGUF file (llama.cpp)"},
      {"safetensors", std::string("\2\0\0\0\0\0\0\0{\"", 10),
       "not an ONNX model: this is a safetensors file: weights without a graph"},
      {"html", "\n <!DocType HTML><html>", "not an ONNX model: this is an HTML page, perhaps of a failed download"},
      {"zip", std::string("PK\3\4", 4) + std::string(40, 'x'),
       "not an ONNX model: this is a ZIP archive, perhaps a PyTorch checkpoint (.pt, .pth) or numpy's .npz"},
      {"tflite", std::string("\x1c\0\0\0TFL3", 8), "not an ONNX model: this is a TensorFlow Lite model"},
  };
  for (const Refusal& refusal : refusals) {
    CAPTURE(refusal.name);
    CHECK(error_of([&] { load_source(refusal.source); }) == refusal.error);
  }
}

TEST_CASE("a file over 2 GiB is refused without being read") {
  const TempFolder folder;
  write_file(folder / "big.onnx", varint(1, 8));
  std::filesystem::resize_file(folder / "big.onnx", (uint64_t{1} << 31) + 4096);
  CHECK(error_of([&] { load(folder / "big.onnx"); }).find("over the limit of 2 GiB") != std::string::npos);
}

TEST_CASE("load names the file in its errors") {
  const TempFolder folder;
  CHECK(error_of([&] { load(folder / "none.onnx"); }) == (folder / "none.onnx").native() + ": no such file");
  write_file(folder / "bad.onnx", "\x0E");
  CHECK(error_of([&] { load(folder / "bad.onnx"); }) ==
        (folder / "bad.onnx").native() + ": malformed protobuf: wire type 6 does not exist");
}

}  // namespace
}  // namespace surgery

#endif
