#include "surgery/graph.h"

#include <algorithm>
#include <stdexcept>

#include "surgery/model.h"
#include "surgery/text.h"

namespace surgery {

Graph::Graph(Model& model, Node* owner) : model_(model), owner_(owner) {}

Graph::~Graph() {
  for (Node* node = first_; node != nullptr;) {
    Node* next = node->next_;
    delete node;
    node = next;
  }
}

// ---- Asking ---------------------------------------------------------------------------------------------------

std::vector<Node*> Graph::nodes() const {
  std::vector<Node*> nodes;
  nodes.reserve(num_nodes_);
  for (Node* node = first_; node != nullptr; node = node->next_) nodes.push_back(node);
  return nodes;
}

std::vector<Value*> Graph::values() const {
  std::vector<Value*> values;
  values.reserve(values_.size());
  for (const std::unique_ptr<Value>& value : values_) {
    if (value != nullptr) values.push_back(value.get());
  }
  return values;
}

Value* Graph::find(std::string_view name) const { return by_name_.find(name); }

Value* Graph::find_in_scope(std::string_view name) const {
  for (const Graph* graph = this; graph != nullptr; graph = graph->parent()) {
    if (Value* value = graph->find(name)) return value;
  }
  return nullptr;
}

std::string Graph::unique_name(std::string_view base) const { return model_.unique_name(base); }

std::string Graph::unique_node_name(std::string_view base) const { return model_.unique_name(base); }

// ---- Nodes ----------------------------------------------------------------------------------------------------

Node& Graph::insert_before(Node* anchor, NodeSpec spec) {
  SURGERY_ASSERT(anchor == nullptr || anchor->graph_ == this, "the anchor is a node of this graph");
  auto owned = std::make_unique<Node>();
  Node& node = *owned;
  node.graph_ = this;
  node.id_ = model_.next_node_id_++;
  node.name_ = std::move(spec.name);
  node.op_type_ = std::move(spec.op_type);
  node.domain_ = std::move(spec.domain);
  node.attributes_ = std::move(spec.attributes);
  node.changed_ = true;
  for (const Attribute& attribute : node.attributes_) {
    for (const std::unique_ptr<Graph>& subgraph : attribute.graphs()) subgraph->owner_ = &node;
  }
  note_subgraphs(node);
  node.outputs_.reserve(spec.output_names.size());
  for (std::string& name : spec.output_names) {
    node.outputs_.push_back(name.empty() ? nullptr : &make_output_value(std::move(name), node, node.outputs_.size()));
  }
  for (Value* input : spec.inputs) {
    node.inputs_.push_back(input);
    add_use(input, node, node.inputs_.size() - 1);
  }
  model_.note_name(node.name_);
  link_before(*owned.release(), anchor);
  mark_changed(node);
  return node;
}

Value& Graph::make_output_value(std::string name, Node& node, size_t index) {
  Value* value = find_in_scope(name);
  if (value == nullptr) {
    value = &make_value(std::move(name));
  } else if (value->graph_ != this || !value->is_undefined()) {
    throw Error(ErrorCode::kUsage, "the name " + quote(name) + " is taken by another tensor");
  }
  value->producer_ = &node;
  value->output_index_ = index;
  return *value;
}

void Graph::erase(Node& node) {
  SURGERY_ASSERT(node.graph_ == this, "the node is one of this graph");
  for (Value* output : node.outputs_) {
    if (output != nullptr && !output->is_unused()) {
      throw std::logic_error("erase: " + describe(node) + ": output " + quote(output->name()) + " is still used");
    }
  }
  for (const Attribute& attribute : node.attributes_) {
    for (const std::unique_ptr<Graph>& subgraph : attribute.graphs()) detach(*subgraph);
  }
  for (size_t i = 0; i < node.inputs_.size(); ++i) remove_use(node.inputs_[i], node, i);
  for (Value* output : node.outputs_) {
    if (output != nullptr) remove_value(*output);
  }
  model_.changes_.note_erased(node);
  unlink(node);
  delete &node;
  mark_changed();
}

/// Takes the uses that a subgraph makes of outer values off their lists, before it goes.
void Graph::detach(Graph& subgraph) {
  for_each_graph(subgraph, [](Graph& graph) {
    for (Node* node = graph.first_; node != nullptr; node = node->next_) {
      for (size_t i = 0; i < node->inputs_.size(); ++i) graph.remove_use(node->inputs_[i], *node, i);
      std::fill(node->inputs_.begin(), node->inputs_.end(), nullptr);
      graph.model_.changes_.note_erased(*node);
    }
    for (Value* output : graph.outputs_) --output->num_graph_outputs_;
    graph.outputs_.clear();
  });
}

void Graph::note_subgraphs(Node& node) {
  node.has_subgraphs_ = std::any_of(node.attributes_.begin(), node.attributes_.end(),
                                    [](const Attribute& attribute) { return !attribute.graphs().empty(); });
}

void Graph::move_before(Node& node, Node* anchor) {
  SURGERY_ASSERT(node.graph_ == this && &node != anchor, "a node of this graph moves to another place in it");
  unlink(node);
  link_before(node, anchor);
  mark_changed();
}

void Graph::reorder(std::span<Node* const> order) {
  SURGERY_ASSERT(order.size() == num_nodes_, "the order names every node once");
  first_ = last_ = nullptr;
  num_nodes_ = 0;
  for (Node* node : order) {
    node->next_ = node->previous_ = nullptr;
    link_before(*node, nullptr);
  }
  mark_changed();
}

void Graph::set_input(Node& node, size_t index, Value* value) {
  if (index >= node.inputs_.size()) node.inputs_.resize(index + 1, nullptr);
  remove_use(node.inputs_[index], node, index);
  node.inputs_[index] = value;
  add_use(value, node, index);
  mark_changed(node);
}

void Graph::resize_inputs(Node& node, size_t count) {
  for (size_t i = count; i < node.inputs_.size(); ++i) remove_use(node.inputs_[i], node, i);
  node.inputs_.resize(count, nullptr);
  mark_changed(node);
}

void Graph::drop_output(Node& node, size_t index) {
  SURGERY_ASSERT(index < node.outputs_.size(), "the output exists");
  if (Value* value = node.outputs_[index]) {
    SURGERY_ASSERT(value->is_unused(), "only an unused output is dropped");
    remove_value(*value);
  }
  node.outputs_[index] = nullptr;
  while (!node.outputs_.empty() && node.outputs_.back() == nullptr) node.outputs_.pop_back();
  mark_changed(node);
}

void Graph::set_attribute(Node& node, Attribute attribute) {
  SURGERY_ASSERT(attribute.graphs().empty(), "subgraphs come with their node");
  for (Attribute& present : node.attributes_) {
    if (present.name() != attribute.name()) continue;
    SURGERY_ASSERT(present.graphs().empty(), "a subgraph is not replaced");
    present = std::move(attribute);
    mark_changed(node);
    return;
  }
  node.attributes_.push_back(std::move(attribute));
  mark_changed(node);
}

bool Graph::remove_attribute(Node& node, std::string_view name) {
  const auto found = std::find_if(node.attributes_.begin(), node.attributes_.end(),
                                  [&](const Attribute& attribute) { return attribute.name() == name; });
  if (found == node.attributes_.end()) return false;
  for (const std::unique_ptr<Graph>& subgraph : found->graphs()) detach(*subgraph);
  node.attributes_.erase(found);
  note_subgraphs(node);
  mark_changed(node);
  return true;
}

void Graph::set_op_type(Node& node, std::string op_type, std::string domain) {
  node.op_type_ = std::move(op_type);
  node.domain_ = std::move(domain);
  mark_changed(node);
}

void Graph::rename_node(Node& node, std::string name) {
  node.name_ = std::move(name);
  model_.note_name(node.name_);
  mark_changed(node);
}

void Graph::link_before(Node& node, Node* anchor) {
  node.next_ = anchor;
  node.previous_ = anchor != nullptr ? anchor->previous_ : last_;
  (node.previous_ != nullptr ? node.previous_->next_ : first_) = &node;
  (anchor != nullptr ? anchor->previous_ : last_) = &node;
  ++num_nodes_;
}

void Graph::unlink(Node& node) {
  (node.previous_ != nullptr ? node.previous_->next_ : first_) = node.next_;
  (node.next_ != nullptr ? node.next_->previous_ : last_) = node.previous_;
  node.next_ = node.previous_ = nullptr;
  --num_nodes_;
}

// ---- Values ---------------------------------------------------------------------------------------------------

Value& Graph::make_value(std::string name) {
  auto owned = std::make_unique<Value>();
  Value& value = *owned;
  value.name_ = std::move(name);
  value.id_ = model_.next_value_id_++;
  value.slot_ = static_cast<uint32_t>(values_.size());
  value.graph_ = this;
  values_.push_back(std::move(owned));
  by_name_.insert(value);  // of two values of one name in an invalid file, the first is found
  model_.note_name(value.name_);
  return value;
}

void Graph::remove_value(Value& value) {
  by_name_.erase(value);
  values_[value.slot_].reset();
}

void Graph::add_use(Value* value, Node& node, size_t index) {
  if (value != nullptr) value->uses_.push_back({&node, index});
}

void Graph::remove_use(Value* value, Node& node, size_t index) {
  if (value == nullptr) return;
  const auto found = std::find(value->uses_.begin(), value->uses_.end(), Use{&node, index});
  SURGERY_ASSERT(found != value->uses_.end(), "every reader is listed");
  *found = value->uses_.back();
  value->uses_.pop_back();
}

void Graph::replace_all_uses(Value& from, Value& to) {
  if (from.is_graph_output()) {
    throw std::logic_error("replace_all_uses: " + quote(from.name()) + " is a graph output");
  }
  if (&from == &to) return;
  for (const Use& use : from.uses_) {
    use.node->inputs_[use.index] = &to;
    to.uses_.push_back(use);
    use.node->graph_->mark_changed(*use.node);
  }
  from.uses_.clear();
}

bool Graph::can_replace(const Value& from, const Value& to) const {
  if (&from == &to) return false;
  const Graph* scope = from.graph_;
  while (scope != nullptr && scope != to.graph_) scope = scope->parent();
  if (scope == nullptr) return false;  // `to` is not visible to the readers of `from`
  if (!from.is_graph_output()) return true;
  const bool only_own_output =
      std::count(from.graph_->outputs_.begin(), from.graph_->outputs_.end(), &from) == from.num_graph_outputs_;
  return only_own_output && to.graph_ == from.graph_ && to.producer_ != nullptr && !to.is_graph_output();
}

void Graph::replace(Value& from, Value& to) {
  SURGERY_ASSERT(can_replace(from, to), "can_replace() was asked first");
  if (from.is_graph_output()) {
    Graph& graph = *from.graph_;
    const std::string interface_name = from.name_;
    const std::string former_name = to.name_;
    for (Value*& output : graph.outputs_) {
      if (output == &from) output = &to;
    }
    std::swap(to.num_graph_outputs_, from.num_graph_outputs_);
    graph.rename(from, unique_name(interface_name + "_replaced"));
    graph.rename(to, interface_name);
    to.type_ = from.type_;
    to.info_changed_ = true;
    model_.journal_.correspond(former_name, interface_name);
  }
  replace_all_uses(from, to);
}

void Graph::set_name(std::string name) {
  name_ = std::move(name);
  mark_changed();
}

void Graph::rename(Value& value, std::string name) {
  if (value.name_ == name) return;
  Graph& graph = *value.graph_;
  if (name.empty() || graph.find_in_scope(name) != nullptr) {
    throw Error(ErrorCode::kUsage,
                "cannot rename " + quote(value.name_) + " to " + quote(name) +
                    (name.empty() ? ": the name is empty" : ": the name is taken by another tensor"));
  }
  graph.by_name_.erase(value);
  value.name_ = std::move(name);
  graph.by_name_.insert(value);
  model_.note_name(value.name_);
  value.info_changed_ = true;
  if (value.producer_ != nullptr) graph.mark_changed(*value.producer_);
  for (const Use& use : value.uses_) use.node->graph_->mark_changed(*use.node);
  graph.mark_changed();
  mark_graphs_listing(value);
}

/// Marks every graph that has the value among its outputs.
void Graph::mark_graphs_listing(const Value& value) {
  if (!value.is_graph_output()) return;
  for_each_graph(*value.graph_, [&](Graph& graph) {
    if (std::find(graph.outputs_.begin(), graph.outputs_.end(), &value) != graph.outputs_.end()) graph.mark_changed();
  });
}

Value& Graph::add_input(std::string name, Type type) {
  if (find_in_scope(name) != nullptr) throw Error(ErrorCode::kUsage, "the name " + quote(name) + " is taken");
  Value& value = make_value(std::move(name));
  value.is_input_ = true;
  value.type_ = std::move(type);
  inputs_.push_back(&value);
  mark_changed();
  return value;
}

void Graph::remove_input(Value& value) {
  SURGERY_ASSERT(value.graph_ == this && value.is_input_, "an input of this graph");
  std::erase(inputs_, &value);
  value.is_input_ = false;
  mark_changed();
  note_readers(value);
  if (value.is_initializer()) return;
  SURGERY_ASSERT(value.is_unused(), "only an unused input is removed");
  remove_value(value);
}

void Graph::add_output(Value& value) {
  outputs_.push_back(&value);
  list_output(value, +1);
}

void Graph::remove_output(size_t index) {
  SURGERY_ASSERT(index < outputs_.size(), "the output exists");
  list_output(*outputs_[index], -1);
  outputs_.erase(outputs_.begin() + static_cast<std::ptrdiff_t>(index));
}

void Graph::replace_output(size_t index, Value& value) {
  SURGERY_ASSERT(index < outputs_.size(), "the output exists");
  list_output(*outputs_[index], -1);
  outputs_[index] = &value;
  list_output(value, +1);
}

void Graph::list_output(Value& value, int change) {
  value.num_graph_outputs_ += change;
  mark_changed();
  if (owner_ != nullptr) model_.changes_.note(*owner_);
}

Value& Graph::add_initializer(std::string name, Tensor tensor) {
  if (find_in_scope(name) != nullptr) throw Error(ErrorCode::kUsage, "the name " + quote(name) + " is taken");
  Value& value = make_value(std::move(name));
  set_initializer(value, std::move(tensor));
  return value;
}

void Graph::set_initializer(Value& value, Tensor tensor) {
  SURGERY_ASSERT(value.graph_ == this && value.producer_ == nullptr, "a value that no node produces");
  if (!value.is_initializer()) initializers_.push_back(&value);
  if (!value.is_input_) {
    value.type_ = Type::tensor(tensor.type(), Shape(tensor.dims().begin(), tensor.dims().end()));
    value.info_changed_ = true;
  }
  value.initializer_ = std::make_shared<const Tensor>(std::move(tensor));
  value.initializer_source_ = {};
  mark_changed();
  note_readers(value);
}

void Graph::remove_initializer(Value& value) {
  SURGERY_ASSERT(value.is_initializer() && !value.is_input_ && value.is_unused(), "an unused initializer, no input");
  std::erase(initializers_, &value);
  remove_value(value);
  mark_changed();
}

void Graph::make_input(Value& initializer) {
  SURGERY_ASSERT(initializer.is_initializer() && !initializer.is_input_, "an initializer that is no input");
  initializer.is_input_ = true;
  inputs_.push_back(&initializer);
  mark_changed();
  note_readers(initializer);
}

void Graph::make_not_input(Value& initializer) {
  SURGERY_ASSERT(initializer.is_initializer() && initializer.is_input_, "an initializer that is an input");
  initializer.is_input_ = false;
  std::erase(inputs_, &initializer);
  mark_changed();
  note_readers(initializer);
}

void Graph::set_type(Value& value, Type type) {
  value.type_ = std::move(type);
  value.info_changed_ = true;
  value.graph_->mark_changed();
  mark_graphs_listing(value);
  if (value.producer_ != nullptr) {
    model_.changes_.note(*value.producer_);
  } else {
    model_.changes_.note_everything();  // the symbols of an input may stand anywhere
  }
}

void Graph::set_value_info(Value& value, bool listed) {
  if (value.has_value_info_ == listed) return;
  value.has_value_info_ = listed;
  value.graph_->mark_changed();
}

// ---- Marks of change ------------------------------------------------------------------------------------------

void Graph::mark_changed() {
  if (changed_) return;  // then everything above is marked too
  changed_ = true;
  if (owner_ != nullptr) {
    owner_->graph_->mark_changed(*owner_);
  } else {
    model_.changed_ = true;
  }
}

void Graph::mark_changed(Node& node) {
  node.changed_ = true;
  mark_changed();
  model_.changes_.note(node);
}

/// What a value without a producer holds has changed.
void Graph::note_readers(const Value& value) {
  for (const Use& use : value.uses_) model_.changes_.note(*use.node);
}

}  // namespace surgery
