#include "runtime/expansion.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "runtime/opsets.h"
#include "surgery/error.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::Function;
using surgery::Graph;
using surgery::Node;

/// Counts each function's nodes once, calls inside it included. The depth of its recursion is that of the calls, which
/// reading a model bounds.
class Expansion {
 public:
  Expansion(const surgery::Model& model, int64_t limit) : model_(model), limit_(limit) {}

  int64_t count(const Graph& root) {
    int64_t total = 0;
    for_each_graph(root, [&](const Graph& graph) {
      for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) total += count(*node);
    });
    return total;
  }

 private:
  int64_t count(const Node& node) {
    const Function* function = called_function(model_, node);
    if (function == nullptr) return 1;
    // A function that calls itself finds the limit here: it has no end.
    const auto [entry, is_new] = counts_.try_emplace(function, limit_);
    if (!is_new) return entry->second;
    const int64_t total = 1 + count(*function->body);
    if (total > limit_) {
      throw surgery::Error(surgery::ErrorCode::kUnsupported, "function " + surgery::quote(function->name) +
                                                                 " expands to over " + std::to_string(limit_) +
                                                                 " nodes through the functions it calls");
    }
    return counts_[function] = total;
  }

  const surgery::Model& model_;
  int64_t limit_;
  std::unordered_map<const Function*, int64_t> counts_;
};

}  // namespace

void require_bounded_expansion(const surgery::Model& model, int64_t limit) {
  if (model.functions().empty()) return;
  Expansion(model, limit).count(model.graph());
}

}  // namespace exec
