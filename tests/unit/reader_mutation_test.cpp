#ifdef HAVE_ONNX_PROTO

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <random>

#include "io/payload.h"
#include "io/placement.h"
#include "io_support.h"
#include "surgery/model.h"

namespace surgery {
namespace {

constexpr const char* kSeed = R"(
  ir_version: 9 producer_name: "p" doc_string: "d" model_version: 3
  graph { name: "g" doc_string: "gd"
    node { op_type: "Conv" name: "c" input: "x" input: "w" input: "" output: "a" doc_string: "n"
      attribute { name: "pads" type: INTS ints: 1 ints: 2 } attribute { name: "f" type: FLOATS floats: 1 }
      attribute { name: "t" type: TENSOR t { data_type: 7 dims: 2 int64_data: 5 int64_data: 700 name: "k" } }
      attribute { name: "s" type: STRINGS strings: "u" strings: "v" } attribute { name: "i" type: INT i: -1 }
      metadata_props { key: "k" value: "v" } device_configurations { configuration_id: "z" sharding_spec {
        tensor_name: "a" device: 1 index_to_device_group_map { key: 1 value: 2 } sharded_dim { axis: 0
        simple_sharding { dim_value: 1 num_shards: 2 } } } } }
    node { op_type: "If" input: "b" output: "y"
      attribute { name: "then_branch" type: GRAPH g { node { op_type: "Neg" input: "a" output: "r" }
        output { name: "r" } value_info { name: "q" } initializer { name: "v" data_type: 1 dims: 1 raw_data: "1234" } } }
      attribute { name: "else_branch" type: GRAPH g { node { op_type: "Abs" input: "a" output: "e" } output { name: "e" } } } }
    initializer { name: "w" data_type: 1 dims: 2 float_data: 1 float_data: 2 doc_string: "i" metadata_props { key: "m" } }
    initializer { name: "z" data_type: 8 dims: 1 string_data: "str" }
    initializer { name: "ext" data_type: 1 dims: 1 data_location: EXTERNAL external_data { key: "location" value: "f" } }
    sparse_initializer { dims: 4 values { name: "s" data_type: 3 dims: 1 raw_data: "5" } indices { data_type: 7 dims: 1 int64_data: 1 } }
    input { name: "x" type { denotation: "T" tensor_type { elem_type: 1 shape { dim { dim_param: "N" denotation: "D" } dim { dim_value: 4 } } } } }
    input { name: "b" type { tensor_type { elem_type: 9 } } metadata_props { key: "q" } }
    output { name: "y" type { sequence_type { elem_type { map_type { key_type: 7 value_type { tensor_type { elem_type: 1 } } } } } } }
    value_info { name: "a" type { optional_type { elem_type { sparse_tensor_type { elem_type: 1 shape { dim { } } } } } } }
    quantization_annotation { tensor_name: "a" quant_parameter_tensor_names { key: "k" value: "v" } }
    metadata_props { key: "k" value: "v" } }
  opset_import { domain: "" version: 21 } opset_import { domain: "local" version: 1 }
  metadata_props { key: "k" value: "v" }
  functions { name: "F" domain: "local" input: "p" output: "q" attribute: "at" opset_import { version: 21 }
    attribute_proto { name: "df" type: FLOAT f: 2 } node { op_type: "Neg" input: "p" output: "q" } value_info { name: "q" }
    metadata_props { key: "k" } }
  training_info { initialization { node { op_type: "T" } } update_binding { key: "a" value: "b" } }
  configuration { name: "c" num_devices: 2 device: "d" })";

std::string mutated(const std::string& seed, std::mt19937& random) {
  std::string text = seed;
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % std::max<size_t>(limit, 1)); };
  for (size_t count = 1 + below(3); count > 0; --count) {
    const size_t at = below(text.size());
    switch (below(6)) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text[at] = static_cast<char>(text[at] ^ static_cast<char>(1 << below(8)));
        break;
      case 2:
        text.erase(at, 1 + below(4));
        break;
      case 3:
        text.insert(at, 1, static_cast<char>(random() % 128));
        break;
      case 4:
        text.insert(below(text.size()), text.substr(at, below(40)));
        break;
      default:
        text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) + (below(2) != 0 ? 1 : 255));
        break;
    }
  }
  return text;
}

/// Refusals that protobuf does not share: limits of ours, and what is no model although it is a message.
bool is_stricter_by_intent(const std::string& error) {
  return error.find("nested deeper") != std::string::npos || error.find("holds no graph") != std::string::npos ||
         error.find("not an ONNX model: this is") != std::string::npos;
}

/// Packed numbers of tensors are looked at when they are used, protobuf decodes them at once.
bool has_lazy_fault(const Model& model) {
  bool is_faulty = false;
  const auto visit = [&](const Tensor& tensor) {
    const auto fault = payload_fault(tensor);
    is_faulty |= fault.has_value();
  };
  for_each_tensor(model, visit);
  for (const SparseInitializer& sparse : model.sparse_initializers()) {
    visit(sparse.tensor.values);
    visit(sparse.tensor.indices);
  }
  return is_faulty;
}

/// Of two declarations that contradict each other a value has one type only.
bool is_declared_once(const Value& value, const onnx::GraphProto& graph) {
  const auto is_it = [&](const onnx::ValueInfoProto& info) { return info.name() == value.name(); };
  return std::count_if(graph.input().begin(), graph.input().end(), is_it) +
             std::count_if(graph.output().begin(), graph.output().end(), is_it) +
             std::count_if(graph.value_info().begin(), graph.value_info().end(), is_it) +
             (value.is_initializer() ? 1 : 0) ==
         1;
}

TEST_CASE("on damaged files, reader and protobuf agree about what can be read, and saving keeps it") {
  using google::protobuf::util::MessageDifferencer;
  google::protobuf::SetLogHandler(nullptr);
  const std::string seed = encode_text(kSeed);
  std::mt19937 random(20261121);
  int num_read = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string source = i == 0 ? seed : mutated(seed, random);
    onnx::ModelProto proto;
    const bool is_protobuf = proto.ParsePartialFromString(source);
    std::unique_ptr<Model> model;
    const std::string error = error_of([&] { model = load_bytes(source); });
    CAPTURE(i);
    CAPTURE(error);
    if (model == nullptr) {
      if (is_protobuf) REQUIRE(is_stricter_by_intent(error));
      continue;
    }
    ++num_read;
    if (!is_protobuf) REQUIRE(has_lazy_fault(*model));
    REQUIRE(save_bytes(*model) == source);
    REQUIRE_NOTHROW(model->validate());
    if (!is_protobuf) continue;
    // Every message of the graph written anew says the same as before.
    Graph& graph = model->graph();
    if (!graph.topological_order() || *graph.topological_order() != graph.nodes()) continue;
    for (Node* node : graph.nodes()) graph.rename_node(*node, std::string(node->name()));
    for (Value* value : graph.values()) {
      if (is_declared_once(*value, proto.graph())) graph.set_type(*value, value->type());
    }
    onnx::ModelProto again;
    REQUIRE(again.ParsePartialFromString(save_bytes(*model)));
    std::string difference;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    const bool equal = differencer.Compare(proto, again);
    CAPTURE(difference);
    REQUIRE(equal);
  }
  CHECK(num_read > 2000);
}

}  // namespace
}  // namespace surgery

#endif
