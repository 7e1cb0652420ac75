#include <algorithm>

#include "surgery/model.h"
#include "surgery/schema.h"
#include "surgery/text.h"

namespace surgery {
namespace {

template <typename T>
T payload_or(const Node& node, std::string_view name, T fallback) {
  const Attribute* attribute = node.attribute(name);
  if (attribute == nullptr) return fallback;
  if (const T* value = attribute->get_if<T>()) return *value;
  throw Error(ErrorCode::kRead, describe(node) + ": attribute " + quote(name) + " has type " +
                                    std::string(to_string(attribute->type())) + ", which does not fit the operator");
}

}  // namespace

bool Node::is(std::string_view op_type, std::string_view domain) const {
  return op_type_ == op_type && schema::same_domain(domain_, domain);
}

const Attribute* Node::attribute(std::string_view name) const {
  const auto found =
      std::find_if(attributes_.begin(), attributes_.end(), [&](const Attribute& a) { return a.name() == name; });
  return found == attributes_.end() ? nullptr : &*found;
}

int64_t Node::int_or(std::string_view name, int64_t fallback) const { return payload_or(*this, name, fallback); }

float Node::float_or(std::string_view name, float fallback) const { return payload_or(*this, name, fallback); }

std::string Node::string_or(std::string_view name, std::string_view fallback) const {
  return payload_or(*this, name, std::string(fallback));
}

std::vector<int64_t> Node::ints_or(std::string_view name, std::vector<int64_t> fallback) const {
  return payload_or(*this, name, std::move(fallback));
}

std::string describe(const Node& node) {
  std::string type = escape(node.op_type(), 60);
  if (!schema::normalize_domain(node.domain()).empty()) type = escape(node.domain(), 60) + "." + type;
  if (!node.name().empty()) return "node " + quote(node.name()) + " (" + type + ")";
  for (const Value* output : node.outputs()) {
    if (output != nullptr) return "node of output " + quote(output->name()) + " (" + type + ")";
  }
  return "unnamed node (" + type + ")";
}

}  // namespace surgery
