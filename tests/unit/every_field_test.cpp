#ifdef HAVE_ONNX_PROTO

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "forms/form.h"
#include "io_support.h"
#include "surgery/model.h"

namespace surgery {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

/// Sets every field that onnx.proto has, repeated ones twice; of a oneof each member in turn. Messages that contain
/// themselves do so `depth` times.
class Filler {
 public:
  int num_fields = 0;

  void fill(Message& message, int depth) {
    const Reflection& r = *message.GetReflection();
    const auto& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (const auto* choice = field.real_containing_oneof()) {
        if (choice->field(turn_ % choice->field_count()) != &field) continue;
        ++turn_;
      }
      ++num_fields;
      for (int k = 0; k < (field.is_repeated() ? 2 : 1); ++k) set(message, r, field, depth);
    }
  }

 private:
  static bool is_recursive(const FieldDescriptor& field) {
    const std::string& name = field.message_type()->name();
    return name == "GraphProto" || name == "TypeProto" || name == "NodeProto" || name == "FunctionProto";
  }

  void set(Message& m, const Reflection& r, const FieldDescriptor& f, int depth) {
    const bool many = f.is_repeated();
    const int number = ++counter_ % 100;
    switch (f.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (is_recursive(f) && depth == 0) return;
        fill(*(many ? r.AddMessage(&m, &f) : r.MutableMessage(&m, &f)), is_recursive(f) ? depth - 1 : depth);
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        many ? r.AddString(&m, &f, f.name() + std::to_string(number))
             : r.SetString(&m, &f, f.name() + std::to_string(number));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        many ? r.AddInt32(&m, &f, number) : r.SetInt32(&m, &f, number);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        many ? r.AddInt64(&m, &f, -number) : r.SetInt64(&m, &f, -number);
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        many ? r.AddUInt64(&m, &f, UINT64_MAX) : r.SetUInt64(&m, &f, UINT64_MAX);
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        many ? r.AddFloat(&m, &f, 0.5F) : r.SetFloat(&m, &f, 0.5F);
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        many ? r.AddDouble(&m, &f, 0.25) : r.SetDouble(&m, &f, 0.25);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        r.SetEnum(&m, &f, f.enum_type()->value(number % f.enum_type()->value_count()));
        break;
      default:
        FAIL("onnx.proto has no other types");
    }
  }

  int counter_ = 0;
  int turn_ = 0;
};

onnx::ModelProto full_model() {
  onnx::ModelProto proto;
  Filler filler;
  filler.fill(proto, 4);
  CHECK(filler.num_fields > 3000);
  return proto;
}

std::string difference_of(const onnx::ModelProto& a, const onnx::ModelProto& b) {
  std::string difference;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  return differencer.Compare(a, b) ? std::string() : difference;
}

TEST_CASE("a model with every field of IR version 14 is written as it was read") {
  const std::string source = full_model().SerializeAsString();
  CHECK(save_bytes(*load_source(source).model) == source);
}

TEST_CASE("unknown fields anywhere are kept") {
  const std::string unknown = varint(900, 7) + bytes(901, "what?");
  const std::string node = bytes(4, "Neg") + unknown;
  const std::string tensor = varint(2, 1) + bytes(8, "w") + bytes(9, "") + varint(1, 0) + unknown;
  const std::string source = varint(1, 8) + unknown + bytes(7, bytes(1, node) + bytes(5, tensor) + unknown) + unknown;
  const LoadedModel loaded = load_source(source);
  CHECK(save_bytes(*loaded.model) == source);
  loaded.model->set_doc_string("d");
  CHECK(save_bytes(*loaded.model) == source + bytes(6, "d"));
}

TEST_CASE("with one thing changed, every other byte stays as it was") {
  onnx::ModelProto proto = full_model();
  const std::string source = proto.SerializeAsString();
  const LoadedModel loaded = load_source(source);
  const std::string old_field = bytes(6, proto.doc_string());
  const size_t at = source.find(old_field);
  REQUIRE(at != std::string::npos);
  loaded.model->set_doc_string("changed");
  CHECK(save_bytes(*loaded.model) == source.substr(0, at) + bytes(6, "changed") + source.substr(at + old_field.size()));
}

TEST_CASE("a changed node keeps documentation, metadata, devices and what else its neighbours have") {
  onnx::ModelProto proto = full_model();
  // What the writer puts into order, or what has one type for two declarations, is not what this is about.
  proto.mutable_graph()->clear_value_info();
  const LoadedModel loaded = load_source(proto.SerializeAsString());
  Node& node = *loaded.graph().first_node();
  loaded.graph().rename_node(node, "renamed");
  proto.mutable_graph()->mutable_node(0)->set_name("renamed");
  CHECK(difference_of(proto_of_bytes(save_bytes(*loaded.model)), proto) == "");
}

TEST_CASE("every field goes through the text format and JSON and comes back") {
  const std::string source = full_model().SerializeAsString();
  for (const Form form : {Form::kTextFormat, Form::kJson}) {
    const FormText printed = print_form(form, source);
    CHECK(printed.notes.empty());
    CHECK(encode_form(form, printed.text) == source);
  }
}

}  // namespace
}  // namespace surgery

#endif
