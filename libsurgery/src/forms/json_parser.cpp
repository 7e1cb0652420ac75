#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include <google/protobuf/message.h>

#include "forms/base64.h"
#include "forms/json_format.h"
#include "forms/limits.h"
#include "onnx.pb.h"
#include "surgery/error.h"
#include "surgery/text.h"

namespace surgery {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

template <typename T>
std::optional<T> whole_number(std::string_view text) {
  T value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

/// A number with a fraction or an exponent that is whole all the same: 1.0, 1e3.
template <typename T>
std::optional<T> whole_number(double value) {
  if (value != std::floor(value) || !(std::fabs(value) <= 9007199254740992.0)) return std::nullopt;
  if (value < static_cast<double>(std::numeric_limits<T>::min())) return std::nullopt;
  if (value > static_cast<double>(std::numeric_limits<T>::max())) return std::nullopt;
  return static_cast<T>(value);
}

std::optional<double> real_number(const std::string& text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return parse_double(text);
}

/// Fills a message while nlohmann's parser calls out what it reads, so that no tree of the whole text is ever built.
/// A false from a callback would end the parse as well; here everything wrong is thrown.
class Filler final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Filler(Message& root) : root_(root) {}

  bool null() override {
    if (is_in_list()) refuse("null is no value of a list");
    return end_value();
  }
  bool boolean(bool /*value*/) override { return refuse("expected " + expected() + ", found a truth value"); }
  bool number_integer(number_integer_t value) override {
    return number(std::to_string(value), static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return number(std::to_string(value), static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return number({}, value); }
  bool binary(binary_t& /*value*/) override { return refuse("expected " + expected()); }

  bool string(string_t& value) override {
    require_place();
    const FieldDescriptor& field = *top().field;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        if (field.type() == FieldDescriptor::TYPE_STRING) {
          set_string(std::move(value));
          break;
        }
        std::optional<std::string> bytes = decode_base64(value);
        if (!bytes) refuse("expected base64, found " + quote(value));
        set_string(std::move(*bytes));
        break;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const EnumValueDescriptor* const found = field.enum_type()->FindValueByName(value);
        if (found == nullptr) refuse(quote(value) + " is no " + field.enum_type()->name());
        set_enum(*found);
        break;
      }
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_DOUBLE: {
        const std::optional<double> real = real_number(value);
        if (!real) refuse("expected " + expected() + ", found " + quote(value));
        set_real(*real);
        break;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        refuse("expected an object, found a string");
        break;
      default:
        set_whole(value, std::nullopt);
        break;
    }
    return end_value();
  }

  bool start_object(size_t /*count*/) override {
    if (frames_.empty()) {
      frames_.push_back({&root_});
      return true;
    }
    require_place();
    const Frame& frame = top();
    if (frame.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
      refuse("expected " + expected() + ", found an object");
    if (frames_.size() >= static_cast<size_t>(kMaxMessageDepth)) {
      refuse("messages are nested deeper than " + std::to_string(kMaxMessageDepth));
    }
    if (++num_messages_ > kMaxMessages) refuse("the model has more than " + std::to_string(kMaxMessages) + " messages");
    const Reflection& reflection = *frame.message->GetReflection();
    Message* const inner = frame.in_list ? reflection.AddMessage(frame.message, frame.field)
                                         : reflection.MutableMessage(frame.message, frame.field);
    frames_.push_back({inner});
    return true;
  }
  bool key(string_t& name) override {
    Frame& frame = top();
    const Descriptor& type = *frame.message->GetDescriptor();
    const FieldDescriptor* field = type.FindFieldByName(name);
    if (field == nullptr) field = type.FindFieldByCamelcaseName(name);
    if (field == nullptr) refuse("there is no field " + quote(name) + " in " + type.name());
    const Reflection& reflection = *frame.message->GetReflection();
    const bool is_set = field->is_repeated() ? reflection.FieldSize(*frame.message, field) > 0
                                             : reflection.HasField(*frame.message, field);
    if (is_set) refuse("the field " + quote(name) + " is there twice");
    const auto* const choice = field->real_containing_oneof();
    if (choice != nullptr && reflection.HasOneof(*frame.message, choice)) {
      refuse("only one of the fields of " + choice->name() + " can be there, " + quote(name) + " is the second");
    }
    frame.field = field;
    return true;
  }
  bool end_object() override {
    frames_.pop_back();
    return frames_.empty() || end_value();
  }

  bool start_array(size_t /*count*/) override {
    if (frames_.empty()) throw Error(ErrorCode::kRead, "expected an object that is a model, found a list");
    if (top().in_list || !top().field->is_repeated()) refuse("expected " + expected() + ", found a list");
    top().in_list = true;
    return true;
  }
  bool end_array() override {
    top().in_list = false;
    return end_value();
  }

  bool parse_error(size_t position, const std::string& /*token*/, const nlohmann::detail::exception& error) override {
    std::string what = error.what();
    if (const size_t start = what.find("syntax error"); start != std::string::npos) what = what.substr(start);
    throw Error(ErrorCode::kRead, "at byte " + std::to_string(position) + ": " + escape(what, 300));
  }

 private:
  struct Frame {
    Message* message;
    const FieldDescriptor* field = nullptr;  // whose value comes next
    bool in_list = false;
  };

  Frame& top() { return frames_.back(); }
  bool is_in_list() const { return !frames_.empty() && frames_.back().in_list; }

  void require_place() {
    if (frames_.empty()) throw Error(ErrorCode::kRead, "expected an object that is a model");
    if (top().field->is_repeated() && !top().in_list) refuse("expected a list");
  }

  bool end_value() {
    if (frames_.empty()) throw Error(ErrorCode::kRead, "expected an object that is a model");
    if (!top().in_list) top().field = nullptr;
    return true;
  }

  std::string expected() const {
    if (frames_.empty()) return "an object";
    const FieldDescriptor& field = *frames_.back().field;
    if (field.is_repeated() && !frames_.back().in_list) return "a list";
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return "an object";
      case FieldDescriptor::CPPTYPE_STRING:
        return "a string";
      case FieldDescriptor::CPPTYPE_ENUM:
        return "a " + field.enum_type()->name();
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return "a number";
      default:
        return "a whole number";
    }
  }

  /// "graph.node[3].op_type"
  std::string path() const {
    std::string text;
    for (const Frame& frame : frames_) {
      if (frame.field == nullptr) continue;
      if (!text.empty()) text += '.';
      text += frame.field->name();
      if (!frame.in_list) continue;
      int index = frame.message->GetReflection()->FieldSize(*frame.message, frame.field);
      if (&frame != &frames_.back()) --index;  // what is being filled has been added
      text += '[' + std::to_string(index) + ']';
    }
    return text;
  }

  [[noreturn]] bool refuse(const std::string& what) const {
    const std::string place = path();
    throw Error(ErrorCode::kRead, place.empty() ? what : place + ": " + what);
  }

  bool number(const std::string& whole, double value) {
    require_place();
    const FieldDescriptor& field = *top().field;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
      case FieldDescriptor::CPPTYPE_STRING:
        refuse("expected " + expected() + ", found a number");
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_DOUBLE:
        set_real(value);
        break;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const std::optional<int> index = whole.empty() ? std::nullopt : whole_number<int>(whole);
        const EnumValueDescriptor* const found = index ? field.enum_type()->FindValueByNumber(*index) : nullptr;
        if (found == nullptr) refuse("the number is no " + field.enum_type()->name());
        set_enum(*found);
        break;
      }
      default:
        set_whole(whole, whole.empty() ? std::optional(value) : std::nullopt);
        break;
    }
    return end_value();
  }

