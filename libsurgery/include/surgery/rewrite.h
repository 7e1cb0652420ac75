#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "surgery/evaluator.h"
#include "surgery/infer.h"
#include "surgery/model.h"

namespace surgery {

/// What came of applying a rewrite at one place: changed, or declined with the reason.
struct RewriteResult {
  bool changed = false;
  std::string_view reason;  ///< static text, for tests and -v

  static RewriteResult done() { return {true, {}}; }
  static RewriteResult declined(std::string_view reason) { return {false, reason}; }
};

/// The only way a rewrite changes a graph. Forwards to Graph's methods, keeps inference and the driver's worklist up to
/// date, begins the journal's step with the first change, and answers what rewrites ask. What a change leaves without a
/// reader (nodes, initializers) is removed when the rewrite has returned, so references stay good until then.
class Rewriter {
 public:
  Rewriter(Model& model, Inference& inference, const Evaluator* evaluator, int64_t max_folded_bytes = 1 << 20);

  Model& model() const { return model_; }
  const Evaluator* evaluator() const { return evaluator_; }  ///< nullptr: nothing can be computed
  int64_t max_folded_bytes() const { return max_folded_bytes_; }
  /// The version of a domain that the model imports (0 if it does not). Rewrites see no function with other imports.
  int64_t opset(std::string_view domain = "") const;

  const Fact& fact(const Value& value) const { return inference_.fact(value); }
  const Shape* shape(const Value& value) const { return inference_.shape(value); }
  DataType element_type(const Value& value) const { return inference_.element_type(value); }
  /// The tensor that the value has in every run (initializer not overridable, or Constant), or nullptr.
  std::shared_ptr<const Tensor> constant(const Value* value) const;
  /// Whether add_constant() can store a tensor of the graph as an initializer (a function body has none).
  bool has_initializers(const Graph& graph) const;

  Node& insert_before(Node* anchor, Graph& graph, NodeSpec spec);
  /// Turns the node into another call that makes the same outputs, which keep their names and readers. `spec` gives
  /// everything but the outputs; an empty name keeps the node's own. Outputs that nothing uses are dropped, but the
  /// first.
  void become(Node& node, NodeSpec spec);
  /// A new constant of the graph, its name made from `base`: an initializer, or a Constant node where there are none.
  Value& add_constant(Graph& graph, std::string_view base, Tensor tensor);
  /// Whether make_constant() can be done: false for one of several results where it would have to stay a node's.
  bool can_make_constant(const Value& output) const;
  /// Makes the output of a node a constant under the same name: an initializer, or where it is a graph output (or the
  /// graph has no initializers) the result of a Constant node.
  void make_constant(Value& output, Tensor tensor);
  void set_input(Node& node, size_t index, Value* value);
  void resize_inputs(Node& node, size_t count);
  void set_attribute(Node& node, Attribute attribute);
  bool remove_attribute(Node& node, std::string_view name);
  bool can_replace(const Value& from, const Value& to) const;
  /// Graph::replace(), noted in the journal.
  void replace(Value& from, Value& to);
  /// Erases the node if all its outputs are unused. Returns whether it is gone.
  bool erase_if_unused(Node& node);
  /// Takes the node out, handing its first input on to the readers of its first output. Requires can_replace().
  void bypass(Node& node);
  /// Whether no caller can know of the initializer: it is no input, or one only because IR versions before 4 asked for
  /// it.
  bool can_remove_initializer(const Value& value) const;
  /// Removes an initializer that nothing uses, if that can be done.
  void remove_initializer_if_unused(Value& value);
  /// In the journal: `after` now holds what `before` held. replace() records by itself.
  void correspond(const std::string& before, const std::string& after, std::string_view relation);

  /// For whole-graph rewrites, before each change: starts a step of the journal. False when the driver's limit on steps
  /// is reached; then nothing more may be changed.
  bool begin_step(const std::string& place);

 private:
  friend class Driver;
  /// What the next changes are recorded as; a null node: by a whole-graph rewrite, which calls begin_step().
  void expect(std::string_view action, const Node* place);
  void changed();
  void erase(Node& node);
  void drop_unused_outputs(Node& node);
  void touch(const Node& node);
  void lose_use(Value* value);
  /// Ends a rewrite: removes what nothing uses any more, brings inference up to date.
  void settle();
  void remove_unused();

  Model& model_;
  Inference& inference_;
  const Evaluator* evaluator_;
  int64_t max_folded_bytes_;
  std::vector<Node*> nodes_;                  // by id; nullptr: erased
  std::vector<uint32_t> touched_;             // ids of nodes to look at again, for the driver
  std::vector<uint32_t> outdated_;            // ids of nodes whose facts are to be inferred again
  std::vector<Value*> suspects_;              // values that lost a reader
  std::unordered_set<const Value*> removed_;  // those among them that are gone
  std::string_view action_;
  const Node* place_ = nullptr;
  bool step_begun_ = false;
  bool erased_subgraphs_ = false;  // since the driver last looked
  int64_t num_changes_ = 0;        // calls that changed something
  int64_t num_steps_ = 0;
  int64_t max_steps_ = INT64_MAX;
};

/// A change that keeps what the model computes. Stateless; one object per kind, listed in src/rewrite/registry.cpp.
class Rewrite {
 public:
  virtual ~Rewrite() = default;
  virtual std::string_view name() const = 0;         ///< "FuseConvBatchNorm"
  virtual std::string_view description() const = 0;  ///< one sentence for --list-rewrites
  /// Operators (of the default domain) of the nodes it may start from; empty: any node.
  virtual std::span<const std::string_view> anchors() const = 0;
  /// Matches at `node`, and only when the match is complete, changes the graph.
  virtual RewriteResult apply(Node& node, Rewriter& rewriter) const = 0;
};

/// A change that looks at a whole graph at once (common subexpressions, unused weights). Called for each graph.
class GraphRewrite {
 public:
  virtual ~GraphRewrite() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view description() const = 0;
  /// Calls rewriter.begin_step() before each change and stops when that says no.
  virtual void apply(Graph& graph, Rewriter& rewriter) const = 0;
};

/// Every rewrite, in the order in which the driver tries them. Order does not matter for correctness.
std::span<const Rewrite* const> all_rewrites();
std::span<const GraphRewrite* const> all_graph_rewrites();

struct SimplifyOptions {
  std::vector<std::string> only;  ///< names of rewrites to use; empty: all
  std::vector<std::string> skip;  ///< names of rewrites not to use
  int64_t max_steps = INT64_MAX;  ///< stop after so many changes: bisects to a bad one
  uint64_t shuffle_seed = 0;      ///< not 0: nodes and rewrites in a random order, for tests
  /// Largest constant that one fold may add beyond the size of its inputs. Many folds may add up: who writes a file
  /// compares encoded_size_bytes() and tries again with 0 (exec::simplify_verified() does).
  int64_t max_folded_bytes = 1 << 20;
};

struct SimplifyReport {
  int64_t steps = 0;                                    ///< changes made
  std::vector<std::pair<std::string, int64_t>> counts;  ///< rewrite name -> times applied, in registry order
  bool reached_limit = false;                           ///< the driver's cap on rounds ended it
};

/// Runs the rewrites to a fixpoint. Each change is a step in the model's journal. In builds with SURGERY_VALIDATE the
/// graph is validated after each, and a rewrite that says "changed" without changing, or the reverse, is an assertion.
/// Throws Error(kUsage) for an unknown name in only or skip.
SimplifyReport simplify(Model& model, const Evaluator* evaluator, const SimplifyOptions& options = {});

}  // namespace surgery
