#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "edit/batch/find_batch.h"
#include "edit/batch/place.h"
#include "edit/unused.h"
#include "surgery/infer.h"

namespace surgery::batch {

/// Frees a model of the batch that it fixes. Shapes are inferred with a symbol in place of the old batch; where a
/// constant clashes with the symbol, it must be the old batch (alone, or as a factor) and is mended, and where no other
/// batch can be right, that is an Error(kAnswerIsNo) naming the node.
///
/// The model is walked in topological order, subgraphs before their node, until nothing changes. Rules, one per kind of
/// operator, look at one node each: they may mend an operand of the node, state what its output is from then on
/// (assume()), and send a demand upwards, when another tensor must have the batch in an axis too.
class Mender {
 public:
  /// `batch.size` must be set. `target` is the new batch: an integer or a symbol that the model does not have.
  Mender(Model& model, const Batch& batch, Dim target);

  /// Mends the model; the types of its inputs are left as they are.
  void run();
  std::vector<std::string> take_notes() { return std::move(notes_); }

  // ---- For the rules ----------------------------------------------------------------------------------------------

  Model& model() const { return model_; }
  int64_t opset() const { return opset_; }
  const Dim& symbol() const { return symbol_; }  ///< what stands for the batch in shapes
  int64_t old_size() const { return old_size_; }

  bool holds_batch(const Dim& dim) const;
  Dim before(const Dim& dim) const;  ///< with the old batch in it
  Dim after(const Dim& dim) const;   ///< with the new one: known where that is an integer and nothing else is unknown
  Shape before(Shape shape) const;

  const Shape* shape(const Value* value) const;  ///< nullptr for an omitted input and for an unknown rank
  /// The elements of a shape-like operand.
  std::optional<std::vector<Dim>> content(const Value* value) const;
  /// Axes whose size the batch is part of.
  std::vector<size_t> batch_axes(const Value* value) const;
  /// Where the batch lies, if it is in one axis.
  std::optional<Place> place(const Value* value) const;
  void set_place(const Value& value, const Place& place) { places_[&value] = place; }
  /// Whether the value may hold the batch in an axis that inference could not follow it to.
  bool is_lost(const Value* value) const { return lost_.contains(value); }

  /// From now on the output has this shape, whatever inference thinks of the operands; the node is done with.
  void settle(const Node& node, const Value& output, Shape shape);

  /// Writes `sizes` over the elements of a shape operand that are marked in `changed` (both as long as the operand). A
  /// constant is replaced by one of the node's own; anything else, and symbols that a constant cannot express, are put
  /// together at run time. The note tells both and why.
  void rewrite_shape_operand(Node& node, size_t input, const std::vector<Dim>& sizes, const std::vector<bool>& changed,
                             const std::vector<Dim>& old_sizes, const std::string& what);

  /// Axis `axis` of what the node reads as `input` must be `wanted` (which holds the batch) and is a number: mends what
  /// makes the tensor. `may_broadcast`: a size of 1 will do.
  void demand(Node& node, size_t input, size_t axis, const Dim& wanted, bool may_broadcast);

  void note(const Node& node, const std::string& text);
  /// Replaces an operand and lets what becomes unused by that go.
  void replace_input(Node& node, size_t input, Value& value);
  void remove_input(Node& node, size_t input);
  /// A constant of the node's own: a Constant node in front of it, or an initializer where the model has those.
  Value& add_constant(Node& node, const std::string& base, Tensor tensor);
  /// The batch times a number, as an int64 tensor of shape [1], computed at the start of the main graph.
  Value& runtime_batch(int64_t factor);
  void infer_again(const Node& node);

 private:
  void walk(Graph& graph);
  void visit(Node& node);
  void note_lost(const Node& node);
  void carry_place(const Node& node);
  void demand_of(Value& value, Node& reader, size_t input, size_t axis, const Dim& wanted, bool may_broadcast,
                 int depth);
  void mend_constant(Value& value, Node& reader, size_t input, size_t axis, const Dim& wanted, bool may_broadcast);

  Model& model_;
  Batch batch_;
  int64_t old_size_;
  Dim target_;
  Dim symbol_;
  std::string symbol_name_;
  int64_t opset_;
  Inference inference_;
  std::unordered_map<const Value*, Place> places_;
  std::unordered_set<const Node*> settled_;
  std::unordered_set<const Value*> lost_;
  std::unordered_map<int64_t, Value*> runtime_;  // by factor
  Node* front_ = nullptr;                        // what is computed from the batch goes in front of it
  ValueSet unused_;
  std::vector<std::string> notes_;
  bool changed_ = false;
};

/// Error(kAnswerIsNo) "node ...: <why>; no batch other than 4 is right".
Error no_other_batch(const Mender& mender, const Node& node, const std::string& why);

/// What is done at one kind of operator.
using Rule = void (*)(Node& node, Mender& mender);

/// nullptr for operators whose operands cannot clash with the batch.
Rule find_rule(const Node& node);

// One file each:
void mend_reshape(Node& node, Mender& mender);     // Reshape, Flatten
void mend_expand(Node& node, Mender& mender);      // Expand
void mend_resize(Node& node, Mender& mender);      // Resize with sizes
void mend_slice(Node& node, Mender& mender);       // Slice
void mend_squeeze(Node& node, Mender& mender);     // Squeeze
void check_broadcast(Node& node, Mender& mender);  // elementwise operators, Where
void check_matmul(Node& node, Mender& mender);     // MatMul, Gemm
void check_concat(Node& node, Mender& mender);     // Concat
void check_recurrent(Node& node, Mender& mender);  // RNN, GRU, LSTM
void check_mixing(Node& node, Mender& mender);     // operators that work along an axis

}  // namespace surgery::batch
