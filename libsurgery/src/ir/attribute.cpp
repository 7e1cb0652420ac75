#include "surgery/attribute.h"

#include <array>
#include <cstdio>

#include "surgery/graph.h"
#include "surgery/text.h"

namespace surgery {
namespace {

constexpr size_t kMaxShown = 60;

std::string number(float value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", static_cast<double>(value));
  return text.data();
}
std::string number(int64_t value) { return std::to_string(value); }
std::string number(const std::string& value) { return "'" + escape(value, 40) + "'"; }

template <typename T>
std::string list(const std::vector<T>& values) {
  std::string text = "[";
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += ", ";
    if (text.size() > kMaxShown) return text + "... " + std::to_string(values.size()) + " in all]";
    text += number(values[i]);
  }
  return text + "]";
}

std::string tensor_text(const Tensor& tensor) {
  std::string text(to_string(tensor.type()));
  text += '[';
  for (size_t i = 0; i < tensor.dims().size(); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(tensor.dims()[i]);
    if (text.size() > kMaxShown) return text + ", ...]";
  }
  text += ']';
  if (tensor.num_elements() > 8) return text;
  try {
    if (const auto values = tensor.to_int64s(8)) {
      text += " " + list(*values);
    } else if (const auto reals = tensor.to_doubles(8)) {
      text += " " + list(std::vector<float>(reals->begin(), reals->end()));
    }
  } catch (const Error&) {
    text += " (no data)";
  }
  return text;
}

}  // namespace

std::string_view to_string(AttributeType type) {
  constexpr std::array<std::string_view, 15> kNames{
      "undefined", "float",   "int",    "string",        "tensor",         "graph",      "floats",     "ints",
      "strings",   "tensors", "graphs", "sparse_tensor", "sparse_tensors", "type_proto", "type_protos"};
  const auto index = static_cast<size_t>(type);
  return index < kNames.size() ? kNames[index] : kNames[0];
}

Attribute::Attribute(std::string name, float value)
    : name_(std::move(name)), type_(AttributeType::kFloat), payload_(value) {}
Attribute::Attribute(std::string name, int64_t value)
    : name_(std::move(name)), type_(AttributeType::kInt), payload_(value) {}
Attribute::Attribute(std::string name, std::string value)
    : name_(std::move(name)), type_(AttributeType::kString), payload_(std::move(value)) {}
Attribute::Attribute(std::string name, Tensor value)
    : name_(std::move(name)), type_(AttributeType::kTensor), payload_(std::move(value)) {}
Attribute::Attribute(std::string name, std::vector<int64_t> values)
    : name_(std::move(name)), type_(AttributeType::kInts), payload_(std::move(values)) {}
Attribute::Attribute(std::string name, std::vector<float> values)
    : name_(std::move(name)), type_(AttributeType::kFloats), payload_(std::move(values)) {}
Attribute::Attribute(std::string name, std::vector<std::string> values)
    : name_(std::move(name)), type_(AttributeType::kStrings), payload_(std::move(values)) {}
Attribute::Attribute(std::string name, AttributeType type, Payload payload, std::string ref_attr_name,
                     std::string_view source)
    : name_(std::move(name)),
      type_(type),
      payload_(std::move(payload)),
      ref_attr_name_(std::move(ref_attr_name)),
      source_(source) {}
Attribute::~Attribute() = default;
Attribute::Attribute(Attribute&&) noexcept = default;
Attribute& Attribute::operator=(Attribute&&) noexcept = default;

std::span<const std::unique_ptr<Graph>> Attribute::graphs() const {
  if (const auto* one = get_if<std::unique_ptr<Graph>>()) return {one, 1};
  if (const auto* several = get_if<std::vector<std::unique_ptr<Graph>>>()) return *several;
  return {};
}

Attribute copy_of(const Attribute& attribute) {
  SURGERY_ASSERT(attribute.graphs().empty(), "an attribute with subgraphs cannot be copied");
  Attribute::Payload payload = std::visit(
      [](const auto& value) -> Attribute::Payload {
        if constexpr (std::is_copy_constructible_v<std::remove_cvref_t<decltype(value)>> &&
                      !std::is_same_v<std::remove_cvref_t<decltype(value)>, std::vector<std::unique_ptr<Graph>>>) {
          return value;
        } else {
          return {};
        }
      },
      attribute.payload());
  return {attribute.name(), attribute.type(), std::move(payload), attribute.ref_attr_name(), attribute.source()};
}

std::string to_string(const Attribute& attribute) {
  if (!attribute.ref_attr_name().empty()) return "@" + escape(attribute.ref_attr_name(), kMaxShown);
  return std::visit(
      [&](const auto& value) -> std::string {
        using T = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<T, float> || std::is_same_v<T, int64_t> || std::is_same_v<T, std::string>) {
          return number(value);
        } else if constexpr (std::is_same_v<T, std::vector<float>> || std::is_same_v<T, std::vector<int64_t>> ||
                             std::is_same_v<T, std::vector<std::string>>) {
          return list(value);
        } else if constexpr (std::is_same_v<T, Tensor>) {
          return tensor_text(value);
        } else if constexpr (std::is_same_v<T, Type>) {
          return to_string(value);
        } else if constexpr (std::is_same_v<T, std::unique_ptr<Graph>>) {
          return "graph of " + std::to_string(value->num_nodes()) + " nodes";
        } else {
          return std::string(to_string(attribute.type()));
        }
      },
      attribute.payload());
}

}  // namespace surgery
