#include "surgery/cost.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "analysis/macs.h"
#include "surgery/saturated.h"

namespace surgery {
namespace {

using Replacements = std::map<std::string, Dim, std::less<>>;

Dim bound(const Dim& dim, const Replacements& replacements) {
  return replacements.empty() || !dim.is_symbolic() ? dim : dim.substitute(replacements);
}

/// Unknown for what has no size that a shape tells: sequences, strings.
Dim size_of(const Value& value, const Inference& inference) {
  const Shape* shape = inference.shape(value);
  const int bits = bit_width(inference.element_type(value));
  if (shape == nullptr || bits == 0) return {};
  const Dim count = num_elements(*shape);
  return bits % 8 == 0 ? count * Dim(bits / 8) : ceil_div(count * Dim(bits), Dim(8));
}

/// Adds to the totals of a node or of the model.
template <typename Cost>
void add_tensor(const Tensor& tensor, Cost& cost) {
  const int64_t bytes = packed_size_bytes(tensor.type(), tensor.num_elements()).value_or(0);
  cost.num_parameters = saturated_sum(cost.num_parameters, tensor.num_elements());
  cost.parameter_bytes = saturated_sum(cost.parameter_bytes, bytes);
}

/// The weights and constants that a node reads, those that its subgraphs read included.
class Parameters {
 public:
  void read_by(const Node& node, NodeCost& cost) {
    seen_.clear();
    collect(node, cost);
  }

 private:
  void collect(const Node& node, NodeCost& cost) {
    for (const Value* input : node.inputs()) {
      if (input == nullptr) continue;
      const std::shared_ptr<const Tensor> tensor = constant_of(*input);
      if (tensor == nullptr || !seen_.insert(input).second) continue;
      add_tensor(*tensor, cost);
    }
    for (const Attribute& attribute : node.attributes()) {
      for (const auto& graph : attribute.graphs()) {
        for (const Node* inner = graph->first_node(); inner != nullptr; inner = inner->next()) collect(*inner, cost);
      }
    }
  }

  std::unordered_set<const Value*> seen_;
};

void count_parameters(const Graph& root, ModelCost& cost) {
  for_each_graph(root, [&](const Graph& graph) {
    for (const Value* value : graph.initializers()) add_tensor(*value->initializer(), cost);
    for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
      if (!node->is("Constant") || node->output(0) == nullptr) continue;
      if (const auto tensor = constant_of(*node->output(0))) add_tensor(*tensor, cost);
    }
  });
}

/// The position of the last node of the main graph that reads a value, subgraphs counting for their node.
std::optional<size_t> last_reader(const Value& value, const Graph& main, const std::vector<size_t>& positions) {
  std::optional<size_t> last;
  for (const Use& use : value.uses()) {
    const Node* node = use.node;
    while (node != nullptr && &node->graph() != &main) node = node->graph().owner();
    if (node != nullptr) last = std::max(last.value_or(0), positions[node->id()]);
  }
  return last;
}

}  // namespace

ModelCost cost_of(const Model& model, const Inference& inference, const Dim::Bindings& bindings) {
  const Graph& graph = model.graph();
  const std::optional<std::vector<Node*>> sorted = graph.topological_order();
  const std::vector<Node*> order = sorted ? *sorted : graph.nodes();
  std::vector<size_t> positions(model.num_node_ids());
  for (size_t i = 0; i < order.size(); ++i) positions[order[i]->id()] = i;
  Replacements replacements;
  for (const auto& [name, size] : bindings) replacements.emplace(name, size);

  ModelCost cost;
  count_parameters(graph, cost);
  // Values by the node after which nobody reads them; graph outputs stay.
  std::vector<std::vector<Dim>> released(order.size());
  const auto release = [&](const Value& value, const Dim& size, size_t made) {
    if (value.is_graph_output()) return;
    const size_t last = std::max(last_reader(value, graph, positions).value_or(made), made);
    if (last < released.size()) released[last].push_back(size);
  };
  Dim live = 0;
  for (const Value* input : graph.inputs()) {
    if (input->is_initializer()) continue;
    const Dim size = bound(size_of(*input, inference), replacements);
    if (size.is_unknown()) continue;
    live = live + size;
    release(*input, size, 0);
  }

  analysis::MacCounter counter(model, inference);
  Parameters parameters;
  bool peak_is_known = true;
  for (size_t i = 0; i < order.size(); ++i) {
    NodeCost& node = cost.nodes.emplace_back();
    node.node = order[i];
    node.macs = bound(counter.of(*order[i]), replacements);
    parameters.read_by(*order[i], node);
    bool all_known = true;
    if (!order[i]->is("Constant")) {
      for (const Value* output : order[i]->outputs()) {
        if (output == nullptr) continue;
        const Dim size = bound(size_of(*output, inference), replacements);
        all_known = all_known && !size.is_unknown();
        if (size.is_unknown()) continue;
        node.activation_bytes = node.activation_bytes + size;
        release(*output, size, i);
      }
    }
    live = live + node.activation_bytes;
    node.live_bytes = live;
    for (const Dim& size : released[i]) live = live - size;

    cost.num_unknown_macs += node.macs.is_unknown() ? 1 : 0;
    cost.num_unknown_bytes += all_known ? 0 : 1;
    if (!node.macs.is_unknown()) cost.macs = cost.macs + node.macs;
    cost.activation_bytes = cost.activation_bytes + node.activation_bytes;
    peak_is_known = peak_is_known && node.live_bytes.is_known();
    if (peak_is_known && (cost.peak == nullptr || node.live_bytes.value() > cost.peak_bytes.value())) {
      cost.peak_bytes = node.live_bytes;
      cost.peak = node.node;
    }
  }
  if (!peak_is_known) {
    cost.peak_bytes = {};
    cost.peak = nullptr;
  }
  return cost;
}

}  // namespace surgery
