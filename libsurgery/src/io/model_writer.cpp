#include "io/model_writer.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "io/onnx_fields.h"
#include "io/records.h"
#include "io/sparse_storage.h"
#include "io/type_proto.h"
#include "io/value_info_plan.h"

namespace surgery {
namespace {

using wire::kLength;
using wire::tag;

/// Whether the initializer is written as a SparseTensorProto.
bool is_sparse(const Tensor& tensor, std::string_view source) {
  return source.data() != nullptr && dynamic_cast<const SparseStorage*>(tensor.storage().get()) != nullptr;
}

/// A repeated message of a few scalars without identity: an entry stays as it is when it says the same as the element
/// now at its place.
template <typename T>
class RecordListPlan final : public FieldPlan {
 public:
  using Read = T (*)(std::string_view);
  using Encode = std::string (*)(const T&, std::string_view base);
  RecordListPlan(uint32_t number, const std::vector<T>& records, Read read, Encode encode)
      : FieldPlan(number, kLength), records_(records), read_(read), encode_(encode) {}

  void write_at(size_t index, MessageWriter& out) override {
    if (index >= records_.size()) return;
    if (encode_(read_(occurrences_[index].bytes), {}) == encode_(records_[index], {})) {
      out.source(occurrences_[index].source);
    } else {
      write(index, occurrences_[index].bytes, out);
    }
  }
  void write_rest(MessageWriter& out) override {
    for (size_t i = num_occurrences(); i < records_.size(); ++i) write(i, {}, out);
  }

 private:
  void write(size_t index, std::string_view base, MessageWriter& out) {
    std::string field;
    wire::append_bytes_field(field, number(), encode_(records_[index], base));
    out.store(field);
  }

  const std::vector<T>& records_;
  Read read_;
  Encode encode_;
};

std::vector<std::string_view> names_of(std::span<Value* const> values) {
  std::vector<std::string_view> names;
  names.reserve(values.size());
  for (const Value* value : values) names.push_back(value != nullptr ? std::string_view(value->name()) : "");
  return names;
}

std::vector<std::string_view> views_of(const std::vector<std::string>& strings) {
  return {strings.begin(), strings.end()};
}

/// The names that an encoded graph or function defines by nodes, inputs and initializers.
class SourceNames {
 public:
  SourceNames(std::string_view source, uint32_t node_number) : source_(source), node_number_(node_number) {}

  /// Reads the source on the first call: most graphs have no stray value_info that would need it.
  /// No name (that of an omitted output) is nobody's.
  bool contains(std::string_view name) {
    if (!is_filled_) fill();
    return !name.empty() && names_.contains(name);
  }

 private:
  void fill() {
    is_filled_ = true;
    wire::FieldReader reader(source_);
    for (wire::Field field; reader.next(field);) {
      if (field.tag == tag(node_number_, kLength)) {
        add(field.bytes, node_field::kOutput);
      } else if (node_number_ == function_field::kNode) {
        if (field.tag == tag(function_field::kInput, kLength)) names_.insert(field.bytes);
      } else if (field.tag == tag(graph_field::kInput, kLength)) {
        add(field.bytes, value_info_field::kName);
      } else if (field.tag == tag(graph_field::kInitializer, kLength)) {
        add(field.bytes, tensor_field::kName);
      }
    }
  }
  void add(std::string_view message, uint32_t number) {
    wire::FieldReader reader(message);
    for (wire::Field field; reader.next(field);) {
      if (field.tag == tag(number, kLength)) names_.insert(field.bytes);
    }
  }

  std::string_view source_;
  uint32_t node_number_;
  bool is_filled_ = false;
  std::unordered_set<std::string_view> names_;
};

}  // namespace

// ---- What has to be written anew --------------------------------------------------------------------------------

bool ModelWriter::is_placed(const Tensor& tensor) const {
  return !placements_.empty() && placements_.contains(tensor.storage().get());
}

bool ModelWriter::is_dirty(const Attribute& attribute) const {
  if (const auto* tensor = attribute.get_if<Tensor>()) return is_placed(*tensor);
  if (const auto* tensors = attribute.get_if<std::vector<Tensor>>()) {
    return std::any_of(tensors->begin(), tensors->end(), [&](const Tensor& tensor) { return is_placed(tensor); });
  }
  const auto graphs = attribute.graphs();
  return std::any_of(graphs.begin(), graphs.end(),
                     [&](const auto& graph) { return dirty_graphs_.contains(graph.get()); });
}

bool ModelWriter::find_dirty(const Node& node) {
  bool dirty = node.changed_;
  for (const Attribute& attribute : node.attributes()) {
    for (const std::unique_ptr<Graph>& subgraph : attribute.graphs()) dirty |= find_dirty(*subgraph);
    dirty |= is_dirty(attribute);
  }
  if (dirty) dirty_nodes_.insert(&node);
  return dirty;
}

bool ModelWriter::find_dirty(const Graph& graph) {
  bool dirty = graph.is_changed() || graph.source_.data() == nullptr;
  for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) dirty |= find_dirty(*node);
  for (const Value* value : graph.initializers_) dirty |= is_placed(*value->initializer());
  if (auto order = graph.topological_order(); order && *order != graph.nodes()) {
    dirty = true;
    sorted_.emplace(&graph, std::move(*order));
  }
  if (dirty) dirty_graphs_.insert(&graph);
  return dirty;
}

