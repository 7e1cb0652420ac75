#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "check/rules.h"
#include "surgery/check.h"
#include "surgery/schema.h"

namespace surgery::checking {

inline constexpr int kMaxNesting = 32;
inline constexpr int kMaxCallDepth = 100;
inline constexpr size_t kMaxRank = 1024;

/// The opset versions that a model or a function imports, looked up in constant time.
class Opsets {
 public:
  Opsets(const std::vector<OpsetImport>& imports, int64_t ir_version);
  /// Nothing for a domain that is not imported.
  std::optional<int64_t> find(std::string_view domain) const;

 private:
  std::unordered_map<std::string_view, int64_t> versions_;
};

/// The functions of a model by domain, name and overload; the first of those that share all three.
class FunctionIndex {
 public:
  explicit FunctionIndex(const Model& model);
  const Function* find(std::string_view domain, std::string_view name, std::string_view overload) const;
  const Function* called_by(const Node& node) const { return find(node.domain(), node.op_type(), node.overload()); }
  /// Whether the function declares an attribute of that name, required or with a default.
  bool has_attribute(const Function& function, std::string_view name) const;

 private:
  std::unordered_map<std::string, const Function*> functions_;
  std::unordered_map<const Function*, std::unordered_set<std::string_view>> attributes_;
};

/// Where in the model a graph stands: a chain from the graph up to the main graph or the function body.
struct Scope {
  const Graph& graph;
  const Opsets& opsets;
  const Function* function;           ///< whose body this graph is part of; nullptr in the main graph
  const Scope* parent = nullptr;      ///< of the graph that encloses this one
  const Node* owner = nullptr;        ///< the node whose subgraph this is, in the parent
  size_t owner_index = 0;             ///< its place among the parent's nodes
  std::string_view attribute_name{};  ///< the attribute that holds this graph
  int depth = 0;                      ///< number of enclosing graphs
};

/// A node of a scope together with its number, which only the walk knows.
struct NodePlace {
  const Scope& scope;
  const Node& node;
  size_t index;
};

/// "graph", "function 'local.f'", "graph/node[3] 'if0'/then_branch".
std::string place_of(const Scope& scope);
/// "graph/node[12] 'conv_3'", "graph/node[12] (Conv)" for one without a name.
std::string place_of(const NodePlace& at);

/// What one run of check() shares: the model and what was found so far.
class Context {
 public:
  Context(const Model& model, const CheckOptions& options);

  const Model& model() const { return model_; }
  const CheckOptions& options() const { return options_; }
  const FunctionIndex& functions() const { return functions_; }

  void add(const Rule& rule, std::string place, std::string message);
  std::vector<Finding> take() { return std::move(findings_); }

  /// Notes that a value of this graph is read before it is made.
  void mark_unsorted(const Graph& graph) { unsorted_.insert(&graph); }
  bool is_unsorted(const Graph& graph) const { return unsorted_.contains(&graph); }

  /// "; did you mean 'a'?", for the first few that ask: each costs a comparison with every candidate.
  std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);

  /// Whether the walk has passed the definition of a value.
  bool is_defined(const Value& value) const { return defined_[value.id()]; }
  void define(const Value& value) { defined_[value.id()] = true; }

 private:
  const Model& model_;
  CheckOptions options_;
  FunctionIndex functions_;
  std::vector<bool> defined_;
  std::unordered_set<const Graph*> unsorted_;
  std::vector<Finding> findings_;
  int suggestions_left_ = 20;
};

// One per file.
void check_model(Context& context);
void check_opsets(Context& context, const std::vector<OpsetImport>& imports, const std::string& place);
void check_functions(Context& context);
/// Everything inside one graph, its subgraphs included.
void check_graph(Context& context, const Scope& scope);
void check_operator(Context& context, const NodePlace& at);
/// `schema` is what the operator table says of the node, `function` the model's function that it calls; at most one.
void check_attributes(Context& context, const NodePlace& at, const schema::OpSchema* schema, const Function* function);
void check_subgraph_interface(Context& context, const NodePlace& at);
/// Reports the cycles among the nodes of a graph, if there are any: one finding that lists the nodes of one cycle.
void check_cycle(Context& context, const Scope& scope);
void check_tensor(Context& context, const Tensor& tensor, const std::string& place);
void check_sparse_tensor(Context& context, const SparseTensor& tensor, const std::string& place);
/// What shape inference finds wrong.
void check_inference(Context& context);

}  // namespace surgery::checking
