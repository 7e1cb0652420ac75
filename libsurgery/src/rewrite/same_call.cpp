#include "rewrite/same_call.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>

namespace surgery {
namespace {

bool equal(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), identical);
}

/// Tells 0 from -0; a NaN equals itself.
bool equal(float a, float b) { return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b); }

/// Same kind and bits of payload. Kinds that are not compared count as different.
bool equal_payload(const Attribute& a, const Attribute& b) {
  if (const auto* number = a.get_if<float>()) return b.get_if<float>() && equal(*number, *b.get_if<float>());
  if (const auto* tensor = a.get_if<Tensor>()) return b.get_if<Tensor>() && identical(*tensor, *b.get_if<Tensor>());
  if (const auto* tensors = a.get_if<std::vector<Tensor>>()) {
    return b.get_if<std::vector<Tensor>>() && equal(*tensors, *b.get_if<std::vector<Tensor>>());
  }
  if (const auto* numbers = a.get_if<std::vector<float>>()) {
    const auto* others = b.get_if<std::vector<float>>();
    return others != nullptr && std::equal(numbers->begin(), numbers->end(), others->begin(), others->end(),
                                           [](float x, float y) { return equal(x, y); });
  }
  const auto same_value = [&](const auto* value) {
    const auto* other = b.get_if<std::remove_cvref_t<decltype(*value)>>();
    return other != nullptr && *value == *other;
  };
  if (const auto* number = a.get_if<int64_t>()) return same_value(number);
  if (const auto* text = a.get_if<std::string>()) return same_value(text);
  if (const auto* numbers = a.get_if<std::vector<int64_t>>()) return same_value(numbers);
  if (const auto* texts = a.get_if<std::vector<std::string>>()) return same_value(texts);
  return false;
}

}  // namespace

bool is_same_attribute(const Attribute& a, const Attribute& b) {
  return a.name() == b.name() && a.type() == b.type() && a.ref_attr_name() == b.ref_attr_name() &&
         (!a.ref_attr_name().empty() || equal_payload(a, b));
}

uint64_t hash_of_call(const Node& node) {
  uint64_t hash = std::hash<std::string>{}(node.op_type());
  const auto mix = [&](uint64_t number) { hash = (hash ^ number) * 0x9E3779B97F4A7C15ULL + (hash >> 29U); };
  for (const Value* input : node.inputs()) mix(input != nullptr ? input->id() + 1 : 0);
  uint64_t attributes = 0;  // a sum, since their order does not matter
  for (const Attribute& attribute : node.attributes()) {
    uint64_t one = std::hash<std::string>{}(attribute.name());
    const auto mix_in = [&](int64_t number) { one = (one ^ static_cast<uint64_t>(number)) * 0x100000001B3ULL; };
    if (const auto* number = attribute.get_if<int64_t>()) mix_in(*number);
    if (const auto* numbers = attribute.get_if<std::vector<int64_t>>()) {
      for (const int64_t number : *numbers) mix_in(number);
    }
    attributes += one;
  }
  mix(attributes);
  return hash;
}

bool is_same_call(const Node& a, const Node& b) {
  if (!a.is(b.op_type(), b.domain()) || a.overload() != b.overload()) return false;
  if (!std::equal(a.inputs().begin(), a.inputs().end(), b.inputs().begin(), b.inputs().end())) return false;
  if (a.attributes().size() != b.attributes().size()) return false;
  return std::all_of(a.attributes().begin(), a.attributes().end(), [&](const Attribute& attribute) {
    const Attribute* other = b.attribute(attribute.name());
    return other != nullptr && is_same_attribute(attribute, *other);
  });
}

}  // namespace surgery
