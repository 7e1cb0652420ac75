#include <memory>
#include <string>
#include <unordered_map>

#include "check/context.h"
#include "surgery/infer.h"
#include "surgery/text.h"

namespace surgery::checking {
namespace {

/// Calls `visit(graph, place)` for every graph of the model, and `visit(at)` for every node, in the order of the file.
/// Stops at the nesting that check() refuses.
template <typename Visit>
void visit_nodes(const Scope& scope, const Visit& visit) {
  size_t index = 0;
  for (const Node* node = scope.graph.first_node(); node != nullptr; node = node->next(), ++index) {
    visit(NodePlace{scope, *node, index});
    if (scope.depth >= kMaxNesting) continue;
    for (const Attribute& attribute : node->attributes()) {
      for (const std::unique_ptr<Graph>& graph : attribute.graphs()) {
        visit_nodes(Scope{.graph = *graph,
                          .opsets = scope.opsets,
                          .function = scope.function,
                          .parent = &scope,
                          .owner = node,
                          .owner_index = index,
                          .attribute_name = attribute.name(),
                          .depth = scope.depth + 1},
                    visit);
      }
    }
  }
}

std::string declared_as(const Value& value) {
  if (value.is_graph_output()) return "as a graph output";
  return value.is_graph_input() ? "as a graph input" : "in value_info";
}

std::string text_of(const Contradiction& contradiction, const Value& value) {
  return quote(contradiction.value) + " is declared " + declared_as(value) + " to be " +
         escape(contradiction.declared) + ", but " +
         (value.producer() != nullptr ? describe(*value.producer()) + " makes it " : "it is ") +
         escape(contradiction.inferred);
}

}  // namespace

void check_inference(Context& context) {
  const Model& model = context.model();
  Inference inference(model);
  inference.run();
  std::unordered_map<uint32_t, std::string> impossible;
  for (ImpossibleNode& error : inference.impossible_nodes())
    impossible.emplace(error.node_id, std::move(error.message));
  std::unordered_map<uint32_t, const Contradiction*> contradictions;
  for (const Contradiction& each : inference.contradictions()) contradictions.emplace(each.value_id, &each);
  const std::vector<std::string>& unknown = inference.unknown_operators();
  if (context.options().coverage) {
    for (const std::string& op : unknown) {
      context.add(kUncheckedOperator, "model", "nothing is known of the results of operator " + quote(op));
    }
  }
  if (impossible.empty() && contradictions.empty()) return;

  const auto visit = [&](const NodePlace& at) {
    if (const auto found = impossible.find(at.node.id()); found != impossible.end()) {
      context.add(kImpossibleNode, place_of(at), escape(found->second, 1000));  // it may name symbols
    }
    for (size_t i = 0; i < at.node.outputs().size(); ++i) {
      const Value* value = at.node.outputs()[i];
      const auto found = value == nullptr ? contradictions.end() : contradictions.find(value->id());
      if (found == contradictions.end()) continue;
      context.add(kTypeContradiction, place_of(at) + "/output[" + std::to_string(i) + "]",
                  text_of(*found->second, *value));
    }
  };
  const auto visit_root = [&](const Graph& graph, const Function* function) {
    const Opsets opsets({}, schema::kOpsetIrVersion);  // places name no opset
    const Scope scope{.graph = graph, .opsets = opsets, .function = function};
    // Inputs and initializers, which no node makes. Those of subgraphs take what their node passes.
    for (const Value* value : graph.values()) {
      const auto found = value->producer() != nullptr ? contradictions.end() : contradictions.find(value->id());
      if (found == contradictions.end()) continue;
      context.add(kTypeContradiction,
                  place_of(scope) + "/" + (value->is_graph_input() ? "input " : "initializer ") + quote(value->name()),
                  text_of(*found->second, *value));
    }
    visit_nodes(scope, visit);
  };
  visit_root(model.graph(), nullptr);
  for (const Function& function : model.functions()) visit_root(*function.body, &function);
}

}  // namespace surgery::checking
