#include "surgery/model.h"
#include "surgery/schema.h"

namespace surgery {
namespace {

template <typename Visit>
void for_each_name(const Model& model, Visit&& visit) {
  const auto visit_graph = [&](const Graph& root) {
    for_each_graph(root, [&](const Graph& graph) {
      for (const Value* value : graph.values()) visit(value->name());
      for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) visit(node->name());
    });
  };
  visit_graph(model.graph());
  for (const Function& function : model.functions()) visit_graph(*function.body);
}

}  // namespace

Model::Model() : graph_(std::make_unique<Graph>(*this, nullptr)) {}

Model::~Model() = default;

std::optional<int64_t> Model::opset(std::string_view domain) const {
  for (const OpsetImport& import : opset_imports_) {
    if (schema::same_domain(import.domain, domain)) return import.version;
  }
  if (opset_imports_.empty() && ir_version_ < 3 && schema::normalize_domain(domain).empty()) return 1;
  return std::nullopt;
}

const Function* Model::find_function(std::string_view domain, std::string_view name, std::string_view overload) const {
  for (const Function& function : functions_) {
    if (function.name == name && schema::same_domain(function.domain, domain) && function.overload == overload) {
      return &function;
    }
  }
  return nullptr;
}

void Model::set_ir_version(int64_t version) {
  ir_version_ = version;
  changed_ = true;
}

void Model::set_opset(std::string_view domain, int64_t version) {
  changed_ = true;
  changes_.note_everything();
  for (OpsetImport& import : opset_imports_) {
    if (!schema::same_domain(import.domain, domain)) continue;
    import.version = version;
    return;
  }
  opset_imports_.push_back({std::string(domain), version});
}

void Model::set_doc_string(std::string text) {
  if (text == doc_string_) return;
  doc_string_ = std::move(text);
  changed_ = true;
}

void Model::note_name(const std::string& name) {
  if (used_names_filled_ && !name.empty()) used_names_.insert(name);
}

std::string Model::unique_name(std::string_view base) const {
  if (!used_names_filled_) {
    used_names_filled_ = true;
    for_each_name(*this, [&](const std::string& name) { used_names_.insert(name); });
  }
  std::string name(base);
  if (!used_names_.contains(name)) return name;
  int64_t& number = next_suffix_[name];
  do {
    name = std::string(base) + "_" + std::to_string(++number);
  } while (used_names_.contains(name));
  return name;
}

std::unique_ptr<Model> create_model(int64_t opset) {
  auto model = std::make_unique<Model>();
  model->set_ir_version(schema::ir_version_of("", opset));
  model->set_opset("", opset);
  model->graph().set_name("graph");
  return model;
}

}  // namespace surgery
