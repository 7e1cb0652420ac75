#include <cmath>
#include <string_view>
#include <vector>

#include <google/protobuf/message.h>

#include "forms/base64.h"
#include "forms/float_text.h"
#include "forms/json_format.h"
#include "onnx.pb.h"
#include "surgery/error.h"
#include "surgery/text.h"
#include "text/utf8.h"

namespace surgery {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void append_escaped_unit(std::string& out, unsigned unit) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[unit >> shift & 15];
}

void append_string(std::string& out, std::string_view text, const FieldDescriptor& field) {
  out += '"';
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint point = decode_utf8(rest);
    if (!point.valid) {
      throw Error(ErrorCode::kUnsupported,
                  field.full_name() + " " + quote(text) + " is no valid UTF-8, which JSON cannot hold");
    }
    rest.remove_prefix(point.size_bytes);
    const auto value = static_cast<unsigned>(point.value);
    if (value == '"' || value == '\\') {
      out += '\\';
      out += static_cast<char>(value);
    } else if (value == '\n') {
      out += "\\n";
    } else if (value == '\r') {
      out += "\\r";
    } else if (value == '\t') {
      out += "\\t";
    } else if (value == '\f') {
      out += "\\f";
    } else if (value == '\b') {
      out += "\\b";
    } else if (value >= ' ' && value < 0x7f) {
      out += static_cast<char>(value);
    } else if (value < 0x10000) {
      append_escaped_unit(out, value);
    } else {
      append_escaped_unit(out, 0xd800 + ((value - 0x10000) >> 10));
      append_escaped_unit(out, 0xdc00 + ((value - 0x10000) & 0x3ff));
    }
  }
  out += '"';
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "\"NaN\"";
  } else if (std::isinf(value)) {
    out += value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
  } else {
    append_repr(out, value);
  }
}

class Printer {
 public:
  explicit Printer(std::string& out) : out_(out) {}

  void print(const Message& message) {
    const Reflection& reflection = *message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    if (fields.empty()) {
      out_ += "{}";
      return;
    }
    out_ += '{';
    ++depth_;
    for (const FieldDescriptor* field : fields) {
      begin_line(field != fields.front());
      out_ += '"' + field->name() + "\": ";
      if (field->is_repeated()) {
        print_list(message, *field);
      } else {
        print_value(message, *field, -1);
      }
    }
    --depth_;
    begin_line(false);
    out_ += '}';
  }

 private:
  void begin_line(bool after_another) {
    if (after_another) out_ += ',';
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  void print_list(const Message& message, const FieldDescriptor& field) {
    const int size = message.GetReflection()->FieldSize(message, &field);
    out_ += '[';
    ++depth_;
    for (int i = 0; i < size; ++i) {
      begin_line(i > 0);
      print_value(message, field, i);
    }
    --depth_;
    begin_line(false);
    out_ += ']';
  }

  void print_value(const Message& message, const FieldDescriptor& field, int index) {
    const Reflection& r = *message.GetReflection();
    const bool one = index < 0;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        print(one ? r.GetMessage(message, &field) : r.GetRepeatedMessage(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        out_ += std::to_string(one ? r.GetInt32(message, &field) : r.GetRepeatedInt32(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        // As strings: numbers of JavaScript end at 53 bits.
        out_ +=
            '"' + std::to_string(one ? r.GetInt64(message, &field) : r.GetRepeatedInt64(message, &field, index)) + '"';
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        out_ += '"' + std::to_string(one ? r.GetUInt64(message, &field) : r.GetRepeatedUInt64(message, &field, index)) +
                '"';
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        append_number(
            out_, shortest_double_of(one ? r.GetFloat(message, &field) : r.GetRepeatedFloat(message, &field, index)));
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        append_number(out_, one ? r.GetDouble(message, &field) : r.GetRepeatedDouble(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        out_ += '"' + (one ? r.GetEnum(message, &field) : r.GetRepeatedEnum(message, &field, index))->name() + '"';
        break;
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string& text = one ? r.GetStringReference(message, &field, &scratch)
                                      : r.GetRepeatedStringReference(message, &field, index, &scratch);
        if (field.type() == FieldDescriptor::TYPE_STRING) {
          append_string(out_, text, field);
        } else {
          out_ += '"';
          append_base64(out_, text);
          out_ += '"';
        }
        break;
      }
      default:
        SURGERY_ASSERT(false, "onnx.proto has no other types");
    }
  }

  std::string& out_;
  size_t depth_ = 0;
};

}  // namespace

std::string print_json(const onnx::ModelProto& model) {
  std::string out;
  Printer(out).print(model);
  return out;
}

}  // namespace surgery
