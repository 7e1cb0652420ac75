#include "io/model_reader.h"

#include "io/onnx_fields.h"
#include "io/records.h"
#include "io/sparse_storage.h"
#include "io/tensor_storage.h"
#include "io/type_proto.h"
#include "io/well_formed.h"
#include "surgery/text.h"

namespace surgery {
namespace {

using wire::kLength;
using wire::kVarint;
using wire::tag;

struct ValueInfo {
  std::string_view name;
  Type type;
};

ValueInfo read_value_info(std::string_view source) {
  ValueInfo info;
  wire::MergedMessage type;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag == tag(value_info_field::kName, kLength)) info.name = field.bytes;
    if (field.tag == tag(value_info_field::kType, kLength)) type.add(field.bytes);
    if (field.tag == tag(value_info_field::kMetadataProps, kLength)) require_well_formed(field.bytes, Message::kFlat);
  }
  if (type.is_set()) info.type = read_type(type.view());
  return info;
}

/// The shape that dims from a file stand for; what is no size is unknown.
Shape shape_of(const std::vector<int64_t>& dims) {
  Shape shape;
  shape.reserve(dims.size());
  for (const int64_t dim : dims) shape.push_back(dim >= 0 ? Dim(dim) : Dim());
  return shape;
}

/// Calls `read()` and puts `place()` in front of what it throws.
template <typename Read, typename Place>
void within(Read&& read, Place&& place) {
  try {
    read();
  } catch (const Error& error) {
    throw error.within(place());
  }
}

}  // namespace

std::unique_ptr<Model> ModelReader::read() {
  model_ = std::make_unique<Model>();
  Model& model = *model_;
  model.path_ = file_->path();
  model.file_ = file_;
  model.source_ = file_->bytes();
  wire::MergedMessage graph;
  std::vector<std::string_view> functions;
  wire::FieldReader reader(model.source_);
  for (wire::Field field; reader.next(field);) {
    switch (field.tag) {
      case tag(model_field::kIrVersion, kVarint):
        model.ir_version_ = field.as_int64();
        break;
      case tag(model_field::kProducerName, kLength):
        model.producer_name_ = field.bytes;
        break;
      case tag(model_field::kProducerVersion, kLength):
        model.producer_version_ = field.bytes;
        break;
      case tag(model_field::kDomain, kLength):
        model.domain_ = field.bytes;
        break;
      case tag(model_field::kModelVersion, kVarint):
        model.model_version_ = field.as_int64();
        break;
      case tag(model_field::kDocString, kLength):
        model.doc_string_ = field.bytes;
        break;
      case tag(model_field::kGraph, kLength):
        graph.add(field.bytes);
        break;
      case tag(model_field::kOpsetImport, kLength):
        model.opset_imports_.push_back(read_opset_import(field.bytes));
        break;
      case tag(model_field::kMetadataProps, kLength):
        model.metadata_.push_back(read_string_entry(field.bytes));
        break;
      case tag(model_field::kTrainingInfo, kLength):
        require_well_formed(field.bytes, Message::kTrainingInfo);
        break;
      case tag(model_field::kConfiguration, kLength):
        require_well_formed(field.bytes, Message::kFlat);
        break;
      case tag(model_field::kFunctions, kLength):
        functions.push_back(field.bytes);
        break;
      default:
        break;
    }
  }
  if (!graph.is_set()) throw Error(ErrorCode::kRead, "not an ONNX model: it holds no graph");
  model.has_graph_ = true;
  within([&] { read_graph(*model.graph_, keep(graph), 0); }, [] { return "graph"; });
  for (size_t i = 0; i < functions.size(); ++i) {
    within([&] { model.functions_.push_back(read_function(functions[i])); },
           [&] { return "function " + std::to_string(i); });
  }
  // In the order in which they were met: a graph comes before the subgraphs that may read its values.
  for (Pending& pending : pending_) resolve(pending);
  return std::move(model_);
}

std::string_view ModelReader::keep(wire::MergedMessage& message) {
  return message.is_owned() ? file_->keep(message.release()) : message.view();
}