  template <typename T>
  T whole_or_refuse(const std::string& text, std::optional<double> value) {
    const std::optional<T> number = value ? whole_number<T>(*value) : whole_number<T>(text);
    if (!number) {
      refuse("expected a whole number of " + std::to_string(8 * sizeof(T)) + " bits" +
             (value ? ", found " + std::to_string(*value) : ", found " + quote(text)));
    }
    return *number;
  }

  void set_whole(const std::string& text, std::optional<double> value) {
    const Frame& f = top();
    const Reflection& r = *f.message->GetReflection();
    switch (f.field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32: {
        const auto number = whole_or_refuse<int32_t>(text, value);
        f.in_list ? r.AddInt32(f.message, f.field, number) : r.SetInt32(f.message, f.field, number);
        break;
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        const auto number = whole_or_refuse<int64_t>(text, value);
        f.in_list ? r.AddInt64(f.message, f.field, number) : r.SetInt64(f.message, f.field, number);
        break;
      }
      case FieldDescriptor::CPPTYPE_UINT64: {
        const auto number = whole_or_refuse<uint64_t>(text, value);
        f.in_list ? r.AddUInt64(f.message, f.field, number) : r.SetUInt64(f.message, f.field, number);
        break;
      }
      default:
        SURGERY_ASSERT(false, "onnx.proto has no other types");
    }
  }

  void set_real(double value) {
    const Frame& f = top();
    const Reflection& r = *f.message->GetReflection();
    if (f.field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
      f.in_list ? r.AddDouble(f.message, f.field, value) : r.SetDouble(f.message, f.field, value);
      return;
    }
    constexpr double kLargest = 3.4028235677973366e38;  // half a step over the largest float
    if (std::isfinite(value) && std::fabs(value) >= kLargest) refuse("the number is too large for a float");
    const auto number = static_cast<float>(value);
    f.in_list ? r.AddFloat(f.message, f.field, number) : r.SetFloat(f.message, f.field, number);
  }

  void set_string(std::string value) {
    const Frame& f = top();
    const Reflection& r = *f.message->GetReflection();
    f.in_list ? r.AddString(f.message, f.field, std::move(value)) : r.SetString(f.message, f.field, std::move(value));
  }

  void set_enum(const EnumValueDescriptor& value) {
    const Frame& f = top();
    const Reflection& r = *f.message->GetReflection();
    f.in_list ? r.AddEnum(f.message, f.field, &value) : r.SetEnum(f.message, f.field, &value);
  }

  Message& root_;
  std::vector<Frame> frames_;
  size_t num_messages_ = 0;
};

}  // namespace

void parse_json(std::string_view text, onnx::ModelProto& model) {
  Filler filler(model);
  nlohmann::json::sax_parse(text, &filler);
}

}  // namespace surgery