bool ModelWriter::functions_are_as_read() const {
  size_t index = 0;
  wire::FieldReader reader(model_.source_);
  for (wire::Field field; reader.next(field);) {
    if (field.tag != tag(model_field::kFunctions, kLength)) continue;
    if (index == model_.functions_.size() || model_.functions_[index].body->source_.data() != field.bytes.data()) {
      return false;
    }
    ++index;
  }
  return index == model_.functions_.size();
}

// ---- Messages ---------------------------------------------------------------------------------------------------

Rope ModelWriter::encode() {
  if (!model_.is_changed() && !model_.source_.empty() && placements_.empty() && functions_are_as_read()) {
    Rope rope;
    rope.append(model_.source_);
    return rope;
  }
  find_dirty(*model_.graph_);
  for (const Function& function : model_.functions_) find_dirty(*function.body);
  return encode_model();
}

Rope ModelWriter::encode_model() {
  NumberPlan ir_version(model_field::kIrVersion, model_.ir_version_);
  StringPlan producer_name(model_field::kProducerName, model_.producer_name_);
  StringPlan producer_version(model_field::kProducerVersion, model_.producer_version_);
  StringPlan domain(model_field::kDomain, model_.domain_);
  NumberPlan model_version(model_field::kModelVersion, model_.model_version_);
  StringPlan doc_string(model_field::kDocString, model_.doc_string_);
  std::optional<ReplacePlan> graph;
  if (dirty_graphs_.contains(model_.graph_.get())) graph.emplace(model_field::kGraph, encode_graph(*model_.graph_));
  RecordListPlan<OpsetImport> opset_imports(model_field::kOpsetImport, model_.opset_imports_, &read_opset_import,
                                            &encode_opset_import);
  RecordListPlan<StringPair> metadata(model_field::kMetadataProps, model_.metadata_, &read_string_entry,
                                      &encode_string_entry);
  std::vector<std::string_view> function_sources;
  for (const Function& function : model_.functions_) function_sources.push_back(function.body->source_);
  ListPlan functions(model_field::kFunctions, std::move(function_sources),
                     [this](size_t index, const wire::Field* /*occurrence*/, MessageWriter& out) {
                       out.message(model_field::kFunctions, encode_function(model_.functions_[index]));
                     });
  std::vector<FieldPlan*> plans{&ir_version, &producer_name, &producer_version, &domain,   &model_version,
                                &doc_string, &opset_imports, &metadata,         &functions};
  if (graph) plans.insert(plans.begin() + 6, &*graph);
  MessageWriter out(arena_);
  rewrite_message(model_.source_, plans, out);
  return out.take();
}

Rope ModelWriter::encode_graph(const Graph& graph) {
  const std::vector<const Node*> nodes = ordered_nodes(graph);
  std::vector<const Value*> dense;
  std::vector<const Value*> sparse;
  for (const Value* value : graph.initializers_) {
    (is_sparse(*value->initializer(), value->initializer_source_) ? sparse : dense).push_back(value);
  }
  ListPlan node_plan = plan_nodes(graph_field::kNode, nodes);
  StringPlan name(graph_field::kName, graph.name_);
  ListPlan initializers = plan_initializers(dense);
  ListPlan inputs = plan_interface(graph_field::kInput, graph, graph.inputs_);
  ListPlan outputs = plan_interface(graph_field::kOutput, graph, graph.outputs_);
  ValueInfoPlan value_infos = plan_value_infos(graph_field::kValueInfo, graph, graph_field::kNode);
  ListPlan sparse_initializers = plan_sparse_initializers(sparse);
  const std::array<FieldPlan*, 7> plans{&node_plan, &name,        &initializers,       &inputs,
                                        &outputs,   &value_infos, &sparse_initializers};
  MessageWriter out(arena_);
  rewrite_message(graph.source_, plans, out);
  return out.take();
}

