#include <array>

#include "io/model_writer.h"
#include "io/onnx_fields.h"
#include "io/tensor_fields.h"
#include "io/tensor_storage.h"
#include "io/type_proto.h"

namespace surgery {
namespace {

using wire::kFixed32;
using wire::kFixed64;
using wire::kLength;
using wire::kVarint;
using wire::tag;

std::vector<std::string_view> payloads_of(std::string_view source, uint32_t number) {
  std::vector<std::string_view> payloads;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag == tag(number, kLength)) payloads.push_back(field.bytes);
  }
  return payloads;
}

std::string_view name_in(std::string_view tensor_source) {
  return tensor_source.empty() ? std::string_view() : parse_tensor_fields(tensor_source).name;
}

std::string encode_external_entry(std::string_view key, std::string_view value) {
  std::string entry;
  wire::append_bytes_field(entry, 1, key);
  wire::append_bytes_field(entry, 2, value);
  return entry;
}

void write_external(const std::string& location, int64_t offset, int64_t length, MessageWriter& out) {
  std::string fields;
  const auto add = [&](std::string_view key, std::string_view value) {
    wire::append_bytes_field(fields, tensor_field::kExternalData, encode_external_entry(key, value));
  };
  add("location", location);
  add("offset", std::to_string(offset));
  add("length", std::to_string(length));
  wire::append_varint_field(fields, tensor_field::kDataLocation, 1);
  out.store(fields);
}

}  // namespace

// ---- Tensors ----------------------------------------------------------------------------------------------------

void ModelWriter::write_elements(const Tensor& tensor, MessageWriter& out) {
  if (const auto placed = placements_.find(tensor.storage().get()); placed != placements_.end()) {
    const Placement& placement = placed->second;
    if (!placement.is_inline) {
      write_external(placement.location, placement.offset, placement.length, out);
      return;
    }
  } else if (const auto* external = dynamic_cast<const ExternalStorage*>(tensor.storage().get())) {
    if (&external->file() == model_.file_.get()) {
      const ExternalData& data = external->data();
      write_external(std::string(data.location), data.offset, external->size_bytes(), out);
      return;
    }
  }
  if (tensor.type() == DataType::kString) {
    for (const std::string& text : tensor.strings()) out.bytes(tensor_field::kStringData, text);
    return;
  }
  const std::span<const std::byte> raw = tensor.bytes();
  out.bytes(tensor_field::kRawData, {reinterpret_cast<const char*>(raw.data()), raw.size()});
}

Rope ModelWriter::encode_tensor(std::string_view name, const Tensor& tensor, std::string_view base) {
  MessageWriter out(arena_);
  StringPlan name_plan(tensor_field::kName, name);
  if (base.data() == nullptr) {
    for (const int64_t dim : tensor.dims()) out.varint(tensor_field::kDims, static_cast<uint64_t>(dim));
    out.varint(tensor_field::kDataType, static_cast<uint64_t>(tensor.type()));
    if (!name.empty()) out.bytes(tensor_field::kName, name);
    write_elements(tensor, out);
  } else if (!is_placed(tensor)) {
    const std::array<FieldPlan*, 1> plans{&name_plan};
    rewrite_message(base, plans, out);
  } else {
    ReplacePlan float_entries(tensor_field::kFloatData, kFixed32);
    ReplacePlan floats(tensor_field::kFloatData);
    ReplacePlan int32_entries(tensor_field::kInt32Data, kVarint);
    ReplacePlan int32s(tensor_field::kInt32Data);
    ReplacePlan strings(tensor_field::kStringData);
    ReplacePlan int64_entries(tensor_field::kInt64Data, kVarint);
    ReplacePlan int64s(tensor_field::kInt64Data);
    ReplacePlan raw(tensor_field::kRawData);
    ReplacePlan double_entries(tensor_field::kDoubleData, kFixed64);
    ReplacePlan doubles(tensor_field::kDoubleData);
    ReplacePlan uint64_entries(tensor_field::kUint64Data, kVarint);
    ReplacePlan uint64s(tensor_field::kUint64Data);
    ReplacePlan external(tensor_field::kExternalData);
    ReplacePlan location(tensor_field::kDataLocation, kVarint);
    const std::array<FieldPlan*, 15> plans{&name_plan, &float_entries,  &floats,  &int32_entries, &int32s,
                                           &strings,   &int64_entries,  &int64s,  &raw,           &double_entries,
                                           &doubles,   &uint64_entries, &uint64s, &external,      &location};
    rewrite_message(base, plans, out);
    write_elements(tensor, out);
  }
  return out.take();
}

Rope ModelWriter::encode_sparse_tensor(const SparseTensor& tensor) {
  MessageWriter out(arena_);
  if (tensor.values.is_defined()) out.message(sparse_tensor_field::kValues, encode_tensor({}, tensor.values, {}));
  if (tensor.indices.is_defined()) out.message(sparse_tensor_field::kIndices, encode_tensor({}, tensor.indices, {}));
  for (const int64_t dim : tensor.dims) out.varint(sparse_tensor_field::kDims, static_cast<uint64_t>(dim));
  return out.take();
}

