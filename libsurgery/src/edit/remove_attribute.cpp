#include <algorithm>

#include "edit/arguments.h"
#include "edit/attribute_value.h"
#include "edit/edits.h"
#include "surgery/text.h"

/// --remove-attr NODE:ATTR: removes an attribute from the nodes that NODE selects and that have it.
/// Meaning   kKept where the attribute said what its absence means: it has its default value, the operator does not
/// know
///           it (at this opset), or it is `spatial` of a BatchNormalization whose statistics are one number per
///           channel, for which no other reading than spatial = 1 exists. Otherwise kChanged.
namespace surgery::edits {
namespace {

bool has_channel_statistics(const Node& batch_norm) {
  const auto rank_is_one = [](const Value* value) {
    if (value == nullptr) return false;
    const std::shared_ptr<const Tensor> constant = constant_of(*value);
    if (constant != nullptr) return constant->rank() == 1;
    return value->initializer() != nullptr && value->initializer()->rank() == 1;
  };
  return rank_is_one(batch_norm.input(3)) && rank_is_one(batch_norm.input(4));
}

bool is_without_effect(const Node& node, const Attribute& attribute) {
  if (node.is("BatchNormalization") && attribute.name() == "spatial" && has_channel_statistics(node)) return true;
  const schema::OpSchema* op = schema_of(node);
  if (op == nullptr) return false;
  const schema::AttributeSpec* spec = op->attribute(attribute.name());
  if (spec == nullptr) return true;
  const std::optional<Attribute> fallback = default_of(*spec);
  return fallback && same_value(*fallback, attribute);
}

void require_removable(const Node& node, const Attribute& attribute) {
  const auto refuse = [&](const std::string& why) {
    return Error(ErrorCode::kUsage, describe(node) + ": attribute " + quote(attribute.name()) + " " + why);
  };
  if (!attribute.graphs().empty()) throw refuse("is a subgraph, which the node cannot be without");
  const schema::OpSchema* op = schema_of(node);
  const schema::AttributeSpec* spec = op != nullptr ? op->attribute(attribute.name()) : nullptr;
  if (spec != nullptr && spec->is_required) throw refuse("is required by the operator");
}

/// "; did you mean 'axis'?", from the attributes that the nodes have.
std::string suggest(std::string_view name, const std::vector<Node*>& nodes) {
  std::vector<std::string> names;
  for (const Node* node : nodes) {
    for (const Attribute& attribute : node->attributes()) {
      if (std::find(names.begin(), names.end(), attribute.name()) == names.end()) names.push_back(attribute.name());
    }
  }
  return suggestion(name, names);
}

}  // namespace

void remove_attribute_of(Node& node, std::string_view name, EditReport& report) {
  const Attribute* attribute = node.attribute(name);
  SURGERY_ASSERT(attribute != nullptr, "the node has the attribute");
  require_removable(node, *attribute);
  if (!is_without_effect(node, *attribute)) report.meaning = Meaning::kChanged;
  report.notes.push_back(describe(node) + ": " + escape(name) + " removed, was " + to_string(*attribute));
  node.graph().remove_attribute(node, name);
}

EditReport remove_attribute(Model& model, std::string_view argument, const EditContext& /*context*/) {
  const size_t colon = argument.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == argument.size()) {
    throw expected("NODE:ATTR", argument);
  }
  const std::string_view name = argument.substr(colon + 1);
  const std::vector<Node*> nodes = select_nodes(model, argument.substr(0, colon));
  EditReport report;
  for (Node* node : nodes) {
    if (node->attribute(name) != nullptr) remove_attribute_of(*node, name, report);
  }
  if (report.notes.empty()) {
    const std::string who = nodes.size() == 1 ? describe(*nodes[0]) + " has no attribute "
                                              : "none of the " + std::to_string(nodes.size()) + " nodes that match " +
                                                    quote(argument.substr(0, colon)) + " has an attribute ";
    throw Error(ErrorCode::kUsage, who + quote(name) + suggest(name, nodes));
  }
  return report;
}

}  // namespace surgery::edits
