#include "report/value_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "report/print.h"
#include "report/tensor_text.h"
#include "surgery/text.h"

namespace app {
namespace {

constexpr size_t kElementsShown = 8;
constexpr size_t kElementsInJson = 4096;

std::string scalar_text(const surgery::Tensor& list, size_t index) {
  if (list.type() == surgery::DataType::kString) return surgery::quote(list.strings()[index]);
  if (const auto integers = list.to_int64s(INT64_MAX)) return std::to_string((*integers)[index]);
  const auto values = list.to_doubles();
  return values ? format_small((*values)[index]) : "?";
}

std::string map_text(const exec::Map& map) {
  std::string text = "  ";
  const auto count = static_cast<size_t>(map.keys.num_elements());
  for (size_t i = 0; i < std::min(count, kElementsShown); ++i) {
    text += (i > 0 ? ", " : "") + scalar_text(map.keys, i) + ": " + scalar_text(map.values, i);
  }
  return text + (count > kElementsShown ? ", ... " + plural(static_cast<int64_t>(count), "key") + " in all\n" : "\n");
}

/// The shortest text that means this number and no other double.
std::string exact_text(double value) {
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
}

}  // namespace

std::string value_text(const std::string& name, const exec::Datum& value, int64_t top) {
  if (value.is_tensor()) return tensor_text(name, value.tensor(), top);
  std::string text = surgery::escape(name, 100) + "  " + to_string(value.type());
  if (value.is_nothing()) return text + "  empty\n";
  if (value.is_map()) return text + "\n" + map_text(value.map());
  if (!value.is_sequence()) return text + "\n";
  const auto& elements = value.sequence().elements;
  text += "  " + plural(static_cast<int64_t>(elements.size()), "element") + "\n";
  for (size_t i = 0; i < std::min(elements.size(), kElementsShown); ++i) {
    text += value_text(name + "[" + std::to_string(i) + "]", elements[i], top);
  }
  return text + (elements.size() > kElementsShown ? "  ...\n" : "");
}

std::string double_text(const exec::Datum& value) {
  if (value.is_sequence()) {
    std::string text;
    const auto& elements = value.sequence().elements;
    for (size_t i = 0; i < std::min(elements.size(), kElementsShown); ++i) text += double_text(elements[i]);
    return text;
  }
  const auto numbers = (value.is_map() ? value.map().values : value.tensor_if()).to_doubles();
  if (!numbers || numbers->empty()) return {};
  std::vector<std::string> parts;
  if (numbers->size() <= kElementsShown) {
    for (const double number : *numbers) parts.push_back(exact_text(number));
  } else {
    double min = HUGE_VAL;
    double max = -HUGE_VAL;
    for (const double number : *numbers) {  // a NaN is neither
      if (number < min) min = number;
      if (number > max) max = number;
    }
    if (min <= max) parts = {"min " + exact_text(min), "max " + exact_text(max)};
  }
  return parts.empty() ? "" : "  in double: " + join(parts, ", ") + "\n";
}

Json value_json(const std::string& name, const exec::Datum& value, int64_t top) {
  if (value.is_tensor()) return tensor_json(name, value.tensor(), top);
  Json json{{"name", name}, {"type", to_string(value.type())}};
  json["kind"] = value.is_sequence() ? "sequence" : value.is_map() ? "map" : "optional";
  if (value.is_map()) {
    json["keys"] = tensor_json("keys", value.map().keys, 0);
    json["values"] = tensor_json("values", value.map().values, 0);
  } else if (value.is_sequence()) {
    const auto& elements = value.sequence().elements;
    json["length"] = elements.size();
    json["elements"] = Json::array();
    for (size_t i = 0; i < std::min(elements.size(), kElementsInJson); ++i) {
      json["elements"].push_back(value_json(name + "[" + std::to_string(i) + "]", elements[i], top));
    }
  }
  return json;
}

}  // namespace app
