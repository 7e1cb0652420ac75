#include <bit>
#include <optional>

#include "io/model_reader.h"
#include "io/onnx_fields.h"
#include "io/tensor_storage.h"
#include "io/type_proto.h"
#include "io/well_formed.h"

namespace surgery {
namespace {

using attribute_field::kFloat;
using attribute_field::kFloats;
using attribute_field::kGraph;
using attribute_field::kGraphs;
using attribute_field::kInts;
using attribute_field::kName;
using attribute_field::kRefAttrName;
using attribute_field::kSparseTensor;
using attribute_field::kSparseTensors;
using attribute_field::kString;
using attribute_field::kStrings;
using attribute_field::kTensor;
using attribute_field::kTensors;
using attribute_field::kType;
using attribute_field::kTypeProto;
using attribute_field::kTypeProtos;
using wire::kFixed32;
using wire::kLength;
using wire::kVarint;
using wire::tag;

struct Kind {
  AttributeType type;
  uint32_t number;  ///< of the field that holds it
  wire::Type wire_type;
};

constexpr Kind kKinds[] = {
    {AttributeType::kFloat, kFloat, kFixed32},
    {AttributeType::kInt, attribute_field::kInt, kVarint},
    {AttributeType::kString, kString, kLength},
    {AttributeType::kTensor, kTensor, kLength},
    {AttributeType::kGraph, kGraph, kLength},
    {AttributeType::kFloats, kFloats, kFixed32},
    {AttributeType::kInts, kInts, kVarint},
    {AttributeType::kStrings, kStrings, kLength},
    {AttributeType::kTensors, kTensors, kLength},
    {AttributeType::kGraphs, kGraphs, kLength},
    {AttributeType::kSparseTensor, kSparseTensor, kLength},
    {AttributeType::kSparseTensors, kSparseTensors, kLength},
    {AttributeType::kTypeProto, kTypeProto, kLength},
    {AttributeType::kTypeProtos, kTypeProtos, kLength},
};

/// The kind of payload that a field is, if it is one.
const Kind* kind_of(const wire::Field& field) {
  for (const Kind& kind : kKinds) {
    if (field.tag == tag(kind.number, kind.wire_type)) return &kind;
    const bool is_packable = kind.number == kFloats || kind.number == kInts;
    if (is_packable && field.tag == tag(kind.number, kLength)) return &kind;
  }
  return nullptr;
}

const Kind* kind_of(AttributeType type) {
  for (const Kind& kind : kKinds) {
    if (kind.type == type) return &kind;
  }
  return nullptr;
}

/// All occurrences of one field of a message.
template <typename Visit>
void for_each_field(std::string_view source, uint32_t number, Visit&& visit) {
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.number() == number && kind_of(field) != nullptr) visit(field);
  }
}

std::vector<float> read_floats(std::string_view source) {
  std::vector<float> values;
  for_each_field(source, kFloats, [&](const wire::Field& field) {
    if (field.tag == tag(kFloats, kFixed32)) {
      values.push_back(field.as_float());
      return;
    }
    wire::append_packed(field.bytes, values);
  });
  return values;
}

std::vector<int64_t> read_ints(std::string_view source) {
  std::vector<int64_t> values;
  for_each_field(source, kInts, [&](const wire::Field& field) {
    if (field.tag == tag(kInts, kLength)) wire::require_whole_varints(field.bytes);
    wire::for_each_varint(field, [&](uint64_t value) { values.push_back(static_cast<int64_t>(value)); });
  });
  return values;
}

}  // namespace

Attribute ModelReader::read_attribute(std::string_view source, Node* owner, int depth) {
  std::string_view name;
  std::string_view ref_attr_name;
  auto type = AttributeType::kUndefined;
  uint32_t present = 0;  // bit n: field n is there
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    switch (field.tag) {
      case tag(kName, kLength):
        name = field.bytes;
        break;
      case tag(kRefAttrName, kLength):
        ref_attr_name = field.bytes;
        break;
      case tag(kType, kVarint):
        // A number that is no AttributeType counts as an unknown field, by protobuf's rule for closed enums.
        if (field.scalar <= static_cast<uint64_t>(AttributeType::kTypeProtos)) {
          type = static_cast<AttributeType>(field.scalar);
        }
        break;
      default:
        if (kind_of(field) != nullptr) present |= 1U << field.number();
        break;
    }
  }
  if (std::popcount(present) > 1) require_well_formed(source, Message::kAttribute);  // only one of them is looked into
  // The field that the type names; where it is not there, the one that is (the checker tells), or else the default that
  // protobuf gives to an absent field.
  const Kind* declared = kind_of(type);
  uint32_t number = declared != nullptr ? declared->number : 0;
  if ((present >> number & 1U) == 0 && present != 0) number = static_cast<uint32_t>(std::countr_zero(present));
  const bool is_reference = !ref_attr_name.empty() && present == 0;
  Attribute::Payload payload;
  if (number != 0 && !is_reference) payload = read_payload(source, number, owner, depth);
  return {std::string(name), type, std::move(payload), std::string(ref_attr_name), source};
}

