#include "mutate_model.h"

#include <google/protobuf/message.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "onnx.pb.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace surgery::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int64_t kIntegers[] = {0,  1,  -1,  2,   3,       4,         7,         8,         13,
                                 16, 21, 127, 255, 1 << 16, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
constexpr float kReals[] = {0.0F, 1.0F, -1.0F, 0.5F, 1e30F, 1e-40F};

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  void mutate(Message& root) {
    std::vector<Message*> messages;
    collect(root, messages, 0);
    for (int attempt = 0; attempt < 10; ++attempt) {
      if (change(*messages[below(messages.size())], messages)) return;
    }
  }

 private:
  size_t below(size_t limit) { return random_() % limit; }

  void collect(Message& message, std::vector<Message*>& found, int depth) {
    constexpr int kMaxDepth = 60;
    found.push_back(&message);
    if (depth == kMaxDepth) return;
    const Reflection& reflection = *message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
      if (!field->is_repeated()) {
        collect(*reflection.MutableMessage(&message, field), found, depth + 1);
        continue;
      }
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        collect(*reflection.MutableRepeatedMessage(&message, field, i), found, depth + 1);
      }
    }
  }

  bool change(Message& message, const std::vector<Message*>& all) {
    const auto& type = *message.GetDescriptor();
    if (type.field_count() == 0) return false;
    const FieldDescriptor& field = *type.field(static_cast<int>(below(static_cast<size_t>(type.field_count()))));
    const Reflection& r = *message.GetReflection();
    if (field.is_repeated()) {
      const int size = r.FieldSize(message, &field);
      const auto any = [&] { return static_cast<int>(below(static_cast<size_t>(size))); };
      switch (size == 0 ? 3 : below(5)) {
        case 0:
          r.RemoveLast(&message, &field);
          return true;
        case 1:
          r.SwapElements(&message, &field, any(), any());
          return true;
        case 2:
          if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) break;
          r.AddMessage(&message, &field)->CopyFrom(r.GetRepeatedMessage(message, &field, any()));
          return true;
        default:
          break;
      }
      return set(message, field);
    }
    if (below(4) == 0 && r.HasField(message, &field)) {
      r.ClearField(&message, &field);
      return true;
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      for (int attempt = 0; attempt < 8; ++attempt) {  // that of another message of the same type
        const Message& other = *all[below(all.size())];
        if (&other == &message || other.GetDescriptor() != field.message_type()) continue;
        const std::string copy = other.SerializePartialAsString();
        return r.MutableMessage(&message, &field)->ParsePartialFromString(copy);
      }
      r.MutableMessage(&message, &field);
      return true;
    }
    return set(message, field);
  }

  std::string any_text(const std::string& old) {
    if (!old.empty() && below(3) != 0) {
      std::string text = old;
      text[below(text.size())] = static_cast<char>(random_());
      return text;
    }
    constexpr const char* kTexts[] = {"",     "x",  "y",     "w",      "g",          "Add",  "Reshape",
                                      "Loop", "If", "Shape", "Concat", "ai.onnx.ml", "\xff", "axis"};
    return kTexts[below(std::size(kTexts))];
  }

  double any_real() { return kReals[below(std::size(kReals))]; }

  /// Sets a field that is there once to another value, or appends one to a repeated field.
  bool set(Message& m, const FieldDescriptor& field) {
    const Reflection& r = *m.GetReflection();
    const bool repeated = field.is_repeated();
    const int64_t whole = kIntegers[below(std::size(kIntegers))];
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        repeated ? r.AddInt32(&m, &field, static_cast<int32_t>(whole))
                 : r.SetInt32(&m, &field, static_cast<int32_t>(whole));
        return true;
      case FieldDescriptor::CPPTYPE_INT64:
        repeated ? r.AddInt64(&m, &field, whole) : r.SetInt64(&m, &field, whole);
        return true;
      case FieldDescriptor::CPPTYPE_UINT64:
        repeated ? r.AddUInt64(&m, &field, static_cast<uint64_t>(whole))
                 : r.SetUInt64(&m, &field, static_cast<uint64_t>(whole));
        return true;
      case FieldDescriptor::CPPTYPE_FLOAT: {
        const auto real = static_cast<float>(any_real());
        repeated ? r.AddFloat(&m, &field, real) : r.SetFloat(&m, &field, real);
        return true;
      }
      case FieldDescriptor::CPPTYPE_DOUBLE:
        repeated ? r.AddDouble(&m, &field, any_real()) : r.SetDouble(&m, &field, any_real());
        return true;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int count = field.enum_type()->value_count();
        const auto* value = field.enum_type()->value(static_cast<int>(below(static_cast<size_t>(count))));
        repeated ? r.AddEnum(&m, &field, value) : r.SetEnum(&m, &field, value);
        return true;
      }
      case FieldDescriptor::CPPTYPE_STRING: {
        const int size = repeated ? r.FieldSize(m, &field) : 0;
        std::string old;
        if (!repeated) old = r.GetString(m, &field);
        if (size > 0) old = r.GetRepeatedString(m, &field, size - 1);
        repeated ? r.AddString(&m, &field, any_text(old)) : r.SetString(&m, &field, any_text(old));
        return true;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (!repeated) return false;
        r.AddMessage(&m, &field);
        return true;
      default:
        return false;
    }
  }

  std::minstd_rand random_;
};

}  // namespace

size_t mutate_model(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  onnx::ModelProto model;
  if (seed % 2 == 0 || !model.ParsePartialFromArray(data, static_cast<int>(size))) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  Mutator(seed).mutate(model);
  const std::string encoded = model.SerializePartialAsString();
  if (encoded.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, encoded.data(), encoded.size());
  return encoded.size();
}

}  // namespace surgery::fuzz
