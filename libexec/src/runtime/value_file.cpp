#include "exec/value_file.h"

#include <algorithm>
#include <optional>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <utility>

#include "exec/batched_run.h"
#include "surgery/error.h"
#include "surgery/tensor_proto.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::DataType;
using surgery::Error;
using surgery::ErrorCode;
using surgery::TensorFile;
using surgery::Type;

/// Nesting that protobuf itself allows.
constexpr int kMaxDepth = 100;

/// SequenceProto.DataType and OptionalProto.DataType.
enum Kind : int32_t { kUndefined = 0, kTensor = 1, kSparseTensor = 2, kSequence = 3, kMap = 4, kOptional = 5 };

/// Field numbers of SequenceProto; OptionalProto has the same.
namespace sequence_field {
constexpr protozero::pbf_tag_type kName = 1;
constexpr protozero::pbf_tag_type kKind = 2;
constexpr protozero::pbf_tag_type kTensor = 3;
constexpr protozero::pbf_tag_type kSparseTensor = 4;
constexpr protozero::pbf_tag_type kSequence = 5;
constexpr protozero::pbf_tag_type kMap = 6;
constexpr protozero::pbf_tag_type kOptional = 7;
}  // namespace sequence_field

namespace map_field {
constexpr protozero::pbf_tag_type kName = 1;
constexpr protozero::pbf_tag_type kKeyType = 2;
constexpr protozero::pbf_tag_type kKeys = 3;
constexpr protozero::pbf_tag_type kStringKeys = 4;
constexpr protozero::pbf_tag_type kValues = 5;
}  // namespace map_field

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorCode::kRead, message); }

std::string_view bytes_of(protozero::pbf_reader& reader) {
  const protozero::data_view view = reader.get_view();
  return {view.data(), view.size()};
}

/// Reads messages of one file.
class Reader {
 public:
  explicit Reader(const TensorFile& file) : file_(file) {}

  Datum read(std::string_view message, const Type& type, int depth) {
    if (depth > kMaxDepth) fail("values are nested over " + std::to_string(kMaxDepth) + " deep");
    switch (type.kind) {
      case Type::Kind::kSequence:
        return Datum(read_sequence(message, type.inner ? *type.inner : Type(), depth));
      case Type::Kind::kMap:
        return Datum(read_map(message, depth));
      case Type::Kind::kOptional:
        return read_optional(message, type.inner ? *type.inner : Type(), depth);
      case Type::Kind::kSparseTensor:
        throw Error(ErrorCode::kUnsupported, "sparse tensors as values");
      default:
        return file_.read(message);
    }
  }

 private:
  /// The element that a field of SequenceProto or OptionalProto holds; nothing for its other fields. Where the type is
  /// not known, the field says what it is.
  std::optional<Datum> read_element(protozero::pbf_reader& reader, const Type& type, int depth) {
    const auto expect = [&](Type::Kind kind, const Type& otherwise) {
      if (type.is_known() && type.kind != kind && type.kind != Type::Kind::kOptional) {
        fail("an element is " + to_string(otherwise) + ", expected " + to_string(type));
      }
      return type.kind == kind ? type : otherwise;
    };
    switch (reader.tag()) {
      case sequence_field::kTensor:
        expect(Type::Kind::kTensor, Type::tensor(DataType::kUndefined));
        return file_.read(bytes_of(reader));
      case sequence_field::kSparseTensor:
        throw Error(ErrorCode::kUnsupported, "sparse tensors as values");
      case sequence_field::kSequence:
        return read(bytes_of(reader), expect(Type::Kind::kSequence, Type::sequence({})), depth + 1);
      case sequence_field::kMap:
        return read(bytes_of(reader), expect(Type::Kind::kMap, Type::map(DataType::kUndefined, {})), depth + 1);
      case sequence_field::kOptional:
        return read(bytes_of(reader), expect(Type::Kind::kOptional, Type::optional({})), depth + 1);
      default:
        reader.skip();
        return std::nullopt;
    }
  }

  Sequence read_sequence(std::string_view message, const Type& element, int depth) {
    Sequence sequence{without_shape(element), {}};
    protozero::pbf_reader reader(message.data(), message.size());
    while (reader.next()) {
      if (std::optional<Datum> value = read_element(reader, element, depth)) {
        sequence.elements.push_back(*std::move(value));
      }
    }
    if (!sequence.element_type.is_known() && !sequence.elements.empty()) {
      sequence.element_type = without_shape(sequence.elements.front().type());
    }
    return sequence;
  }

  Datum read_optional(std::string_view message, const Type& element, int depth) {
    protozero::pbf_reader reader(message.data(), message.size());
    int32_t kind = kUndefined;
    std::optional<Datum> value;
    while (reader.next()) {
      if (reader.tag() == sequence_field::kKind && reader.wire_type() == protozero::pbf_wire_type::varint) {
        kind = reader.get_int32();
      } else if (std::optional<Datum> found = read_element(reader, element, depth)) {
        value = std::move(found);
      }
    }
    if (value) return *std::move(value);
    if (kind != kUndefined) fail("an optional says that it holds a value and has none");
    return Datum::nothing(element);
  }