void ModelReader::read_graph(Graph& graph, std::string_view source, int depth) {
  if (depth > kMaxGraphDepth) {
    throw Error(ErrorCode::kRead, "subgraphs are nested deeper than " + std::to_string(kMaxGraphDepth));
  }
  graph.source_ = source;
  std::vector<std::string_view> nodes;
  std::vector<std::string_view> initializers;
  std::vector<std::string_view> sparse_initializers;
  std::vector<std::string_view> inputs;
  Pending pending{&graph, {}, {}, {}, {}};
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    switch (field.tag) {
      case tag(graph_field::kNode, kLength):
        nodes.push_back(field.bytes);
        break;
      case tag(graph_field::kName, kLength):
        graph.name_ = field.bytes;
        break;
      case tag(graph_field::kInitializer, kLength):
        initializers.push_back(field.bytes);
        break;
      case tag(graph_field::kSparseInitializer, kLength):
        sparse_initializers.push_back(field.bytes);
        break;
      case tag(graph_field::kInput, kLength):
        inputs.push_back(field.bytes);
        break;
      case tag(graph_field::kOutput, kLength):
        pending.outputs.push_back(field.bytes);
        break;
      case tag(graph_field::kQuantizationAnnotation, kLength):
        require_well_formed(field.bytes, Message::kAnnotation);
        break;
      case tag(graph_field::kMetadataProps, kLength):
        require_well_formed(field.bytes, Message::kFlat);
        break;
      case tag(graph_field::kValueInfo, kLength):
        pending.value_infos.push_back(field.bytes);
        break;
      default:
        break;
    }
  }
  graph.by_name_.reserve(nodes.size() + initializers.size() + inputs.size());
  graph.values_.reserve(nodes.size() + initializers.size() + inputs.size());
  for (const std::string_view input : inputs) read_graph_input(graph, input);
  for (size_t i = 0; i < initializers.size(); ++i) {
    within([&] { read_initializer(graph, initializers[i]); }, [&] { return "initializer " + std::to_string(i); });
  }
  for (size_t i = 0; i < sparse_initializers.size(); ++i) {
    within([&] { read_sparse_initializer(graph, sparse_initializers[i]); },
           [&] { return "sparse initializer " + std::to_string(i); });
  }
  const size_t place = pending_.size();
  pending_.push_back(std::move(pending));  // in front of those of its subgraphs
  std::vector<std::string_view> input_names;
  read_nodes(graph, nodes, depth, input_names);
  pending_[place].inputs = std::move(input_names);
}

Function ModelReader::read_function(std::string_view source) {
  Function function;
  function.body = std::make_unique<Graph>(*model_, nullptr);
  Graph& body = *function.body;
  body.source_ = source;
  std::vector<std::string_view> nodes;
  Pending pending{&body, {}, {}, {}, {}};
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    switch (field.tag) {
      case tag(function_field::kName, kLength):
        function.name = field.bytes;
        break;
      case tag(function_field::kInput, kLength): {
        Value& value = body.make_value(std::string(field.bytes));
        value.is_input_ = true;
        body.inputs_.push_back(&value);
        break;
      }
      case tag(function_field::kOutput, kLength):
        pending.output_names.push_back(field.bytes);
        break;
      case tag(function_field::kAttribute, kLength):
        function.attribute_names.emplace_back(field.bytes);
        break;
      case tag(function_field::kAttributeProto, kLength):
        function.attribute_defaults.push_back(read_attribute(field.bytes, nullptr, 0));
        break;
      case tag(function_field::kNode, kLength):
        nodes.push_back(field.bytes);
        break;
      case tag(function_field::kOpsetImport, kLength):
        function.opset_imports.push_back(read_opset_import(field.bytes));
        break;
      case tag(function_field::kDomain, kLength):
        function.domain = field.bytes;
        break;
      case tag(function_field::kOverload, kLength):
        function.overload = field.bytes;
        break;
      case tag(function_field::kMetadataProps, kLength):
        require_well_formed(field.bytes, Message::kFlat);
        break;
      case tag(function_field::kValueInfo, kLength):
        pending.value_infos.push_back(field.bytes);
        break;
      default:
        break;
    }
  }
  body.name_ = function.name;
  const size_t place = pending_.size();
  pending_.push_back(std::move(pending));
  std::vector<std::string_view> input_names;
  read_nodes(body, nodes, 0, input_names);
  pending_[place].inputs = std::move(input_names);
  return function;
}

void ModelReader::read_graph_input(Graph& graph, std::string_view source) {
  ValueInfo info = read_value_info(source);
  Value& value = graph.make_value(std::string(info.name));
  value.is_input_ = true;
  value.type_ = std::move(info.type);
  value.info_source_ = source;
  graph.inputs_.push_back(&value);
}

void ModelReader::read_initializer(Graph& graph, std::string_view source) {
  TensorFields fields = parse_tensor_fields(source);
  const std::string_view name = fields.name;
  add_initializer(graph, name, read_tensor(std::move(fields), file_), source);
}

void ModelReader::read_sparse_initializer(Graph& graph, std::string_view source) {
  SparseInitializer sparse;
  wire::MergedMessage values;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag == tag(sparse_tensor_field::kValues, kLength)) values.add(field.bytes);
  }
  sparse.name = parse_tensor_fields(values.view()).name;
  sparse.tensor = read_sparse_tensor(source);
  auto storage = std::make_shared<SparseStorage>(sparse.tensor, sparse.name);
  add_initializer(graph, sparse.name, Tensor(sparse.tensor.values.type(), sparse.tensor.dims, std::move(storage)),
                  source);
  model_->sparse_initializers_.push_back(std::move(sparse));
}

void ModelReader::add_initializer(Graph& graph, std::string_view name, Tensor tensor, std::string_view source) {
  Value* value = graph.find(name);
  if (value == nullptr || value->is_initializer()) value = &graph.make_value(std::string(name));
  if (!value->is_input_) value->type_ = Type::tensor(tensor.type(), shape_of(tensor.dims()));
  value->initializer_ = std::make_shared<const Tensor>(std::move(tensor));
  value->initializer_source_ = source;
  graph.initializers_.push_back(value);
}

