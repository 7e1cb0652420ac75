#include "forms/text_format.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "forms/float_text.h"
#include "forms/limits.h"
#include "onnx.pb.h"
#include "surgery/error.h"
#include "surgery/text.h"
#include "text/utf8.h"

namespace surgery {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void append_octal(std::string& out, unsigned char byte) {
  out += '\\';
  out += static_cast<char>('0' + (byte >> 6));
  out += static_cast<char>('0' + (byte >> 3 & 7));
  out += static_cast<char>('0' + (byte & 7));
}

/// In double quotes; of text that is to stay readable, valid UTF-8 is kept.
void append_quoted(std::string& out, std::string_view bytes, bool keep_utf8) {
  out += '"';
  while (!bytes.empty()) {
    const char c = bytes[0];
    size_t size = 1;
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '"' || c == '\'' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c >= ' ' && c < '\x7f') {
      out += c;
    } else if (const CodePoint point = decode_utf8(bytes);
               keep_utf8 && point.valid && static_cast<unsigned char>(c) >= 0x80) {
      size = point.size_bytes;
      out += bytes.substr(0, size);
    } else {
      append_octal(out, static_cast<unsigned char>(c));
    }
    bytes.remove_prefix(size);
  }
  out += '"';
}

class Printer {
 public:
  explicit Printer(std::string& out) : out_(out) {}

  void print(const Message& message) {
    const Reflection& reflection = *message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (!field->is_repeated()) {
        print_field(message, *field, -1);
        continue;
      }
      const int size = reflection.FieldSize(message, field);
      for (int i = 0; i < size; ++i) print_field(message, *field, i);
    }
  }

 private:
  void print_field(const Message& message, const FieldDescriptor& field, int index) {
    const Reflection& reflection = *message.GetReflection();
    out_.append(indent_, ' ');
    out_ += field.name();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      out_ += " {\n";
      indent_ += 2;
      print(index < 0 ? reflection.GetMessage(message, &field) : reflection.GetRepeatedMessage(message, &field, index));
      indent_ -= 2;
      out_.append(indent_, ' ');
      out_ += "}\n";
      return;
    }
    out_ += ": ";
    print_scalar(message, field, index);
    out_ += '\n';
  }

  void print_scalar(const Message& message, const FieldDescriptor& field, int index) {
    const Reflection& r = *message.GetReflection();
    const bool one = index < 0;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        out_ += std::to_string(one ? r.GetInt32(message, &field) : r.GetRepeatedInt32(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        out_ += std::to_string(one ? r.GetInt64(message, &field) : r.GetRepeatedInt64(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        out_ += std::to_string(one ? r.GetUInt64(message, &field) : r.GetRepeatedUInt64(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        append_repr(out_,
                    shortest_double_of(one ? r.GetFloat(message, &field) : r.GetRepeatedFloat(message, &field, index)));
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        append_repr(out_, one ? r.GetDouble(message, &field) : r.GetRepeatedDouble(message, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        out_ += (one ? r.GetEnum(message, &field) : r.GetRepeatedEnum(message, &field, index))->name();
        break;
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        append_quoted(out_,
                      one ? r.GetStringReference(message, &field, &scratch)
                          : r.GetRepeatedStringReference(message, &field, index, &scratch),
                      field.type() == FieldDescriptor::TYPE_STRING);
        break;
      }
      default:
        SURGERY_ASSERT(false, "onnx.proto has no other types");
    }
  }

  std::string& out_;
  size_t indent_ = 0;
};

/// Keeps the first error.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (text) return;
    text = "line " + std::to_string(line + 1) + ", column " + std::to_string(column + 1) + ": " + escape(message, 300);
    while (text->ends_with('.')) text->pop_back();
  }

  std::optional<std::string> text;
};

}  // namespace

std::string print_text_format(const onnx::ModelProto& model) {
  std::string out;
  Printer(out).print(model);
  return out;
}

void parse_text_format(std::string_view text, onnx::ModelProto& model) {
  if (text.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    throw Error(ErrorCode::kRead, "the text has more than 2 GiB");
  }
  // Counted ahead, since the parser has no place to stop at; brackets inside strings count as well.
  if (static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return c == '{' || c == '<'; })) >
      kMaxMessages) {
    throw Error(ErrorCode::kRead, "the model has more than " + std::to_string(kMaxMessages) + " messages");
  }
  google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  google::protobuf::TextFormat::Parser parser;
  FirstError error;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kMaxMessageDepth);
  parser.AllowPartialMessage(true);
  if (!parser.Parse(&stream, &model)) {
    throw Error(ErrorCode::kRead, error.text.value_or("not a model in protobuf's text format"));
  }
}

}  // namespace surgery