  Map read_map(std::string_view message, int depth) {
    protozero::pbf_reader reader(message.data(), message.size());
    std::vector<int64_t> numbers;
    std::vector<std::string> strings;
    Sequence values;
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case protozero::tag_and_type(map_field::kKeys, protozero::pbf_wire_type::length_delimited):
          for (const int64_t key : reader.get_packed_int64()) numbers.push_back(key);
          break;
        case protozero::tag_and_type(map_field::kKeys, protozero::pbf_wire_type::varint):
          numbers.push_back(reader.get_int64());
          break;
        case protozero::tag_and_type(map_field::kStringKeys, protozero::pbf_wire_type::length_delimited):
          strings.emplace_back(bytes_of(reader));
          break;
        case protozero::tag_and_type(map_field::kValues, protozero::pbf_wire_type::length_delimited):
          values = read_sequence(bytes_of(reader), {}, depth + 1);
          break;
        default:
          reader.skip();
      }
    }
    const auto num_strings = static_cast<int64_t>(strings.size());
    const Tensor keys =
        num_strings == 0 ? Tensor::vector(numbers) : Tensor::from_strings({num_strings}, std::move(strings));
    return make_map(keys, stack_scalars(values));
  }

  static Tensor stack_scalars(const Sequence& values) {
    if (values.elements.empty()) return Tensor::zeros(DataType::kFloat, {0});
    const Tensor first = values.elements.front().tensor_if();
    const auto is_scalar = [&](const Datum& value) {
      return value.is_tensor() && value.tensor().num_elements() == 1 && value.tensor().type() == first.type();
    };
    for (const Datum& value : values.elements) {
      if (!is_scalar(value)) {
        throw Error(ErrorCode::kUnsupported,
                    "a map with a value " + to_string(value.type()) + "; values have to be scalars of one type");
      }
    }
    const auto count = static_cast<int64_t>(values.elements.size());
    if (first.type() == DataType::kString) {
      std::vector<std::string> strings;
      for (const Datum& value : values.elements) strings.push_back(value.tensor().strings()[0]);
      return Tensor::from_strings({count}, std::move(strings));
    }
    Tensor result = Tensor::zeros(first.type(), {count});
    size_t at = 0;
    for (const Datum& value : values.elements) {
      const std::span<const std::byte> bytes = value.tensor().bytes();
      std::copy(bytes.begin(), bytes.end(), result.mutable_bytes().begin() + static_cast<std::ptrdiff_t>(at));
      at += bytes.size();
    }
    return result;
  }

  const TensorFile& file_;
};

Kind kind_of(const Type& type) {
  switch (type.kind) {
    case Type::Kind::kTensor:
      return kTensor;
    case Type::Kind::kSequence:
      return kSequence;
    case Type::Kind::kMap:
      return kMap;
    case Type::Kind::kOptional:
      return kOptional;
    default:
      return kUndefined;
  }
}

std::string encode(const Datum& value, const Type& declared, std::string_view name);

void append_element(protozero::pbf_writer& writer, const Datum& value, const Type& type) {
  const Kind kind = value.is_nothing() ? kUndefined : kind_of(type);
  if (kind == kUndefined) return;
  constexpr protozero::pbf_tag_type kFields[] = {0,
                                                 sequence_field::kTensor,
                                                 sequence_field::kSparseTensor,
                                                 sequence_field::kSequence,
                                                 sequence_field::kMap,
                                                 sequence_field::kOptional};
  writer.add_message(kFields[kind], encode(value, type, {}));
}

std::string encode_map(const Map& map, std::string_view name) {
  std::string out;
  protozero::pbf_writer writer(out);
  if (!name.empty()) writer.add_string(map_field::kName, name.data(), name.size());
  writer.add_int32(map_field::kKeyType, static_cast<int32_t>(map.keys.type()));
  if (map.keys.type() == DataType::kString) {
    for (const std::string& key : map.keys.strings()) writer.add_string(map_field::kStringKeys, key);
  } else {
    const std::vector<int64_t> keys = map.keys.to_int64s(INT64_MAX).value();
    writer.add_packed_int64(map_field::kKeys, keys.begin(), keys.end());
  }
  Sequence values{Type::tensor(map.values.type()), {}};
  for (int64_t i = 0; i < map.values.num_elements(); ++i)
    values.elements.emplace_back(take_rows(map.values, i, 1).reshaped({}));
  writer.add_message(map_field::kValues, encode(Datum(std::move(values)), {}, {}));
  return out;
}

std::string encode(const Datum& value, const Type& declared, std::string_view name) {
  const Type type = declared.is_known() ? declared : value.type();
  if (value.is_tensor() && type.kind != Type::Kind::kOptional) return encode_tensor_proto(value.tensor(), name);
  if (value.is_map() && type.kind != Type::Kind::kOptional) return encode_map(value.map(), name);
  std::string out;
  protozero::pbf_writer writer(out);
  if (!name.empty()) writer.add_string(sequence_field::kName, name.data(), name.size());
  if (type.kind == Type::Kind::kOptional || value.is_nothing()) {
    const Type inner = value.is_nothing() ? Type() : value.type();
    writer.add_int32(sequence_field::kKind, kind_of(inner));
    append_element(writer, value, inner);
    return out;
  }
  const Sequence& sequence = value.sequence();
  const Type element = type.inner && type.inner->is_known() ? *type.inner : sequence.element_type;
  writer.add_int32(sequence_field::kKind, kind_of(element));
  for (const Datum& each : sequence.elements) append_element(writer, each, element);
  return out;
}

}  // namespace

Datum load_value_proto(const std::filesystem::path& path, const Type& type) {
  const TensorFile file(path);
  try {
    return Reader(file).read(file.bytes(), type, 0);
  } catch (const Error& error) {
    throw error.within(surgery::escape(path.native()));
  } catch (const protozero::exception& error) {
    fail(surgery::escape(path.native()) + ": malformed protobuf: " + error.what());
  }
}

std::string encode_value_proto(const Datum& value, const Type& type, std::string_view name) {
  return encode(value, type, name);
}

}  // namespace exec
