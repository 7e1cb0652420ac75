#include "report/tensor_listing.h"

#include <unordered_map>
#include <utility>

#include "report/print.h"
#include "report/table.h"
#include "report/tensor_text.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Graph;
using surgery::Inference;
using surgery::Model;
using surgery::Value;

constexpr size_t kNameWidth = 60;
constexpr size_t kContentWidth = 80;
constexpr size_t kContentShown = 16;

template <typename Visit>
void for_each_value(const Model& model, const Visit& visit) {
  const auto visit_graph = [&](const Graph& graph) {
    for (const Value* value : graph.values()) visit(*value);
  };
  surgery::for_each_graph(model.graph(), visit_graph);
  for (const surgery::Function& function : model.functions()) {
    surgery::for_each_graph(std::as_const(*function.body), visit_graph);
  }
}

/// "input", "weight", "weight, input", "result, output", "undefined"
std::string role_of(const Value& value) {
  std::string role = value.is_initializer()        ? "weight"
                     : value.is_graph_input()      ? "input"
                     : value.producer() != nullptr ? "result"
                                                   : "undefined";
  if (value.is_initializer() && value.is_graph_input()) role += ", input";
  if (value.is_graph_output()) role += ", output";
  return role;
}

std::string name_cell(const Value& value) { return shorten(surgery::escape(value.name(), 120), kNameWidth); }

std::string type_cell(const surgery::Type& type) { return type.is_known() ? type_text(type) : ""; }

/// "{1, N, -1}"
std::string content_text(const std::vector<surgery::Dim>& content) {
  std::vector<std::string> parts;
  for (const surgery::Dim& element : content) {
    if (parts.size() == kContentShown) {
      parts.emplace_back("...");
      break;
    }
    parts.push_back(surgery::escape(element.to_string(), 60));
  }
  return shorten("{" + join(parts, ", ") + "}", kContentWidth);
}

std::unordered_map<uint32_t, std::string> declared_otherwise(const Inference& inference) {
  std::unordered_map<uint32_t, std::string> declared;
  for (const surgery::Contradiction& each : inference.contradictions()) declared.emplace(each.value_id, each.declared);
  return declared;
}

/// Weights have the type that they are stored with; they are not listed.
bool is_listed(const Value& value) { return !value.is_initializer() || value.is_graph_input(); }

}  // namespace

std::string tensors_text(const Model& model) {
  using enum Table::Align;
  Table table({kLeft, kLeft, kLeft, kLeft, kRight}, {"tensor", "what", "declared type", "made by", "readers"});
  for_each_value(model, [&](const Value& value) {
    table.add({name_cell(value), role_of(value), type_cell(value.type()),
               value.producer() != nullptr ? shorten(describe(*value.producer()), 80) : "",
               format_count(static_cast<int64_t>(value.uses().size()))});
  });
  return table.to_string();
}

Json tensors_json(const Model& model) {
  Json array = Json::array();
  for_each_value(model, [&](const Value& value) {
    Json json = to_json(value.name(), value.type());
    json["role"] = role_of(value);
    json["producer"] = value.producer() != nullptr ? Json(value.producer()->name()) : Json();
    json["num_readers"] = value.uses().size();
    array.push_back(std::move(json));
  });
  return array;
}

std::string shapes_text(const Model& model, const Inference& inference) {
  using enum Table::Align;
  const auto declared = declared_otherwise(inference);
  Table table({kLeft, kLeft, kLeft, kLeft}, {"tensor", "type", "elements", ""});
  for_each_value(model, [&](const Value& value) {
    if (!is_listed(value)) return;
    const surgery::Fact& fact = inference.fact(value);
    const auto other = declared.find(value.id());
    table.add({name_cell(value), type_cell(fact.type), fact.content ? content_text(*fact.content) : "",
               other == declared.end() ? "" : "declared " + surgery::escape(other->second)});
  });
  std::string text = table.to_string();
  for (const std::string& error : inference.errors()) text += "cannot be: " + surgery::escape(error, 400) + "\n";
  if (!inference.unknown_operators().empty()) {
    std::vector<std::string> names;
    for (const std::string& name : inference.unknown_operators()) names.push_back(surgery::escape(name, 80));
    text += "not inferred: " + join(names, ", ") + "\n";
  }
  return text;
}

Json shapes_json(const Model& model, const Inference& inference) {
  const auto declared = declared_otherwise(inference);
  Json array = Json::array();
  for_each_value(model, [&](const Value& value) {
    if (!is_listed(value)) return;
    const surgery::Fact& fact = inference.fact(value);
    Json json = to_json(value.name(), fact.type);
    if (fact.content) json["elements"] = to_json(*fact.content);
    if (const auto other = declared.find(value.id()); other != declared.end()) json["declared"] = other->second;
    array.push_back(std::move(json));
  });
  return {{"tensors", std::move(array)},
          {"errors", inference.errors()},
          {"unknown_operators", inference.unknown_operators()}};
}

}  // namespace app