void ModelReader::read_nodes(Graph& graph, const std::vector<std::string_view>& sources, int depth,
                             std::vector<std::string_view>& input_names) {
  input_names.reserve(sources.size() * 2);
  for (size_t i = 0; i < sources.size(); ++i) {
    const auto read_one = [&] { read_node(graph, sources[i], depth, input_names); };
    if (depth > 0) {
      read_one();  // the node of the main graph is place enough
    } else {
      within(read_one, [&] { return "node " + std::to_string(i); });
    }
  }
}

void ModelReader::read_node(Graph& graph, std::string_view source, int depth,
                            std::vector<std::string_view>& input_names) {
  auto owned = std::make_unique<Node>();
  Node& node = *owned;
  node.graph_ = &graph;
  node.id_ = model_->next_node_id_++;
  node.source_ = source;
  graph.link_before(*owned.release(), nullptr);
  size_t num_inputs = 0;
  std::vector<std::string_view> attributes;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    switch (field.tag) {
      case tag(node_field::kInput, kLength):
        ++num_inputs;
        input_names.push_back(field.bytes);
        break;
      case tag(node_field::kOutput, kLength): {
        Value* value = nullptr;
        if (!field.bytes.empty()) {
          value = &graph.make_value(std::string(field.bytes));
          value->producer_ = &node;
          value->output_index_ = node.outputs_.size();
        }
        node.outputs_.push_back(value);
        break;
      }
      case tag(node_field::kName, kLength):
        node.name_ = field.bytes;
        break;
      case tag(node_field::kOpType, kLength):
        node.op_type_ = field.bytes;
        break;
      case tag(node_field::kDomain, kLength):
        node.domain_ = field.bytes;
        break;
      case tag(node_field::kOverload, kLength):
        node.overload_ = field.bytes;
        break;
      case tag(node_field::kMetadataProps, kLength):
        require_well_formed(field.bytes, Message::kFlat);
        break;
      case tag(node_field::kDeviceConfigurations, kLength):
        require_well_formed(field.bytes, Message::kNodeDevice);
        break;
      case tag(node_field::kAttribute, kLength):
        attributes.push_back(field.bytes);
        break;
      default:
        break;
    }
  }
  node.inputs_.resize(num_inputs, nullptr);
  node.attributes_.reserve(attributes.size());
  for (const std::string_view attribute : attributes) {
    node.attributes_.push_back(read_attribute(attribute, &node, depth));
  }
  Graph::note_subgraphs(node);
}

void ModelReader::resolve(Pending& pending) {
  Graph& graph = *pending.graph;
  std::vector<Value*> found(pending.inputs.size());
  graph.by_name_.find_all(pending.inputs, found);
  size_t next = 0;
  for (Node* node = graph.first_; node != nullptr; node = node->next_) {
    for (size_t i = 0; i < node->inputs_.size(); ++i, ++next) {
      const std::string_view name = pending.inputs[next];
      if (name.empty()) continue;
      Value* value = found[next] != nullptr ? found[next] : graph.find_in_scope(name);
      if (value == nullptr) value = &graph.make_value(std::string(name));
      node->inputs_[i] = value;
      graph.add_use(value, *node, i);
    }
  }
  resolve_outputs(pending);
  resolve_value_infos(pending);
}

void ModelReader::resolve_outputs(Pending& pending) {
  Graph& graph = *pending.graph;
  const auto list = [&](std::string_view name) -> Value& {
    Value* value = graph.find_in_scope(name);
    if (value == nullptr) value = &graph.make_value(std::string(name));
    graph.outputs_.push_back(value);
    ++value->num_graph_outputs_;
    return *value;
  };
  for (const std::string_view source : pending.outputs) {
    ValueInfo info = read_value_info(source);
    Value& value = list(info.name);
    if (value.graph_ != &graph || value.is_input_) continue;
    if (value.info_source_.data() == nullptr) value.info_source_ = source;
    if (!value.type_.is_known()) value.type_ = std::move(info.type);
  }
  for (const std::string_view name : pending.output_names) list(name);
}

void ModelReader::resolve_value_infos(Pending& pending) {
  std::vector<ValueInfo> infos;
  std::vector<std::string_view> names;
  infos.reserve(pending.value_infos.size());
  names.reserve(pending.value_infos.size());
  for (const std::string_view source : pending.value_infos) {
    infos.push_back(read_value_info(source));
    names.push_back(infos.back().name);
  }
  std::vector<Value*> values(names.size());
  pending.graph->by_name_.find_all(names, values);
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] == nullptr) continue;  // about nothing that is there; kept in the file
    values[i]->has_value_info_ = true;
    if (values[i]->info_source_.data() == nullptr) values[i]->info_source_ = pending.value_infos[i];
    if (!values[i]->type_.is_known()) values[i]->type_ = std::move(infos[i].type);
  }
}

}  // namespace surgery
