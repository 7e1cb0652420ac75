#include <unordered_set>

#include "check/context.h"
#include "surgery/text.h"

namespace surgery::checking {
namespace {

std::string in_list(const Scope& scope, std::string_view list, size_t index) {
  return place_of(scope) + "/" + std::string(list) + "[" + std::to_string(index) + "]";
}

std::string in_list(const Scope& scope, std::string_view list, size_t index, const Value& value) {
  return in_list(scope, list, index) + " " + quote(value.name());
}

std::string origin_of(const Value& value) {
  if (value.producer() != nullptr) return "the result of " + describe(*value.producer());
  if (value.is_graph_input()) return "a graph input";
  return value.is_initializer() ? "an initializer" : "in use";
}

/// A value is defined here: its name must be free in this graph, and should be in those around it.
void check_name(Context& context, const Scope& scope, const Value& value, const std::string& place) {
  if (value.name().empty()) {
    context.add(kEmptyName, place, "the name is empty");
    return;
  }
  // find() knows one value of each name; any other one is a duplicate of it.
  const Value* known = scope.graph.find(value.name());
  if (known != nullptr && known != &value) {
    context.add(kDuplicateName, place, quote(value.name()) + " is " + origin_of(*known) + " already");
  }
  for (const Scope* outer = scope.parent; outer != nullptr; outer = outer->parent) {
    const Value* hidden = outer->graph.find(value.name());
    if (hidden == nullptr || hidden->is_undefined()) continue;
    context.add(kShadowedName, place, "in the enclosing graph " + quote(value.name()) + " is " + origin_of(*hidden));
    break;
  }
}

void check_inputs(Context& context, const Scope& scope) {
  std::unordered_set<const Value*> seen;
  for (size_t i = 0; i < scope.graph.inputs().size(); ++i) {
    const Value& value = *scope.graph.inputs()[i];
    const std::string place = in_list(scope, "input", i, value);
    check_name(context, scope, value, place);
    if (!seen.insert(&value).second) context.add(kDuplicateName, place, "it is listed twice");
    if (scope.parent == nullptr && scope.function == nullptr && !value.type().is_known()) {
      context.add(kMissingType, place, "it declares no type");
    }
    context.define(value);
  }
}

void check_initializers(Context& context, const Scope& scope) {
  const bool must_be_inputs = context.model().ir_version() < schema::kFreeInitializerIrVersion &&
                              scope.parent == nullptr && scope.function == nullptr;
  std::unordered_set<const Value*> seen;
  for (size_t i = 0; i < scope.graph.initializers().size(); ++i) {
    const Value& value = *scope.graph.initializers()[i];
    const std::string place = in_list(scope, "initializer", i, value);
    if (!value.is_graph_input()) check_name(context, scope, value, place);
    if (!seen.insert(&value).second) context.add(kDuplicateName, place, "it is listed twice");
    if (must_be_inputs && !value.is_graph_input()) {
      context.add(
          kInitializerNotInput, place,
          "it is no graph input, which IR version " + std::to_string(context.model().ir_version()) + " asks for");
    }
    if (value.initializer() != nullptr) check_tensor(context, *value.initializer(), place);
    context.define(value);
  }
}

void check_reads(Context& context, const NodePlace& at) {
  for (size_t i = 0; i < at.node.inputs().size(); ++i) {
    const Value* value = at.node.inputs()[i];
    if (value == nullptr || context.is_defined(*value)) continue;
    const auto place = [&] { return place_of(at) + "/input[" + std::to_string(i) + "]"; };
    if (value->is_undefined()) {
      context.add(kUndefinedInput, place(),
                  quote(value->name()) + " is read, but nothing in scope produces, stores or gives it");
    } else if (value->producer() != nullptr) {
      context.mark_unsorted(value->graph());  // of an enclosing graph, it may be
      context.add(kUnsorted, place(),
                  quote(value->name()) + " is read before it is made by " + describe(*value->producer()));
    }
  }
}

void check_subgraphs(Context& context, const NodePlace& at) {
  for (const Attribute& attribute : at.node.attributes()) {
    for (const std::unique_ptr<Graph>& graph : attribute.graphs()) {
      const Scope inner{.graph = *graph,
                        .opsets = at.scope.opsets,
                        .function = at.scope.function,
                        .parent = &at.scope,
                        .owner = &at.node,
                        .owner_index = at.index,
                        .attribute_name = attribute.name(),
                        .depth = at.scope.depth + 1};
      if (inner.depth > kMaxNesting) {
        context.add(kNestingDepth, place_of(at),
                    "subgraphs nest deeper than the limit of " + std::to_string(kMaxNesting));
        return;
      }
      check_graph(context, inner);
    }
  }
}

void check_outputs(Context& context, const Scope& scope) {
  std::unordered_set<const Value*> seen;
  for (size_t i = 0; i < scope.graph.outputs().size(); ++i) {
    const Value* value = scope.graph.outputs()[i];
    if (value == nullptr || value->name().empty()) {
      context.add(kEmptyName, in_list(scope, "output", i), "the name is empty");
      continue;
    }
    const auto place = [&] { return in_list(scope, "output", i, *value); };
    if (value->is_undefined()) {
      context.add(kUndefinedOutput, place(), quote(value->name()) + " is an output, but nothing produces it");
    } else if (scope.parent == nullptr && scope.function == nullptr && !value->type().is_known()) {
      context.add(kMissingType, place(), "it declares no type");
    }
    if (!seen.insert(value).second) context.add(kRepeatedOutput, place(), "it is listed twice");
  }
}

}  // namespace

void check_graph(Context& context, const Scope& scope) {
  check_inputs(context, scope);
  check_initializers(context, scope);
  size_t index = 0;
  for (const Node* node = scope.graph.first_node(); node != nullptr; node = node->next(), ++index) {
    const NodePlace at{scope, *node, index};
    check_reads(context, at);
    check_operator(context, at);
    check_subgraph_interface(context, at);
    check_subgraphs(context, at);
    for (size_t i = 0; i < node->outputs().size(); ++i) {
      const Value* value = node->outputs()[i];
      if (value == nullptr) continue;
      if (scope.parent != nullptr || scope.graph.find(value->name()) != value) {
        check_name(context, scope, *value, place_of(at) + "/output[" + std::to_string(i) + "]");
      }
      context.define(*value);
    }
  }
  check_outputs(context, scope);
  if (context.is_unsorted(scope.graph)) check_cycle(context, scope);
}

}  // namespace surgery::checking
