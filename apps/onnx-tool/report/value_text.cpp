#include "report/value_text.h"

#include <algorithm>

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
