#include "forms/syntax_elements.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include "io/tensor_fields.h"
#include "onnx.pb.h"
#include "surgery/data_type.h"
#include "surgery/error.h"
#include "surgery/tensor.h"
#include "surgery/text.h"

namespace surgery {
namespace {

template <typename T>
void append_number(std::string& out, T value) {
  std::array<char, 40> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), written.ptr);
}

template <typename T>
void append_real(std::string& out, T value) {
  if (std::isnan(value)) {
    out += std::signbit(value) ? "-nan" : "nan";
  } else {
    append_number(out, value);
  }
}

template <typename Entries>
void append_list(std::string& out, const Entries& entries) {
  out += " {";
  bool is_first = true;
  for (const auto entry : entries) {
    if (!is_first) out += ',';
    is_first = false;
    append_syntax_number(out, entry);
  }
  out += '}';
}

/// The elements of raw_data as `Stored`, written as `Entry`.
template <typename Stored, typename Entry>
void append_raw(std::string& out, std::string_view raw) {
  if (raw.size() % sizeof(Stored) != 0) {
    throw Error(ErrorCode::kRead, "raw_data has " + std::to_string(raw.size()) + " bytes, expected a multiple of " +
                                      std::to_string(sizeof(Stored)));
  }
  out += " {";
  for (size_t i = 0; i < raw.size(); i += sizeof(Stored)) {
    Stored stored;
    std::memcpy(&stored, raw.data() + i, sizeof stored);
    if (i > 0) out += ',';
    append_syntax_number(out, static_cast<Entry>(stored));
  }
  out += '}';
}

/// Elements of six bits, low bits first: in raw_data they are packed, in int32_data each has an entry.
void append_six_bits(std::string& out, std::string_view raw, size_t num_elements) {
  if (raw.size() != (num_elements * 6 + 7) / 8) {
    throw Error(ErrorCode::kRead, "raw_data has " + std::to_string(raw.size()) + " bytes, expected " +
                                      std::to_string((num_elements * 6 + 7) / 8));
  }
  out += " {";
  for (size_t i = 0; i < num_elements; ++i) {
    const size_t bit = i * 6;
    unsigned bits = static_cast<unsigned char>(raw[bit / 8]);
    if (bit / 8 + 1 < raw.size()) bits |= static_cast<unsigned>(static_cast<unsigned char>(raw[bit / 8 + 1])) << 8;
    if (i > 0) out += ',';
    append_syntax_number(out, static_cast<int32_t>(bits >> bit % 8 & 63));
  }
  out += '}';
}

void append_raw_elements(std::string& out, const onnx::TensorProto& tensor) {
  const std::string_view raw = tensor.raw_data();
  switch (static_cast<DataType>(tensor.data_type())) {
    case DataType::kInt8:
      return append_raw<int8_t, int32_t>(out, raw);
    case DataType::kInt16:
      return append_raw<int16_t, int32_t>(out, raw);
    case DataType::kUint16:
    case DataType::kFloat16:
    case DataType::kBfloat16:
      return append_raw<uint16_t, int32_t>(out, raw);
    case DataType::kInt32:
      return append_raw<int32_t, int32_t>(out, raw);
    case DataType::kUint32:
      return append_raw<uint32_t, uint64_t>(out, raw);
    case DataType::kInt64:
      return append_raw<int64_t, int64_t>(out, raw);
    case DataType::kUint64:
      return append_raw<uint64_t, uint64_t>(out, raw);
    case DataType::kFloat:
    case DataType::kComplex64:
      return append_raw<float, float>(out, raw);
    case DataType::kDouble:
    case DataType::kComplex128:
      return append_raw<double, double>(out, raw);
    case DataType::kFloat6E2M3:
    case DataType::kFloat6E3M2: {
      const std::optional<int64_t> count =
          checked_product({tensor.dims().data(), static_cast<size_t>(tensor.dims_size())});
      // More elements than bits cannot be right, and their size might overflow.
      if (!count || static_cast<size_t>(*count) > raw.size() * 8) {
        throw Error(ErrorCode::kRead, "raw_data has " + std::to_string(raw.size()) + " bytes, too few for its dims");
      }
      return append_six_bits(out, raw, static_cast<size_t>(*count));
    }
    case DataType::kString:
      throw Error(ErrorCode::kRead, "strings cannot be in raw_data");
    default:  // 8 bits, or several elements to a byte: an entry per byte
      return append_raw<uint8_t, int32_t>(out, raw);
  }
}

void append_strings(std::string& out, const onnx::TensorProto& tensor) {
  out += '{';
  for (int i = 0; i < tensor.string_data_size(); ++i) {
    if (i > 0) out += ", ";
    append_syntax_string(out, tensor.string_data(i));
  }
  out += '}';
}

}  // namespace

void append_syntax_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void append_syntax_number(std::string& out, int64_t value) { append_number(out, value); }
void append_syntax_number(std::string& out, uint64_t value) { append_number(out, value); }
void append_syntax_number(std::string& out, int32_t value) { append_number(out, value); }
void append_syntax_number(std::string& out, float value) { append_real(out, value); }
void append_syntax_number(std::string& out, double value) { append_real(out, value); }

void append_syntax_elements(std::string& out, const onnx::TensorProto& tensor) {
  try {
    const bool is_typed = tensor.int32_data_size() + tensor.int64_data_size() + tensor.uint64_data_size() +
                              tensor.float_data_size() + tensor.double_data_size() + tensor.string_data_size() >
                          0;
    if (tensor.has_raw_data() && !(tensor.raw_data().empty() && is_typed)) return append_raw_elements(out, tensor);
    switch (typed_field_of(static_cast<DataType>(tensor.data_type()))) {
      case tensor_field::kFloatData:
        return append_list(out, tensor.float_data());
      case tensor_field::kDoubleData:
        return append_list(out, tensor.double_data());
      case tensor_field::kInt64Data:
        return append_list(out, tensor.int64_data());
      case tensor_field::kUint64Data:
        return append_list(out, tensor.uint64_data());
      case tensor_field::kStringData:
        return append_strings(out, tensor);
      case tensor_field::kInt32Data:
        return append_list(out, tensor.int32_data());
      default:
        throw Error(ErrorCode::kRead, "data_type " + std::to_string(tensor.data_type()) + " is no element type");
    }
  } catch (const Error& error) {
    throw error.within(tensor_label(tensor.name()));
  }
}

}  // namespace surgery