Attribute::Payload ModelReader::read_payload(std::string_view source, uint32_t number, Node* owner, int depth) {
  wire::Field last;  // of a scalar the last one counts
  wire::MergedMessage message;
  const auto read_last = [&] { for_each_field(source, number, [&](const wire::Field& field) { last = field; }); };
  const auto merge = [&] {
    for_each_field(source, number, [&](const wire::Field& field) { message.add(field.bytes); });
    return message.is_set();
  };
  const auto read_each = [&]<typename T>(std::vector<T> values, auto&& read_one) -> Attribute::Payload {
    for_each_field(source, number, [&](const wire::Field& field) { values.push_back(read_one(field.bytes)); });
    return {std::move(values)};
  };
  switch (number) {
    case kFloat:
      read_last();
      return last.as_float();
    case attribute_field::kInt:
      read_last();
      return last.as_int64();
    case kString:
      read_last();
      return std::string(last.bytes);
    case kFloats:
      return read_floats(source);
    case kInts:
      return read_ints(source);
    case kTensor:
      return merge() ? Attribute::Payload(read_tensor(keep(message), file_)) : Attribute::Payload();
    case kGraph:
      return merge() ? Attribute::Payload(read_subgraph(keep(message), owner, depth)) : Attribute::Payload();
    case kTypeProto:
      return merge() ? Attribute::Payload(read_type(message.view())) : Attribute::Payload();
    case kSparseTensor:
      if (!merge()) return {};
      return std::make_shared<const SparseTensor>(read_sparse_tensor(keep(message)));
    case kStrings:
      return read_each(std::vector<std::string>(), [](std::string_view bytes) { return std::string(bytes); });
    case kTensors:
      return read_each(std::vector<Tensor>(), [&](std::string_view bytes) { return read_tensor(bytes, file_); });
    case kGraphs:
      return read_each(std::vector<std::unique_ptr<Graph>>(),
                       [&](std::string_view bytes) { return read_subgraph(bytes, owner, depth); });
    case kTypeProtos:
      return read_each(std::vector<Type>(), [](std::string_view bytes) { return read_type(bytes); });
    case kSparseTensors:
      return read_each(std::vector<SparseTensor>(), [&](std::string_view bytes) { return read_sparse_tensor(bytes); });
    default:
      return {};
  }
}

std::unique_ptr<Graph> ModelReader::read_subgraph(std::string_view source, Node* owner, int depth) {
  auto graph = std::make_unique<Graph>(*model_, owner);
  read_graph(*graph, source, depth + 1);
  return graph;
}

SparseTensor ModelReader::read_sparse_tensor(std::string_view source) {
  SparseTensor sparse;
  wire::MergedMessage values;
  wire::MergedMessage indices;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    switch (field.tag) {
      case tag(sparse_tensor_field::kValues, kLength):
        values.add(field.bytes);
        break;
      case tag(sparse_tensor_field::kIndices, kLength):
        indices.add(field.bytes);
        break;
      case tag(sparse_tensor_field::kDims, kLength):
        wire::require_whole_varints(field.bytes);
        [[fallthrough]];
      case tag(sparse_tensor_field::kDims, kVarint):
        wire::for_each_varint(field, [&](uint64_t dim) { sparse.dims.push_back(static_cast<int64_t>(dim)); });
        break;
      default:
        break;
    }
  }
  if (values.is_set()) sparse.values = read_tensor(keep(values), file_);
  if (indices.is_set()) sparse.indices = read_tensor(keep(indices), file_);
  return sparse;
}

}  // namespace surgery