// ---- Attributes -------------------------------------------------------------------------------------------------

Rope ModelWriter::encode_attribute(const Attribute& attribute) {
  const std::string_view base = attribute.source();
  MessageWriter out(arena_);
  if (base.data() == nullptr) {
    out.bytes(attribute_field::kName, attribute.name());
    write_payload(attribute, out);
    if (attribute.type() != AttributeType::kUndefined)
      out.varint(attribute_field::kType, static_cast<uint64_t>(attribute.type()));
    if (!attribute.ref_attr_name().empty()) out.bytes(attribute_field::kRefAttrName, attribute.ref_attr_name());
    return out.take();
  }
  // Read from a file, and something inside has changed: a subgraph, or where a tensor has its elements.
  const auto rewrite = [&](FieldPlan& plan) {
    const std::array<FieldPlan*, 1> plans{&plan};
    rewrite_message(base, plans, out);
  };
  if (const auto* tensor = attribute.get_if<Tensor>()) {
    const std::string_view old =
        single_field(base, tag(attribute_field::kTensor, kLength)).value_or(std::string_view());
    ReplacePlan plan(attribute_field::kTensor, encode_tensor(name_in(old), *tensor, old));
    rewrite(plan);
  } else if (const auto* tensors = attribute.get_if<std::vector<Tensor>>()) {
    ListPlan plan(attribute_field::kTensors, payloads_of(base, attribute_field::kTensors),
                  [&](size_t index, const wire::Field* occurrence, MessageWriter& to) {
                    const std::string_view old = occurrence->bytes;
                    to.message(attribute_field::kTensors, encode_tensor(name_in(old), (*tensors)[index], old));
                  });
    rewrite(plan);
  } else if (const auto* graph = attribute.get_if<std::unique_ptr<Graph>>()) {
    ReplacePlan plan(attribute_field::kGraph, encode_graph(**graph));
    rewrite(plan);
  } else if (const auto* graphs = attribute.get_if<std::vector<std::unique_ptr<Graph>>>()) {
    std::vector<std::string_view> sources;
    for (const std::unique_ptr<Graph>& each : *graphs) sources.push_back(each->source_);
    ListPlan plan(attribute_field::kGraphs, std::move(sources),
                  [&](size_t index, const wire::Field* occurrence, MessageWriter& to) {
                    if (occurrence != nullptr && !dirty_graphs_.contains((*graphs)[index].get())) {
                      to.source(occurrence->source);
                    } else {
                      to.message(attribute_field::kGraphs, encode_graph(*(*graphs)[index]));
                    }
                  });
    rewrite(plan);
  }
  return out.take();
}

void ModelWriter::write_payload(const Attribute& attribute, MessageWriter& out) {
  const auto store_bytes = [&](uint32_t number, std::string_view bytes) {
    std::string field;
    wire::append_bytes_field(field, number, bytes);
    out.store(field);
  };
  struct Visitor {
    ModelWriter& writer;
    MessageWriter& out;
    decltype(store_bytes)& store;

    void operator()(std::monostate /*nothing*/) const {}
    void operator()(float value) const { out.fixed32(attribute_field::kFloat, value); }
    void operator()(int64_t value) const { out.varint(attribute_field::kInt, static_cast<uint64_t>(value)); }
    void operator()(const std::string& value) const { out.bytes(attribute_field::kString, value); }
    void operator()(const Tensor& value) const {
      out.message(attribute_field::kTensor, writer.encode_tensor({}, value, {}));
    }
    void operator()(const std::unique_ptr<Graph>& value) const {
      out.message(attribute_field::kGraph, writer.encode_graph(*value));
    }
    void operator()(const std::vector<float>& values) const {
      for (const float value : values) out.fixed32(attribute_field::kFloats, value);
    }
    void operator()(const std::vector<int64_t>& values) const {
      for (const int64_t value : values) out.varint(attribute_field::kInts, static_cast<uint64_t>(value));
    }
    void operator()(const std::vector<std::string>& values) const {
      for (const std::string& value : values) out.bytes(attribute_field::kStrings, value);
    }
    void operator()(const std::vector<Tensor>& values) const {
      for (const Tensor& value : values) out.message(attribute_field::kTensors, writer.encode_tensor({}, value, {}));
    }
    void operator()(const std::vector<std::unique_ptr<Graph>>& values) const {
      for (const auto& value : values) out.message(attribute_field::kGraphs, writer.encode_graph(*value));
    }
    void operator()(const std::shared_ptr<const SparseTensor>& value) const {
      out.message(attribute_field::kSparseTensor, writer.encode_sparse_tensor(*value));
    }
    void operator()(const std::vector<SparseTensor>& values) const {
      for (const SparseTensor& value : values)
        out.message(attribute_field::kSparseTensors, writer.encode_sparse_tensor(value));
    }
    void operator()(const Type& value) const { store(attribute_field::kTypeProto, write_type(value)); }
    void operator()(const std::vector<Type>& values) const {
      for (const Type& value : values) store(attribute_field::kTypeProtos, write_type(value));
    }
  };
  std::visit(Visitor{*this, out, store_bytes}, attribute.payload());
}

}  // namespace surgery
