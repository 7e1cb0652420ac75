#include "edit/attribute_value.h"

#include <cmath>
#include <limits>
#include <string>

#include "edit/arguments.h"
#include "surgery/model.h"
#include "surgery/text.h"

namespace surgery {
namespace {

int64_t int_from(std::string_view text) {
  const auto value = parse_int(text);
  if (!value) throw expected("an integer", text);
  return *value;
}

float float_from(std::string_view text) {
  const auto value = parse_double(text);
  if (!value) throw expected("a number", text);
  const auto narrow = static_cast<float>(*value);
  if (std::isinf(narrow) && !std::isinf(*value)) throw expected("a number in the range of float", text);
  return narrow;
}

/// Without the quotes around it, if it has any.
std::string string_from(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.front() == text.back();
  return std::string(quoted ? text.substr(1, text.size() - 2) : text);
}

/// The elements of "[a, b]" or "a,b".
std::vector<std::string_view> elements_of(std::string_view text) {
  text = trimmed(text);
  if (!text.empty() && text.front() == '[') {
    if (text.back() != ']') throw expected("a list such as [1, 1]", text);
    text = trimmed(text.substr(1, text.size() - 2));
  }
  std::vector<std::string_view> elements;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    elements.push_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) elements.emplace_back();  // "1," lacks an element, which its parser reports
  }
  return elements;
}

template <typename T, typename Parse>
std::vector<T> list_from(std::string_view text, Parse parse) {
  std::vector<T> values;
  for (const std::string_view element : elements_of(text)) values.push_back(parse(element));
  return values;
}

}  // namespace

const schema::OpSchema* schema_of(const Node& node) {
  const std::optional<int64_t> opset = node.graph().model().opset(node.domain());
  return opset ? schema::find(node.domain(), node.op_type(), *opset) : nullptr;
}

Attribute parse_attribute(std::string_view name, AttributeType type, std::string_view text) {
  std::string key(name);
  switch (type) {
    case AttributeType::kInt:
      return {std::move(key), int_from(text)};
    case AttributeType::kFloat:
      return {std::move(key), float_from(text)};
    case AttributeType::kString:
      return {std::move(key), string_from(text)};
    case AttributeType::kInts:
      return {std::move(key), list_from<int64_t>(text, int_from)};
    case AttributeType::kFloats:
      return {std::move(key), list_from<float>(text, float_from)};
    case AttributeType::kStrings:
      return {std::move(key), list_from<std::string>(text, string_from)};
    default:
      throw Error(ErrorCode::kUnsupported, "attribute " + quote(name) + " is a " + std::string(to_string(type)) +
                                               ", which cannot be given on the command line");
  }
}

AttributeType type_by_form(std::string_view text) {
  const std::string_view bare = trimmed(text);
  const bool bracketed = bare.size() >= 2 && bare.front() == '[' && bare.back() == ']';
  if (!bracketed) {
    if (parse_int(bare)) return AttributeType::kInt;
    return parse_double(bare) ? AttributeType::kFloat : AttributeType::kString;
  }
  AttributeType type = AttributeType::kInts;
  for (const std::string_view element : elements_of(bare)) {
    if (parse_int(element)) continue;
    if (!parse_double(element)) return AttributeType::kStrings;
    type = AttributeType::kFloats;
  }
  return type;
}

bool same_value(const Attribute& a, const Attribute& b) {
  if (a.type() != b.type()) return false;
  const auto same = [&](auto kind) {
    using Kind = decltype(kind);
    const auto* left = a.get_if<Kind>();
    const auto* right = b.get_if<Kind>();
    return left != nullptr && right != nullptr && *left == *right;
  };
  return same(int64_t{}) || same(float{}) || same(std::string{}) || same(std::vector<int64_t>{}) ||
         same(std::vector<float>{}) || same(std::vector<std::string>{});
}

std::optional<Attribute> default_of(const schema::AttributeSpec& spec) {
  if (!spec.default_value.is_set) return std::nullopt;
  std::string key(spec.name);
  const schema::AttributeDefault& value = spec.default_value;
  switch (spec.type) {
    case AttributeType::kInt:
      return Attribute(std::move(key), value.int_value);
    case AttributeType::kFloat:
      return Attribute(std::move(key), value.float_value);
    case AttributeType::kString:
      return Attribute(std::move(key), std::string(value.string_value));
    case AttributeType::kInts:
      return Attribute(std::move(key), std::vector<int64_t>(value.ints.begin(), value.ints.end()));
    case AttributeType::kStrings:
      return Attribute(std::move(key), std::vector<std::string>(value.strings.begin(), value.strings.end()));
    default:
      return std::nullopt;
  }
}

}  // namespace surgery
