#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "surgery/attribute.h"
#include "surgery/journal.h"
#include "surgery/name_index.h"
#include "surgery/tensor.h"
#include "surgery/type.h"

namespace surgery {

class Graph;
class Model;
class Node;

/// One place where a value is read: input number `index` of `node`. The node may sit in a subgraph of the value's
/// graph.
struct Use {
  Node* node;
  size_t index;
  friend bool operator==(const Use&, const Use&) = default;
};

/// A tensor (or sequence, map, optional) that flows through a graph. It is an identity, never a string: two values of
/// one name can exist in different scopes. Owned by its graph; the address is stable until the value is removed.
class Value {
 public:
  const std::string& name() const { return name_; }
  /// Dense number, unique in the model, for side tables; below Model::num_value_ids().
  uint32_t id() const { return id_; }
  Graph& graph() const { return *graph_; }

  Node* producer() const { return producer_; }           ///< nullptr for inputs, initializers and undefined names
  size_t output_index() const { return output_index_; }  ///< which output of the producer
  std::span<const Use> uses() const { return uses_; }    ///< in no particular order, subgraphs included

  bool is_graph_input() const { return is_input_; }
  /// How often the value is listed as an output of a graph (its own or, oddly but legally, a subgraph).
  int num_graph_outputs() const { return num_graph_outputs_; }
  bool is_graph_output() const { return num_graph_outputs_ > 0; }
  bool is_initializer() const { return initializer_ != nullptr; }
  /// Read by a node but produced, listed and stored nowhere: an invalid model, kept so that it can be shown.
  bool is_undefined() const { return producer_ == nullptr && !is_input_ && !is_initializer(); }
  /// No reader and no graph output.
  bool is_unused() const { return uses_.empty() && num_graph_outputs_ == 0; }
  bool has_one_use() const { return uses_.size() == 1 && num_graph_outputs_ == 0; }

  /// The stored tensor, or nullptr. It is a default that a caller may override when is_graph_input() too.
  const Tensor* initializer() const { return initializer_.get(); }
  /// The tensor every run sees: an initializer that is no graph input (a Constant node is not looked through;
  /// see constant_of()). From IR version 4 on; before it, initializers had to be listed as inputs and count as
  /// constant.
  std::shared_ptr<const Tensor> constant() const;

  /// What the file declares (graph input, output, value_info, or an initializer's own type); unknown if nothing.
  const Type& type() const { return type_; }
  bool has_value_info() const { return has_value_info_; }  ///< listed in graph.value_info

 private:
  friend class Graph;
  friend class ModelReader;
  friend class ModelWriter;
  std::string name_;
  uint32_t id_ = 0;
  uint32_t slot_ = 0;  // index in Graph::values_
  Graph* graph_ = nullptr;
  Node* producer_ = nullptr;
  size_t output_index_ = 0;
  std::vector<Use> uses_;
  bool is_input_ = false;
  int num_graph_outputs_ = 0;
  std::shared_ptr<const Tensor> initializer_;
  std::string_view initializer_source_;  // encoded TensorProto (under its old name); empty when made or replaced here
  Type type_;
  std::string_view info_source_;  // encoded ValueInfoProto (of the input, output or value_info); empty when made here
  bool info_changed_ = false;     // name or type differ from info_source_
  bool has_value_info_ = false;   // listed in graph.value_info
};

/// The tensor a value always has: its constant(), or the payload of the Constant node that produces it. nullptr if
/// none. (Of Constant's forms, the reader turns value_float, value_ints, ... into tensors on demand; sparse ones give
/// nullptr.)
std::shared_ptr<const Tensor> constant_of(const Value& value);

/// One operator call. Owned by its graph; the address is stable until the node is erased.
class Node {
 public:
  const std::string& name() const { return name_; }
  const std::string& op_type() const { return op_type_; }
  const std::string& domain() const { return domain_; }  ///< as written; "" and "ai.onnx" mean the same
  const std::string& overload() const { return overload_; }
  /// op_type and domain at once, "ai.onnx" and "" being the same domain.
  bool is(std::string_view op_type, std::string_view domain = "") const;
  uint32_t id() const { return id_; }
  Graph& graph() const { return *graph_; }

  /// nullptr for an omitted optional input or output.
  std::span<Value* const> inputs() const { return inputs_; }
  std::span<Value* const> outputs() const { return outputs_; }
  /// The input, or nullptr when it is omitted or past the end.
  Value* input(size_t index) const { return index < inputs_.size() ? inputs_[index] : nullptr; }
  Value* output(size_t index) const { return index < outputs_.size() ? outputs_[index] : nullptr; }

