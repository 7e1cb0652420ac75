#include "check/context.h"

#include "surgery/text.h"

namespace surgery::checking {
namespace {

/// One string for three names; lengths in front keep "a" + "bc" and "ab" + "c" apart.
std::string function_key(std::string_view domain, std::string_view name, std::string_view overload) {
  domain = schema::normalize_domain(domain);
  std::string key = std::to_string(domain.size()) + ' ' + std::to_string(name.size()) + ' ';
  return key.append(domain).append(name).append(overload);
}

}  // namespace

Opsets::Opsets(const std::vector<OpsetImport>& imports, int64_t ir_version) {
  for (const OpsetImport& import : imports) versions_.emplace(schema::normalize_domain(import.domain), import.version);
  if (imports.empty() && ir_version < schema::kOpsetIrVersion) versions_.emplace("", 1);
}

std::optional<int64_t> Opsets::find(std::string_view domain) const {
  const auto found = versions_.find(schema::normalize_domain(domain));
  return found == versions_.end() ? std::nullopt : std::optional(found->second);
}

FunctionIndex::FunctionIndex(const Model& model) {
  for (const Function& function : model.functions()) {
    functions_.emplace(function_key(function.domain, function.name, function.overload), &function);
    std::unordered_set<std::string_view>& names = attributes_[&function];
    names.insert(function.attribute_names.begin(), function.attribute_names.end());
    for (const Attribute& attribute : function.attribute_defaults) names.insert(attribute.name());
  }
}

const Function* FunctionIndex::find(std::string_view domain, std::string_view name, std::string_view overload) const {
  if (functions_.empty()) return nullptr;
  const auto found = functions_.find(function_key(domain, name, overload));
  return found == functions_.end() ? nullptr : found->second;
}

bool FunctionIndex::has_attribute(const Function& function, std::string_view name) const {
  return attributes_.at(&function).contains(name);
}

std::string place_of(const Scope& scope) {
  if (scope.parent != nullptr) {
    return place_of(NodePlace{*scope.parent, *scope.owner, scope.owner_index}) + "/" + escape(scope.attribute_name, 60);
  }
  if (scope.function == nullptr) return "graph";
  return "function " + quote(scope.function->domain + "." + scope.function->name);
}

std::string place_of(const NodePlace& at) {
  std::string place = place_of(at.scope) + "/node[" + std::to_string(at.index) + "] ";
  if (!at.node.name().empty()) return place + quote(at.node.name());
  return place + "(" + escape(at.node.op_type(), 60) + ")";
}

Context::Context(const Model& model, const CheckOptions& options)
    : model_(model), options_(options), functions_(model), defined_(model.num_value_ids()) {}

void Context::add(const Rule& rule, std::string place, std::string message) {
  findings_.push_back({rule.id, rule.severity, std::move(place), std::move(message)});
}

std::string Context::suggestion(std::string_view name, const std::vector<std::string>& candidates) {
  if (suggestions_left_ <= 0) return "";
  --suggestions_left_;
  return surgery::suggestion(name, candidates);
}

}  // namespace surgery::checking
