#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surgery/model.h"
#include "surgery/type.h"

namespace surgery {

namespace infer {
class Engine;
}

/// What inference knows of one value.
struct Fact {
  Type type;
  /// The elements of a small integer or bool tensor (at most 1024 elements, row-major), as dims: what flows from Shape
  /// into Reshape. They may be negative, and single ones unknown. Nothing when not even their number is known.
  std::optional<std::vector<Dim>> content;
};

/// What the model declares and what inference found, where they cannot both be true.
struct Contradiction {
  uint32_t value_id;     ///< Value::id()
  std::string value;     ///< name of the value
  std::string declared;  ///< to_string of the declared type
  std::string inferred;
  std::string place;  ///< describe() of the node that produces it
};

/// A node whose inputs or attributes its operator cannot work on.
struct ImpossibleNode {
  uint32_t node_id;  ///< Node::id()
  std::string node;  ///< describe() of it
  std::string message;
};

struct InferenceOptions {
  /// Whether declared types of outputs and value_info may fill in what inference does not find. Not after an edit that
  /// may have made them false. Those of graph inputs always count.
  bool use_declared = true;
};

/// Types, symbolic shapes and partial values of every value of a model, main graph, subgraphs and function bodies.
/// Starts from graph inputs and initializers; a declared type is used where it says more, never against what was found.
/// Usage: Inference inference(model); inference.run(); inference.shape(value).
/// After changes of the graph: catch_up(), or update(node) for each new or changed node, in order.
///
/// A dim that nothing else is known of (data-dependent ones, inputs without dim_param) is a fresh symbol named after
/// its value and axis, "boxes.0": equal wherever the same dim turns up again. Shapes therefore hold no unknown dims,
/// but for bodies of functions that are called more than once: their facts are what holds in every call.
class Inference {
 public:
  explicit Inference(const Model& model, const InferenceOptions& options = {});
  ~Inference();
  Inference(const Inference&) = delete;
  Inference& operator=(const Inference&) = delete;

  /// Infers everything, in topological order. Never throws on a valid or invalid graph: what cannot be inferred stays
  /// unknown, what is impossible is listed in errors().
  void run();
  /// Infers one node again (and nodes in its subgraphs). Returns whether a fact of an output changed; then the nodes
  /// that read it need update() too.
  bool update(const Node& node);
  /// update() on `node` and everything downstream of it that changes.
  void update_downstream(const Node& node);
  /// Makes the facts those of the graph as it is now: infers again what was changed since run() or the last call, and
  /// everything downstream that changes; all of it where inputs got other types or a function was changed. Constants
  /// that nothing reads are not looked at again.
  void catch_up();

  const Fact& fact(const Value& value) const;  ///< an empty Fact for a value never seen
  /// Shape of a tensor, or nullptr when the rank is not known.
  const Shape* shape(const Value& value) const;
  DataType element_type(const Value& value) const;
  std::optional<std::vector<int64_t>> static_shape(const Value& value) const;

  /// Uses a type for a value in place of the inferred one (a batch symbol put in place of a number, for example).
  void assume(const Value& value, Type type);

  const std::vector<Contradiction>& contradictions() const;
  /// Nodes whose inputs cannot be right, one message each: "node 'm' (MatMul): ... ".
  const std::vector<std::string>& errors() const;
  std::vector<ImpossibleNode> impossible_nodes() const;  ///< the same by node, ordered by Node::id()
  /// Operators without an inference function, as "domain.OpType", each once; those of nodes that are gone included.
  const std::vector<std::string>& unknown_operators() const;
  /// Whether a symbol was made up here and is no dim_param of the model.
  bool is_fresh(std::string_view symbol) const;

 private:
  std::unique_ptr<infer::Engine> engine_;
};

}  // namespace surgery
