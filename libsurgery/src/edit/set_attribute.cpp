#include <algorithm>

#include "edit/arguments.h"
#include "edit/attribute_value.h"
#include "edit/edits.h"
#include "surgery/text.h"

/// --set-attr NODE:ATTR=VALUE: sets an attribute of every node that NODE selects. The value is read as the standard
/// types the attribute; for an operator it does not have, as the present attribute is typed, or by its form.
/// Meaning   kKept where nothing changes (the attribute, or its default, has that value already), else kChanged.
namespace surgery::edits {
namespace {

struct Request {
  std::string_view selector;
  std::string_view name;
  std::string_view value;
};

bool is_identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// Node names may hold ':' and '=', values too; the first ":name=" between the two is what separates them.
Request parse(std::string_view argument) {
  for (size_t colon = argument.find(':', 1); colon != std::string_view::npos; colon = argument.find(':', colon + 1)) {
    const size_t equals = argument.find('=', colon);
    if (equals == std::string_view::npos) break;
    const std::string_view name = argument.substr(colon + 1, equals - colon - 1);
    if (is_identifier(name)) return {argument.substr(0, colon), name, argument.substr(equals + 1)};
  }
  throw expected("NODE:ATTR=VALUE", argument);
}

std::string names_of(const schema::OpSchema& op) {
  std::string names;
  for (const schema::AttributeSpec& spec : op.attributes) names += (names.empty() ? "" : ", ") + std::string(spec.name);
  return names.empty() ? "it has none" : "it has " + names;
}

AttributeType type_for(const Node& node, const Request& request) {
  const schema::OpSchema* op = schema_of(node);
  if (op != nullptr) {
    if (const schema::AttributeSpec* spec = op->attribute(request.name)) return spec->type;
  }
  if (const Attribute* present = node.attribute(request.name)) return present->type();
  if (op == nullptr) return type_by_form(request.value);
  throw Error(ErrorCode::kUsage, describe(node) + ": the operator has no attribute " + quote(request.name) +
                                     " in opset " + std::to_string(*node.graph().model().opset(node.domain())) + "; " +
                                     names_of(*op));
}

/// Sets it on one node; says whether anything changed.
bool set(Node& node, const Request& request, std::vector<std::string>& notes) {
  const AttributeType type = type_for(node, request);
  Attribute attribute = [&] {
    try {
      return parse_attribute(request.name, type, request.value);
    } catch (const Error& error) {
      throw error.within(describe(node) + ": attribute " + quote(request.name));
    }
  }();
  const Attribute* present = node.attribute(request.name);
  std::string before = present != nullptr ? to_string(*present) : "absent";
  bool changed = present == nullptr || !same_value(*present, attribute);
  if (present == nullptr) {
    const schema::OpSchema* op = schema_of(node);
    const schema::AttributeSpec* spec = op != nullptr ? op->attribute(request.name) : nullptr;
    const std::optional<Attribute> fallback = spec != nullptr ? default_of(*spec) : std::nullopt;
    if (fallback) {
      before += ", which means " + to_string(*fallback);
      changed = !same_value(*fallback, attribute);
    }
  }
  notes.push_back(describe(node) + ": " + escape(request.name) + " = " + to_string(attribute) + ", was " + before);
  if (present == nullptr || changed) node.graph().set_attribute(node, std::move(attribute));
  return changed;
}

}  // namespace

void set_attribute_of(Node& node, std::string_view name, std::string_view value, EditReport& report) {
  if (set(node, {{}, name, value}, report.notes)) report.meaning = Meaning::kChanged;
}

EditReport set_attribute(Model& model, std::string_view argument, const EditContext& /*context*/) {
  const Request request = parse(argument);
  EditReport report;
  for (Node* node : select_nodes(model, request.selector)) {
    set_attribute_of(*node, request.name, request.value, report);
  }
  return report;
}

}  // namespace surgery::edits