Rope ModelWriter::encode_function(const Function& function) {
  const Graph& body = *function.body;
  const std::vector<const Node*> nodes = ordered_nodes(body);
  StringPlan name(function_field::kName, function.name);
  StringListPlan inputs(function_field::kInput, names_of(body.inputs_));
  StringListPlan outputs(function_field::kOutput, names_of(body.outputs_));
  StringListPlan attribute_names(function_field::kAttribute, views_of(function.attribute_names));
  ListPlan node_plan = plan_nodes(function_field::kNode, nodes);
  RecordListPlan<OpsetImport> opset_imports(function_field::kOpsetImport, function.opset_imports, &read_opset_import,
                                            &encode_opset_import);
  StringPlan domain(function_field::kDomain, function.domain);
  ListPlan defaults = plan_attributes(function_field::kAttributeProto, function.attribute_defaults);
  ValueInfoPlan value_infos = plan_value_infos(function_field::kValueInfo, body, function_field::kNode);
  StringPlan overload(function_field::kOverload, function.overload);
  const std::array<FieldPlan*, 10> plans{&name,          &inputs, &outputs,  &attribute_names, &node_plan,
                                         &opset_imports, &domain, &defaults, &value_infos,     &overload};
  MessageWriter out(arena_);
  rewrite_message(body.source_, plans, out);
  return out.take();
}

Rope ModelWriter::encode_node(const Node& node) {
  StringListPlan inputs(node_field::kInput, names_of(node.inputs_));
  StringListPlan outputs(node_field::kOutput, names_of(node.outputs_));
  StringPlan name(node_field::kName, node.name_);
  StringPlan op_type(node_field::kOpType, node.op_type_);
  ListPlan attributes = plan_attributes(node_field::kAttribute, node.attributes_);
  StringPlan domain(node_field::kDomain, node.domain_);
  StringPlan overload(node_field::kOverload, node.overload_);
  const std::array<FieldPlan*, 7> plans{&inputs, &outputs, &name, &op_type, &attributes, &domain, &overload};
  MessageWriter out(arena_);
  rewrite_message(node.source_, plans, out);
  return out.take();
}

std::string ModelWriter::encode_value_info(const Value& value, std::string_view base) {
  constexpr uint32_t kTypeTag = tag(value_info_field::kType, kLength);
  const std::optional<std::string_view> old_type = single_field(base, kTypeTag);
  StringPlan name(value_info_field::kName, value.name_);
  std::optional<ReplacePlan> type;
  const bool is_kept = old_type && is_identical(read_type(*old_type), value.type_);
  if (!is_kept) {
    Rope encoded;
    encoded.append(arena_.store(write_type(value.type_, old_type.value_or(std::string_view()))));
    if (value.type_.is_known()) {
      type.emplace(value_info_field::kType, std::move(encoded));
    } else {
      type.emplace(value_info_field::kType);
    }
  }
  std::vector<FieldPlan*> plans{&name};
  if (type) plans.push_back(&*type);
  MessageWriter out(arena_);
  rewrite_message(base, plans, out);
  return out.rope().to_string();
}

// ---- Lists ------------------------------------------------------------------------------------------------------

std::vector<const Node*> ModelWriter::ordered_nodes(const Graph& graph) const {
  if (const auto found = sorted_.find(&graph); found != sorted_.end()) {
    return {found->second.begin(), found->second.end()};
  }
  std::vector<const Node*> nodes;
  nodes.reserve(graph.num_nodes());
  for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) nodes.push_back(node);
  return nodes;
}

ListPlan ModelWriter::plan_nodes(uint32_t number, const std::vector<const Node*>& nodes) {
  std::vector<std::string_view> sources;
  sources.reserve(nodes.size());
  for (const Node* node : nodes) sources.push_back(node->source_);
  return {number, std::move(sources),
          [this, number, &nodes](size_t index, const wire::Field* occurrence, MessageWriter& out) {
            if (occurrence != nullptr && !dirty_nodes_.contains(nodes[index])) {
              out.source(occurrence->source);
            } else {
              out.message(number, encode_node(*nodes[index]));
            }
          }};
}

