#include "runtime/opsets.h"

#include <set>
#include <string>
#include <vector>

#include "exec/kernel.h"
#include "exec/session.h"
#include "surgery/schema.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::Function;
using surgery::Graph;
using surgery::Model;
using surgery::Node;

/// The walk behind first_unsupported(): graphs in order, each called function once.
class UnsupportedSearch {
 public:
  explicit UnsupportedSearch(const Model& model) : model_(model) {}

  const Node* search(Graph& root, const Opsets& opsets) {
    const Node* found = nullptr;
    for_each_graph(root, [&](Graph& graph) {
      for (const Node* node = graph.first_node(); node != nullptr && found == nullptr; node = node->next()) {
        found = check(*node, opsets);
      }
    });
    return found;
  }

 private:
  const Node* check(const Node& node, const Opsets& opsets) {
    if (const Function* function = called_function(model_, node)) {
      if (!visited_.insert(function).second) return nullptr;
      return search(*function->body, Opsets(model_, function));
    }
    const std::optional<int64_t> version = opsets.version(node.domain());
    return version && has_kernel(node.domain(), node.op_type(), *version) ? nullptr : &node;
  }

  const Model& model_;
  std::set<const Function*> visited_;
};

}  // namespace

std::optional<int64_t> Opsets::version(std::string_view domain) const {
  if (function_ == nullptr) return model_->opset(domain);
  for (const surgery::OpsetImport& import : function_->opset_imports) {
    if (surgery::schema::same_domain(import.domain, domain)) return import.version;
  }
  return std::nullopt;
}

Opsets opsets_of(const Node& node) {
  const Graph* root = &node.graph();
  while (root->parent() != nullptr) root = root->parent();
  const Model& model = root->model();
  for (const Function& function : model.functions()) {
    if (function.body.get() == root) return Opsets(model, &function);
  }
  return Opsets(model);
}

const Function* called_function(const Model& model, const Node& node) {
  return model.functions().empty() ? nullptr : model.find_function(node.domain(), node.op_type(), node.overload());
}

void fail_without_kernel(const Node& node, std::optional<int64_t> version) {
  std::string op = surgery::escape(node.op_type());
  if (!surgery::schema::same_domain(node.domain(), "")) op = surgery::escape(node.domain()) + "." + op;
  throw surgery::Error(surgery::ErrorCode::kUnsupported,
                       describe(node) + ": no kernel for operator " + op +
                           (version ? " version " + std::to_string(*version) : ", whose domain is not imported"));
}

const Node* first_unsupported(const Model& model) {
  // The walk needs graphs that can be changed and changes none.
  return UnsupportedSearch(model).search(const_cast<Model&>(model).graph(), Opsets(model));  // NOLINT
}

}  // namespace exec