  std::span<const Attribute> attributes() const { return attributes_; }
  const Attribute* attribute(std::string_view name) const;
  /// The attribute's value, or `fallback` when it is absent. Throws Error(kRead) when it has another type.
  int64_t int_or(std::string_view name, int64_t fallback) const;
  float float_or(std::string_view name, float fallback) const;
  std::string string_or(std::string_view name, std::string_view fallback) const;
  std::vector<int64_t> ints_or(std::string_view name, std::vector<int64_t> fallback) const;
  bool has_subgraphs() const { return has_subgraphs_; }

  const Node* next() const { return next_; }  ///< the node behind it in the graph's order
  Node* next() { return next_; }
  const Node* previous() const { return previous_; }
  Node* previous() { return previous_; }

 private:
  friend class Graph;
  friend class ModelReader;
  friend class ModelWriter;
  std::string name_;
  std::string op_type_;
  std::string domain_;
  std::string overload_;
  uint32_t id_ = 0;
  Graph* graph_ = nullptr;
  std::vector<Value*> inputs_;
  std::vector<Value*> outputs_;
  std::vector<Attribute> attributes_;
  Node* next_ = nullptr;
  Node* previous_ = nullptr;
  std::string_view source_;  // encoded NodeProto; empty when made here
  bool changed_ = false;
  bool has_subgraphs_ = false;  // among the attributes
};

/// "node 'conv_3' (Conv)", "node #12 (Relu)" for one without a name; for messages. Names are escaped.
std::string describe(const Node& node);

/// What a new node is made of.
struct NodeSpec {
  std::string op_type{};
  std::vector<Value*> inputs{};             ///< nullptr: omitted
  std::vector<std::string> output_names{};  ///< "": omitted; a name that is taken is an error (see Graph::unique_name)
  std::vector<Attribute> attributes{};
  std::string name{};
  std::string domain{};
};

/// A graph, a subgraph or a function body: nodes in order, values with def-use lists, inputs, outputs, initializers.
///
/// All changes go through the methods below the line "Changing"; they keep uses, names, marks of change and the journal
/// right. Invariants, checked by validate():
///  1. A value is listed among the uses of exactly the (node, index) pairs that read it, nodes in subgraphs included.
///  2. A value's producer lists it at output_index(); a value with a producer is neither input nor initializer.
///  3. find(name) gives the value of that name; inside one graph no two values made through these methods share a name.
///  4. A value read by a node belongs to the node's graph or to one that encloses it.
///  5. num_graph_outputs() counts the entries of outputs() of this graph and its subgraphs.
///  6. The subgraphs of a node have this graph as parent, and the node knows that it has some.
class Graph {
 public:
  Graph(Model& model, Node* owner);
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  Model& model() const { return model_; }
  Node* owner() const { return owner_; }  ///< the node that owns this subgraph; nullptr for a main graph or function
  Graph* parent() const { return owner_ != nullptr ? &owner_->graph() : nullptr; }
  const std::string& name() const { return name_; }

  Node* first_node() { return first_; }
  const Node* first_node() const { return first_; }
  Node* last_node() { return last_; }
  size_t num_nodes() const { return num_nodes_; }
  /// Snapshot of the nodes in order; stays usable while the graph is changed, except for erased nodes.
  std::vector<Node*> nodes() const;

  std::span<Value* const> inputs() const { return inputs_; }
  std::span<Value* const> outputs() const { return outputs_; }
  std::span<Value* const> initializers() const { return initializers_; }
  /// Every value of this graph, in the order in which they were made; subgraphs not included.
  std::vector<Value*> values() const;

  Value* find(std::string_view name) const;           ///< in this graph alone; nullptr if there is none
  Value* find_in_scope(std::string_view name) const;  ///< here, then in the enclosing graphs
  /// Nodes such that each comes after what it reads (captures of subgraphs count). Keeps the present order where it is
  /// right. Empty optional when there is a cycle.
  std::optional<std::vector<Node*>> topological_order() const;

  /// `base`, or base_1, base_2, ... : a value name that nothing in the whole model uses.
  std::string unique_name(std::string_view base) const;
  std::string unique_node_name(std::string_view base) const;

  /// Whether anything in this graph or its subgraphs differs from what was read.
  bool is_changed() const { return changed_; }

  /// Throws std::logic_error naming the first broken invariant.
  void validate() const;

  // ---- Changing -----------------------------------------------------------------------------------------------

