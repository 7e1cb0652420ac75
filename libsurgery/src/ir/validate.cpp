#include <algorithm>
#include <stdexcept>
#include <unordered_set>

#include "surgery/model.h"
#include "surgery/text.h"

namespace surgery {
namespace {

[[noreturn]] void broken(int invariant, const std::string& what) {
  throw std::logic_error("graph invariant " + std::to_string(invariant) + " does not hold: " + what);
}

bool is_visible_from(const Value& value, const Graph& graph) {
  for (const Graph* scope = &graph; scope != nullptr; scope = scope->parent()) {
    if (&value.graph() == scope) return true;
  }
  return false;
}

void validate_node(const Graph& graph, const Node& node) {
  for (size_t i = 0; i < node.inputs().size(); ++i) {
    const Value* input = node.inputs()[i];
    if (input == nullptr) continue;
    if (!is_visible_from(*input, graph)) broken(4, describe(node) + " reads " + quote(input->name()));
    const auto& uses = input->uses();
    if (std::find(uses.begin(), uses.end(), Use{const_cast<Node*>(&node), i}) == uses.end()) {  // NOLINT
      broken(1, describe(node) + " is not listed among the readers of " + quote(input->name()));
    }
  }
  for (size_t i = 0; i < node.outputs().size(); ++i) {
    const Value* output = node.outputs()[i];
    if (output == nullptr) continue;
    if (output->producer() != &node || output->output_index() != i || &output->graph() != &graph) {
      broken(2, describe(node) + " is not the producer that " + quote(output->name()) + " names");
    }
    if (output->is_graph_input() || output->is_initializer()) {
      broken(2, quote(output->name()) + " has a producer and is an input or initializer");
    }
  }
  bool has_subgraphs = false;
  for (const Attribute& attribute : node.attributes()) {
    has_subgraphs = has_subgraphs || !attribute.graphs().empty();
    for (const std::unique_ptr<Graph>& subgraph : attribute.graphs()) {
      if (subgraph->owner() != &node) broken(6, "a subgraph of " + describe(node) + " has another owner");
      subgraph->validate();
    }
  }
  if (node.has_subgraphs() != has_subgraphs) broken(6, describe(node) + " does not know of its subgraphs");
}

}  // namespace

void Graph::validate() const {
  for (const Node* node = first_; node != nullptr; node = node->next_) {
    if (node->graph_ != this) broken(2, describe(*node) + " belongs to another graph");
    validate_node(*this, *node);
  }
  int listed = 0;
  for (const Value* output : outputs_) listed += &output->graph() == this ? 1 : 0;
  int counted = 0;
  for (const std::unique_ptr<Value>& value : values_) {
    if (value == nullptr) continue;
    if (find(value->name_) == nullptr) broken(3, "no value is found under the name " + quote(value->name_));
    if (value->num_graph_outputs_ < 0) broken(5, quote(value->name_) + " is an output a negative number of times");
    counted += value->num_graph_outputs_;
    for (const Use& use : value->uses_) {
      if (use.index >= use.node->inputs_.size() || use.node->inputs_[use.index] != value.get()) {
        broken(1, quote(value->name_) + " lists a reader that does not read it: " + describe(*use.node));
      }
    }
  }
  if (counted < listed) broken(5, "fewer outputs are counted on values than listed by the graph");
}

void Model::validate() const {
  graph_->validate();
  for (const Function& function : functions_) function.body->validate();
}

}  // namespace surgery
