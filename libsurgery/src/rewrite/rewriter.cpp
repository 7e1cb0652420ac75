#include <algorithm>

#include "surgery/rewrite.h"

namespace surgery {
namespace {

/// IR version from which an initializer need not be listed among the inputs.
constexpr int64_t kFreeInitializers = 4;

bool is_inside(const Graph& graph, const Node& owner) {
  for (const Graph* scope = &graph; scope != nullptr; scope = scope->parent()) {
    if (scope->owner() == &owner) return true;
  }
  return false;
}

/// Calls `visit(value)` for each value that the node reads, those of enclosing graphs that its subgraphs read included.
template <typename Visit>
void for_each_read(const Node& node, Visit&& visit) {
  for (Value* input : node.inputs()) {
    if (input != nullptr) visit(*input);
  }
  const auto visit_captured = [&](Value* value) {
    if (value != nullptr && !is_inside(value->graph(), node)) visit(*value);
  };
  for (const Attribute& attribute : node.attributes()) {
    for (const std::unique_ptr<Graph>& subgraph : attribute.graphs()) {
      for_each_graph(*subgraph, [&](Graph& graph) {
        for (const Node* inner = graph.first_node(); inner != nullptr; inner = inner->next()) {
          for (Value* input : inner->inputs()) visit_captured(input);
        }
        for (Value* output : graph.outputs()) visit_captured(output);
      });
    }
  }
}

bool all_outputs_unused(const Node& node) {
  return std::all_of(node.outputs().begin(), node.outputs().end(),
                     [](const Value* output) { return output == nullptr || output->is_unused(); });
}

}  // namespace

Rewriter::Rewriter(Model& model, Inference& inference, const Evaluator* evaluator, int64_t max_folded_bytes)
    : model_(model), inference_(inference), evaluator_(evaluator), max_folded_bytes_(max_folded_bytes) {
  nodes_.resize(model.num_node_ids(), nullptr);
  const auto note_nodes = [&](Graph& graph) {
    for (Node* node = graph.first_node(); node != nullptr; node = node->next()) nodes_[node->id()] = node;
  };
  for_each_graph(model.graph(), note_nodes);
  for (const Function& function : model.functions()) for_each_graph(*function.body, note_nodes);
}

int64_t Rewriter::opset(std::string_view domain) const { return model_.opset(domain).value_or(0); }

std::shared_ptr<const Tensor> Rewriter::constant(const Value* value) const {
  return value != nullptr ? constant_of(*value) : nullptr;
}

bool Rewriter::has_initializers(const Graph& graph) const {
  if (model_.ir_version() < kFreeInitializers) return &graph == &model_.graph();
  return graph.parent() != nullptr || &graph == &model_.graph();  // a function body has none
}

// ---- Changing -------------------------------------------------------------------------------------------------

Node& Rewriter::insert_before(Node* anchor, Graph& graph, NodeSpec spec) {
  changed();
  Node& node = graph.insert_before(anchor, std::move(spec));
  nodes_.resize(std::max<size_t>(nodes_.size(), node.id() + 1), nullptr);
  nodes_[node.id()] = &node;
  touch(node);
  outdated_.push_back(node.id());
  for (const Value* input : node.inputs()) {
    if (input != nullptr && input->producer() != nullptr) touch(*input->producer());
  }
  for (Value* output : node.outputs()) lose_use(output);  // it has none yet: goes if that stays so
  return node;
}

void Rewriter::become(Node& node, NodeSpec spec) {
  changed();
  SURGERY_ASSERT(!node.has_subgraphs(), "subgraphs stay with their node");
  Graph& graph = node.graph();
  const std::vector<Value*> former(node.inputs().begin(), node.inputs().end());
  while (!node.attributes().empty()) graph.remove_attribute(node, std::string(node.attributes().back().name()));
  graph.set_op_type(node, std::move(spec.op_type), std::move(spec.domain));
  graph.resize_inputs(node, spec.inputs.size());
  for (size_t i = 0; i < spec.inputs.size(); ++i) graph.set_input(node, i, spec.inputs[i]);
  for (Attribute& attribute : spec.attributes) graph.set_attribute(node, std::move(attribute));
  if (!spec.name.empty()) graph.rename_node(node, std::move(spec.name));
  drop_unused_outputs(node);
  for (Value* value : former) lose_use(value);
  touch(node);
  outdated_.push_back(node.id());
  for (const Value* output : node.outputs()) {
    if (output == nullptr) continue;
    for (const Use& use : output->uses()) touch(*use.node);
  }
}

void Rewriter::drop_unused_outputs(Node& node) {
  for (size_t i = node.outputs().size(); i-- > 1;) {
    const Value* output = node.output(i);
    if (output == nullptr || !output->is_unused()) continue;
    removed_.insert(output);
    node.graph().drop_output(node, i);
  }
}

Value& Rewriter::add_constant(Graph& graph, std::string_view base, Tensor tensor) {
  changed();
  std::string name = graph.unique_name(base);
  if (!has_initializers(graph)) {
    NodeSpec spec{.op_type = "Constant", .inputs = {}, .output_names = {std::move(name)}};
    spec.attributes.emplace_back("value", std::move(tensor));
    return *insert_before(graph.first_node(), graph, std::move(spec)).output(0);
  }
  Value& value = graph.add_initializer(std::move(name), std::move(tensor));
  if (model_.ir_version() < kFreeInitializers) graph.make_input(value);
  lose_use(&value);
  return value;
}

bool Rewriter::can_make_constant(const Value& output) const {
  const Node& node = *output.producer();
  if (!output.is_graph_output() && has_initializers(output.graph())) return true;
  return output.output_index() == 0 && !node.has_subgraphs() &&
         std::all_of(node.outputs().begin(), node.outputs().end(),
                     [&](const Value* other) { return other == nullptr || other == &output || other->is_unused(); });
}

void Rewriter::make_constant(Value& output, Tensor tensor) {
  SURGERY_ASSERT(can_make_constant(output), "can_make_constant() was asked first");
  changed();
  Graph& graph = output.graph();
  Node& node = *output.producer();
  if (output.is_graph_output() || !has_initializers(graph)) {
    NodeSpec spec{.op_type = "Constant"};
    spec.attributes.emplace_back("value", std::move(tensor));
    become(node, std::move(spec));
    return;
  }
  const std::string name = output.name();
  Value& value = add_constant(graph, name, std::move(tensor));
  for (const Use& use : output.uses()) {
    touch(*use.node);
    outdated_.push_back(use.node->id());
  }
  graph.replace_all_uses(output, value);
  if (!erase_if_unused(node)) {  // another result is still used: this one's name becomes free all the same
    removed_.insert(&output);
    graph.drop_output(node, output.output_index());
  }
  graph.rename(value, name);
}

void Rewriter::set_input(Node& node, size_t index, Value* value) {
  changed();
  Value* former = node.input(index);
  node.graph().set_input(node, index, value);
  lose_use(former);
  touch(node);
  outdated_.push_back(node.id());
  if (value != nullptr && value->producer() != nullptr) touch(*value->producer());
}

void Rewriter::resize_inputs(Node& node, size_t count) {
  changed();
  const std::vector<Value*> former(node.inputs().begin(), node.inputs().end());
  node.graph().resize_inputs(node, count);
  for (size_t i = count; i < former.size(); ++i) lose_use(former[i]);
  touch(node);
  outdated_.push_back(node.id());
}

void Rewriter::set_attribute(Node& node, Attribute attribute) {
  changed();
  node.graph().set_attribute(node, std::move(attribute));
  touch(node);
  outdated_.push_back(node.id());
}

bool Rewriter::remove_attribute(Node& node, std::string_view name) {
  if (node.attribute(name) == nullptr) return false;
  changed();
  node.graph().remove_attribute(node, name);
  touch(node);
  outdated_.push_back(node.id());
  return true;
}

bool Rewriter::can_replace(const Value& from, const Value& to) const { return from.graph().can_replace(from, to); }

void Rewriter::replace(Value& from, Value& to) {
  changed();
  for (const Use& use : from.uses()) {
    touch(*use.node);
    outdated_.push_back(use.node->id());
  }
  if (to.producer() != nullptr) touch(*to.producer());
  const bool takes_name = from.is_graph_output();
  if (!takes_name) correspond(from.name(), to.name(), "same");
  from.graph().replace(from, to);
  lose_use(&from);
}

void Rewriter::bypass(Node& node) { replace(*node.output(0), *node.input(0)); }

bool Rewriter::erase_if_unused(Node& node) {
  if (!all_outputs_unused(node)) return false;
  changed();
  erase(node);
  return true;
}

bool Rewriter::can_remove_initializer(const Value& value) const {
  if (!value.is_graph_input()) return value.is_initializer();
  return value.is_initializer() && model_.ir_version() < kFreeInitializers && &value.graph() == &model_.graph();
}

void Rewriter::remove_initializer_if_unused(Value& value) {
  if (!value.is_unused() || !can_remove_initializer(value)) return;
  changed();
  removed_.insert(&value);
  if (value.is_graph_input()) value.graph().remove_input(value);
  value.graph().remove_initializer(value);
}

void Rewriter::correspond(const std::string& before, const std::string& after, std::string_view relation) {
  model_.journal().correspond(before, after, std::string(relation));
}

// ---- Keeping account ------------------------------------------------------------------------------------------

void Rewriter::expect(std::string_view action, const Node* place) {
  action_ = action;
  place_ = place;
  step_begun_ = false;
}

bool Rewriter::begin_step(const std::string& place) {
  if (num_steps_ >= max_steps_) return false;
  ++num_steps_;
  step_begun_ = true;
  model_.journal().begin_step(action_, place);
  return true;
}

void Rewriter::changed() {
  ++num_changes_;
  if (step_begun_) return;
  SURGERY_ASSERT(place_ != nullptr, "a whole-graph rewrite begins a step before it changes anything");
  ++num_steps_;
  step_begun_ = true;
  model_.journal().begin_step(action_, describe(*place_));
}

void Rewriter::touch(const Node& node) { touched_.push_back(node.id()); }

void Rewriter::lose_use(Value* value) {
  if (value != nullptr) suspects_.push_back(value);
}

void Rewriter::erase(Node& node) {
  for_each_read(node, [&](Value& value) { lose_use(&value); });
  for (const Attribute& attribute : node.attributes()) {
    for (const std::unique_ptr<Graph>& subgraph : attribute.graphs()) {
      erased_subgraphs_ = true;
      for_each_graph(*subgraph, [&](Graph& graph) {
        for (const Node* inner = graph.first_node(); inner != nullptr; inner = inner->next()) {
          nodes_[inner->id()] = nullptr;
        }
        for (const Value* value : graph.values()) removed_.insert(value);
      });
    }
  }
  for (const Value* output : node.outputs()) {
    if (output != nullptr) removed_.insert(output);
  }
  nodes_[node.id()] = nullptr;
  node.graph().erase(node);
}

void Rewriter::remove_unused() {
  while (!suspects_.empty()) {
    Value* value = suspects_.back();
    suspects_.pop_back();
    if (removed_.contains(value)) continue;
    if (value->is_unused()) {
      if (Node* producer = value->producer()) {
        if (all_outputs_unused(*producer)) erase(*producer);
      } else {
        remove_initializer_if_unused(*value);
      }
      continue;
    }
    if (value->producer() != nullptr) touch(*value->producer());
    if (value->has_one_use()) touch(*value->uses()[0].node);  // what asks for a single reader may match now
  }
  removed_.clear();
}

void Rewriter::settle() {
  remove_unused();
  for (const uint32_t id : outdated_) {
    if (nodes_[id] != nullptr) inference_.update_downstream(*nodes_[id]);
  }
  outdated_.clear();
}

}  // namespace surgery
