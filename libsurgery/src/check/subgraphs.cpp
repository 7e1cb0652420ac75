#include "check/context.h"
#include "surgery/text.h"

namespace surgery::checking {
namespace {

const Graph* subgraph(const Node& node, std::string_view name) {
  const Attribute* attribute = node.attribute(name);
  return attribute == nullptr || attribute->graphs().empty() ? nullptr : attribute->graphs()[0].get();
}

struct Expected {
  size_t inputs;
  size_t outputs;
};

void check_counts(Context& context, const NodePlace& at, std::string_view attribute, const Expected& expected) {
  const Graph* graph = subgraph(at.node, attribute);
  if (graph == nullptr) return;
  const auto report = [&](const Rule& rule, std::string_view what, size_t found, size_t wanted) {
    if (found == wanted) return;
    context.add(rule, place_of(at) + "/" + std::string(attribute),
                "the subgraph has " + std::to_string(found) + " " + std::string(what) + ", but " + describe(at.node) +
                    " asks for " + std::to_string(wanted));
  };
  report(kSubgraphInputs, "inputs", graph->inputs().size(), expected.inputs);
  report(kSubgraphOutputs, "outputs", graph->outputs().size(), expected.outputs);
}

}  // namespace

void check_subgraph_interface(Context& context, const NodePlace& at) {
  const Node& node = at.node;
  const size_t num_inputs = node.inputs().size();
  const size_t num_outputs = node.outputs().size();
  if (node.is("If")) {
    check_counts(context, at, "then_branch", {0, num_outputs});
    check_counts(context, at, "else_branch", {0, num_outputs});
  } else if (node.is("Loop") && num_inputs >= 2) {
    // In: iteration number, condition, carried values. Out: condition, carried values, then scanned ones.
    check_counts(context, at, "body", {num_inputs, num_outputs + 1});
  } else if (node.is("Scan")) {
    const std::optional<int64_t> opset = at.scope.opsets.find("");
    // Scan-8 has a further first input, the lengths of sequences, which may be omitted but not left away.
    const size_t others = opset && *opset < 9 ? 1 : 0;
    if (num_inputs >= others) check_counts(context, at, "body", {num_inputs - others, num_outputs});
  }
}

}  // namespace surgery::checking
