#include "forms/form.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <array>
#include <limits>

#include "forms/json_format.h"
#include "forms/left_out.h"
#include "forms/limits.h"
#include "forms/syntax_parser.h"
#include "forms/syntax_printer.h"
#include "forms/text_format.h"
#include "onnx.pb.h"
#include "surgery/error.h"

namespace surgery {
namespace {

struct Suffix {
  std::string_view text;
  Form form;
};

constexpr std::array kSuffixes{
    Suffix{".onnx.txt", Form::kSyntax},      Suffix{".onnxtext", Form::kSyntax},
    Suffix{".textproto", Form::kTextFormat}, Suffix{".txtpb", Form::kTextFormat},
    Suffix{".prototxt", Form::kTextFormat},  Suffix{".pbtxt", Form::kTextFormat},
    Suffix{".onnxtxt", Form::kTextFormat},   Suffix{".json", Form::kJson},
    Suffix{".onnxjson", Form::kJson},
};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// `text` from its first character that is neither white space nor part of a comment.
std::string_view skip_blank(std::string_view text) {
  while (true) {
    const size_t start = text.find_first_not_of(" \t\r\n\v\f");
    if (start == std::string_view::npos) return {};
    text.remove_prefix(start);
    if (text[0] != '#') return text;
    text.remove_prefix(std::min(text.find('\n'), text.size()));
  }
}

}  // namespace

Form form_of(const std::filesystem::path& path) {
  std::string name = path.filename().native();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto* const found = std::find_if(kSuffixes.begin(), kSuffixes.end(),
                                         [&](const Suffix& suffix) { return name.ends_with(suffix.text); });
  return found == kSuffixes.end() ? Form::kBinary : found->form;
}

Form recognise_text(Form by_suffix, std::string_view text) {
  if (by_suffix != Form::kTextFormat && by_suffix != Form::kSyntax) return by_suffix;
  const std::string_view start = skip_blank(text);
  if (start.empty()) return by_suffix;
  if (start[0] == '<' || start[0] == '"') return Form::kSyntax;
  const auto* const name_end = std::find_if_not(start.begin(), start.end(), &is_name_character);
  const std::string_view after = skip_blank(start.substr(static_cast<size_t>(name_end - start.begin())));
  return after.starts_with('(') ? Form::kSyntax : Form::kTextFormat;
}

std::string_view to_string(Form form) {
  switch (form) {
    case Form::kBinary:
      return "the binary format";
    case Form::kTextFormat:
      return "protobuf's text format";
    case Form::kJson:
      return "protobuf's JSON format";
    case Form::kSyntax:
      return "ONNX's textual syntax";
  }
  return "";
}

void parse_binary(std::string_view encoded, onnx::ModelProto& model) {
  if (encoded.size() <= static_cast<size_t>(std::numeric_limits<int>::max())) {
    google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(encoded.data()),
                                                  static_cast<int>(encoded.size()));
    stream.SetRecursionLimit(kMaxMessageDepth);
    if (model.ParsePartialFromCodedStream(&stream) && stream.ConsumedEntireMessage()) return;
  }
  throw Error(ErrorCode::kRead, "malformed protobuf");
}

std::string encode_form(Form form, std::string_view text) {
  onnx::ModelProto model;
  switch (form) {
    case Form::kBinary:
      return std::string(text);
    case Form::kTextFormat:
      parse_text_format(text, model);
      break;
    case Form::kJson:
      parse_json(text, model);
      break;
    case Form::kSyntax:
      parse_syntax(text, model);
      break;
  }
  if (model.ByteSizeLong() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    throw Error(ErrorCode::kRead, "the model has more than 2 GiB, the limit that protobuf has");
  }
  return model.SerializePartialAsString();
}

FormText print_form(Form form, std::string_view encoded) {
  onnx::ModelProto model;
  parse_binary(encoded, model);
  FormText result;
  switch (form) {
    case Form::kBinary:
      result.text = encoded;
      break;
    case Form::kTextFormat:
      result.text = print_text_format(model);
      break;
    case Form::kJson:
      result.text = print_json(model);
      break;
    case Form::kSyntax:
      result.text = print_syntax(model);
      break;
  }
  result.notes = sentences_about_left_out(form, model);
  return result;
}

}  // namespace surgery
