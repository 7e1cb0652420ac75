#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace onnx {
class ModelProto;
}

namespace surgery {

/// The ways in which a model can be written down.
enum class Form {
  kBinary,      ///< the wire format
  kTextFormat,  ///< protobuf's text format
  kJson,        ///< protobuf's JSON format, with the names of the .proto file
  kSyntax,      ///< ONNX's textual syntax (docs/Syntax.md of ONNX)
};

/// By suffix, whatever its case: .textproto, .txtpb, .prototxt, .pbtxt and .onnxtxt are the text format, .json and
/// .onnxjson JSON, .onnx.txt and .onnxtext the textual syntax, all else binary.
Form form_of(const std::filesystem::path& path);

/// What the text itself is, for the two forms that are taken for one another (other tools write the syntax as
/// .onnxtxt): the syntax starts with '<' or with a graph's name and its inputs, the text format with a field.
Form recognise_text(Form by_suffix, std::string_view text);

/// "protobuf's text format", for messages.
std::string_view to_string(Form form);

/// The encoded ModelProto that a text in one of the other forms stands for. Throws Error(kRead) with line and column.
std::string encode_form(Form form, std::string_view text);

struct FormText {
  std::string text{};
  std::vector<std::string> notes{};  ///< what the form has no place for, in sentences
};

/// An encoded ModelProto in one of the other forms. Throws Error(kUnsupported) when the form cannot hold it.
FormText print_form(Form form, std::string_view encoded);

/// As protobuf parses it, with messages nested as deep as the reader allows. Throws Error(kRead).
void parse_binary(std::string_view encoded, onnx::ModelProto& model);

}  // namespace surgery
