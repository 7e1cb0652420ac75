#include "forms/left_out.h"

#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "onnx.pb.h"

namespace surgery {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

/// Fields that the grammar of the textual syntax has no words for and without which a model computes the same; the
/// printer refuses the rest.
constexpr std::array<std::string_view, 16> kNotInSyntax{
    "onnx.ModelProto.training_info",      "onnx.ModelProto.configuration",
    "onnx.GraphProto.doc_string",         "onnx.GraphProto.quantization_annotation",
    "onnx.GraphProto.metadata_props",     "onnx.NodeProto.doc_string",
    "onnx.NodeProto.metadata_props",      "onnx.NodeProto.device_configurations",
    "onnx.AttributeProto.doc_string",     "onnx.ValueInfoProto.doc_string",
    "onnx.ValueInfoProto.metadata_props", "onnx.TensorProto.doc_string",
    "onnx.TensorProto.metadata_props",    "onnx.FunctionProto.metadata_props",
    "onnx.TypeProto.denotation",          "onnx.TensorShapeProto.Dimension.denotation",
};

struct Counts {
  std::map<std::string, int> by_field;  // full name -> how many messages have it
  int unknown = 0;
};

void count(const Message& message, bool is_syntax, Counts& counts) {
  const Reflection& reflection = *message.GetReflection();
  counts.unknown += reflection.GetUnknownFields(message).field_count();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (is_syntax && std::find(kNotInSyntax.begin(), kNotInSyntax.end(), field->full_name()) != kNotInSyntax.end()) {
      ++counts.by_field[field->full_name()];
      continue;
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int size = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      count(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                 : reflection.GetMessage(message, field),
            is_syntax, counts);
    }
  }
}

}  // namespace

std::vector<std::string> sentences_about_left_out(Form form, const onnx::ModelProto& model) {
  std::vector<std::string> sentences;
  if (form == Form::kBinary) return sentences;
  Counts counts;
  count(model, form == Form::kSyntax, counts);
  for (const auto& [name, number] : counts.by_field) {
    constexpr size_t kPackage = sizeof("onnx.") - 1;
    sentences.push_back(name.substr(kPackage) + " was left out, " +
                        (number == 1 ? "once" : std::to_string(number) + " times") + ": " +
                        std::string(to_string(form)) + " has no place for it");
  }
  if (counts.unknown > 0) {
    sentences.push_back(std::to_string(counts.unknown) + (counts.unknown == 1 ? " field" : " fields") +
                        " that onnx.proto does not have: left out, since " + std::string(to_string(form)) +
                        " has names for known fields only");
  }
  return sentences;
}

}  // namespace surgery
