#include "report/model_diff_text.h"

#include "report/print.h"
#include "report/tensor_text.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::ModelDiff;
using surgery::Node;
using surgery::NodeDifference;
using surgery::Value;
using surgery::WeightDifference;

std::string type_of(const Value& weight) { return type_text(*weight.initializer()); }

std::string weight_text(const Value& weight) {
  return "weight " + surgery::quote(weight.name()) + " " + type_of(weight);
}

std::string line_of(const WeightDifference& weight) {
  if (weight.b == nullptr) return "- " + weight_text(*weight.a);
  if (weight.a == nullptr) return "+ " + weight_text(*weight.b);
  if (weight.is_renamed()) return "~ " + weight_text(*weight.a) + ": is now " + surgery::quote(weight.b->name());
  if (type_of(*weight.a) != type_of(*weight.b)) return "~ " + weight_text(*weight.a) + ": is now " + type_of(*weight.b);
  if (!weight.max_abs) return "~ " + weight_text(*weight.a) + ": other elements";
  if (weight.num_different == 0) return "~ " + weight_text(*weight.a) + ": other bits of the same numbers";
  return "~ " + weight_text(*weight.a) + ": " + format_count(weight.num_different) + " of " +
         plural(weight.a->initializer()->num_elements(), "element") + " differ, by " + format_small(*weight.max_abs) +
         " at most";
}

Json node_json(const Node& node) { return {{"name", node.name()}, {"op_type", node.op_type()}}; }

}  // namespace

std::string to_text(const ModelDiff& diff) {
  std::string text;
  for (const std::string& line : diff.header) text += "~ " + line + "\n";
  for (const std::string& line : diff.interface) text += "~ " + line + "\n";
  for (const NodeDifference& node : diff.changed) {
    text += "~ " + describe(*node.a) + "\n";
    for (const std::string& change : node.changes) text += "    " + change + "\n";
  }
  for (const Node* node : diff.only_a) text += "- " + describe(*node) + "\n";
  for (const Node* node : diff.only_b) text += "+ " + describe(*node) + "\n";
  for (const WeightDifference& weight : diff.weights) text += line_of(weight) + "\n";
  if (!text.empty()) text += "\n";
  return text + (diff.is_equal() ? "equal: " : "different: ") + plural(diff.num_equal_nodes, "node") + " and " +
         plural(diff.num_equal_weights, "weight") + " are the same, " +
         format_count(static_cast<int64_t>(diff.changed.size())) + " changed, " +
         format_count(static_cast<int64_t>(diff.only_a.size())) + " removed, " +
         format_count(static_cast<int64_t>(diff.only_b.size())) + " added; " +
         plural(static_cast<int64_t>(diff.weights.size()), "weight") +
         (diff.weights.size() == 1 ? " differs" : " differ") + "\n";
}

Json to_json(const ModelDiff& diff) {
  Json json{{"equal", diff.is_equal()},
            {"header", diff.header},
            {"interface", diff.interface},
            {"changed_nodes", Json::array()},
            {"only_a", Json::array()},
            {"only_b", Json::array()},
            {"weights", Json::array()},
            {"num_equal_nodes", diff.num_equal_nodes},
            {"num_equal_weights", diff.num_equal_weights}};
  for (const NodeDifference& node : diff.changed) {
    json["changed_nodes"].push_back({{"a", node_json(*node.a)}, {"b", node_json(*node.b)}, {"changes", node.changes}});
  }
  for (const Node* node : diff.only_a) json["only_a"].push_back(node_json(*node));
  for (const Node* node : diff.only_b) json["only_b"].push_back(node_json(*node));
  for (const WeightDifference& weight : diff.weights) {
    json["weights"].push_back({{"a", weight.a == nullptr ? Json() : Json(weight.a->name())},
                               {"b", weight.b == nullptr ? Json() : Json(weight.b->name())},
                               {"num_different", weight.num_different},
                               {"max_abs", weight.max_abs ? Json(*weight.max_abs) : Json()}});
  }
  return json;
}

}  // namespace app