ListPlan ModelWriter::plan_attributes(uint32_t number, std::span<const Attribute> attributes) {
  std::vector<std::string_view> sources;
  sources.reserve(attributes.size());
  for (const Attribute& attribute : attributes) sources.push_back(attribute.source());
  return {number, std::move(sources),
          [this, number, attributes](size_t index, const wire::Field* occurrence, MessageWriter& out) {
            const Attribute& attribute = attributes[index];
            if (attribute.source().data() == nullptr || is_dirty(attribute)) {
              out.message(number, encode_attribute(attribute));
            } else if (occurrence != nullptr) {
              out.source(occurrence->source);
            } else {
              out.bytes(number, attribute.source());  // from another node
            }
          }};
}

ListPlan ModelWriter::plan_initializers(const std::vector<const Value*>& values) {
  std::vector<std::string_view> sources;
  sources.reserve(values.size());
  for (const Value* value : values) sources.push_back(value->initializer_source_);
  return {graph_field::kInitializer, std::move(sources),
          [this, &values](size_t index, const wire::Field* occurrence, MessageWriter& out) {
            const Value& value = *values[index];
            const Tensor& tensor = *value.initializer();
            if (occurrence != nullptr && !value.info_changed_ && !is_placed(tensor)) {
              out.source(occurrence->source);
            } else {
              out.message(graph_field::kInitializer, encode_tensor(value.name_, tensor, value.initializer_source_));
            }
          }};
}

ListPlan ModelWriter::plan_sparse_initializers(const std::vector<const Value*>& values) {
  std::vector<std::string_view> sources;
  sources.reserve(values.size());
  for (const Value* value : values) sources.push_back(value->initializer_source_);
  return {graph_field::kSparseInitializer, std::move(sources),
          [this, &values](size_t index, const wire::Field* occurrence, MessageWriter& out) {
            const Value& value = *values[index];
            const std::string_view base = value.initializer_source_;
            const auto old_values = single_field(base, tag(sparse_tensor_field::kValues, kLength));
            const bool is_renamed =
                value.info_changed_ && old_values && parse_tensor_fields(*old_values).name != value.name_;
            if (occurrence != nullptr && !is_renamed) {
              out.source(occurrence->source);
              return;
            }
            const auto& storage = static_cast<const SparseStorage&>(*value.initializer()->storage());
            ReplacePlan renamed(sparse_tensor_field::kValues, encode_tensor(value.name_, storage.tensor().values,
                                                                            old_values.value_or(std::string_view())));
            const std::array<FieldPlan*, 1> plans{&renamed};
            MessageWriter inner(arena_);
            rewrite_message(base, plans, inner);
            out.message(graph_field::kSparseInitializer, inner.rope());
          }};
}

ListPlan ModelWriter::plan_interface(uint32_t number, const Graph& graph, std::span<Value* const> values) {
  std::vector<std::string_view> sources;
  std::unordered_map<std::string_view, std::vector<size_t>> by_name;  // an output may be listed twice
  sources.reserve(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    sources.push_back(values[i]->info_source_);
    by_name[values[i]->name_].push_back(i);
  }
  return {number, std::move(sources),
          [this, number, &graph, values](size_t index, const wire::Field* occurrence, MessageWriter& out) {
            const Value& value = *values[index];
            const bool is_own = &value.graph() == &graph;  // an outer value is declared elsewhere
            if (occurrence != nullptr && (!value.info_changed_ || !is_own)) {
              out.source(occurrence->source);
              return;
            }
            const std::string_view base = occurrence != nullptr ? occurrence->bytes : value.info_source_;
            std::string field;
            wire::append_bytes_field(field, number, encode_value_info(value, base));
            out.store(field);
          },
          [by_name = std::move(by_name)](const wire::Field& occurrence) -> std::span<const size_t> {
            const auto found = by_name.find(value_info_name(occurrence.bytes));
            if (found == by_name.end()) return {};
            return found->second;
          }};
}

ValueInfoPlan ModelWriter::plan_value_infos(uint32_t number, const Graph& graph, uint32_t node_number) {
  std::vector<ValueInfoPlan::Entry> entries;
  for (const std::unique_ptr<Value>& value : graph.values_) {
    if (value == nullptr || !value->has_value_info_) continue;
    entries.push_back({value.get(), value->info_source_, value->info_changed_});
  }
  const auto source_names = std::make_shared<SourceNames>(graph.source_, node_number);
  return {number, std::move(entries), [source_names](std::string_view name) { return source_names->contains(name); },
          [this, number](const Value& value, std::string_view base, MessageWriter& out) {
            std::string field;
            wire::append_bytes_field(field, number, encode_value_info(value, base));
            out.store(field);
          }};
}

}  // namespace surgery