  /// A new node in front of `anchor` (nullptr: at the end). Its outputs are new values of this graph; graphs among its
  /// attributes (made with an owner of nullptr) become its subgraphs.
  Node& insert_before(Node* anchor, NodeSpec spec);
  /// Removes a node whose outputs are all unused, its subgraphs with it. Its output values are removed too.
  void erase(Node& node);
  void move_before(Node& node, Node* anchor);
  /// Puts the nodes into the order given: a permutation of nodes().
  void reorder(std::span<Node* const> order);

  void set_input(Node& node, size_t index, Value* value);  ///< index may be past the end: omitted inputs fill the gap
  void resize_inputs(Node& node, size_t count);            ///< drops inputs from the end, or adds omitted ones
  /// Drops an output that is unused (leaves "" in its place, or shortens the list when it is the last).
  void drop_output(Node& node, size_t index);
  void set_attribute(Node& node, Attribute attribute);  ///< replaces one of the same name
  bool remove_attribute(Node& node, std::string_view name);
  void set_op_type(Node& node, std::string op_type, std::string domain);
  void rename_node(Node& node, std::string name);

  /// Lets every reader of `from` read `to`. Throws std::logic_error when `from` is a graph output.
  void replace_all_uses(Value& from, Value& to);
  /// Whether replace(from, to) can be done without changing a graph's interface.
  bool can_replace(const Value& from, const Value& to) const;
  /// Makes `to`, which holds the same tensor, stand for `from` everywhere. Where `from` is a graph output, `to` takes
  /// over its name and place, and `from` gets a fresh name. Requires can_replace(). `from` is unused afterwards.
  void replace(Value& from, Value& to);

  void set_name(std::string name);
  void rename(Value& value, std::string name);  ///< throws Error(kUsage) when the name is taken in scope
  Value& add_input(std::string name, Type type);
  void remove_input(Value& value);  ///< requires no use; an initializer of that name stays, as a constant
  void add_output(Value& value);    ///< appends to outputs()
  void remove_output(size_t index);
  void replace_output(size_t index, Value& value);
  Value& add_initializer(std::string name, Tensor tensor);
  void set_initializer(Value& value, Tensor tensor);  ///< replaces the tensor of an initializer, or makes it one
  void remove_initializer(Value& value);              ///< requires no use and not an input; the value is removed
  void make_input(Value& initializer);                ///< lists an initializer among the inputs too
  void make_not_input(Value& initializer);            ///< takes an initializer out of the inputs
  void set_type(Value& value, Type type);             ///< the declared type (input, output or value_info)
  /// Lists the value in value_info with its type, or takes it out of there.
  void set_value_info(Value& value, bool listed);

 private:
  friend class ModelReader;
  friend class ModelWriter;

  Value& make_value(std::string name);
  void remove_value(Value& value);
  void add_use(Value* value, Node& node, size_t index);
  void remove_use(Value* value, Node& node, size_t index);
  void link_before(Node& node, Node* anchor);
  void unlink(Node& node);
  void mark_changed();
  void mark_changed(Node& node);
  void detach(Graph& subgraph);
  static void note_subgraphs(Node& node);
  Value& make_output_value(std::string name, Node& node, size_t index);
  void list_output(Value& value, int change);
  void mark_graphs_listing(const Value& value);
  void note_readers(const Value& value);

  Model& model_;
  Node* owner_;
  std::string name_;
  NameIndex by_name_;
  std::vector<std::unique_ptr<Value>> values_;  // removed ones leave a null
  std::vector<Value*> inputs_;
  std::vector<Value*> outputs_;
  std::vector<Value*> initializers_;
  Node* first_ = nullptr;
  Node* last_ = nullptr;
  size_t num_nodes_ = 0;
  std::string_view source_;  // encoded GraphProto (or FunctionProto)
  bool changed_ = false;
};

/// Calls `visit(graph)` for `root` and then, depth first, for every subgraph below it. `root` may be const.
template <typename AnyGraph, typename Visit>
requires std::is_same_v<std::remove_const_t<AnyGraph>, Graph>
void for_each_graph(AnyGraph& root, Visit&& visit) {
  visit(root);
  for (const Node* node = root.first_node(); node != nullptr; node = node->next()) {
    if (!node->has_subgraphs()) continue;
    for (const Attribute& attribute : node->attributes()) {
      for (const std::unique_ptr<Graph>& sub : attribute.graphs()) for_each_graph(static_cast<AnyGraph&>(*sub), visit);
    }
  }
}

}  // namespace surgery
