#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "edit/dims/constant_folder.h"
#include "edit/dims/factors.h"
#include "edit/dims/freed_dim.h"
#include "edit/unused.h"
#include "surgery/infer.h"

namespace surgery::dims {

/// Whether the node is of one of these operators of ai.onnx.
bool is_any_of(const Node& node, std::initializer_list<std::string_view> types);

struct MendOptions {
  /// The one freed dimension is a batch: an operator that works along it mixes samples, and no other size is right.
  bool per_sample = false;
  /// What cannot be mended is left as it is, with a warning among the notes.
  bool force = false;
  /// Computes what follows from constants; nullptr: that stays unknown.
  const Evaluator* evaluator = nullptr;
  /// Where no other size can be right: sizes that contradict the model are wrong usage (kUsage), that a dimension of it
  /// cannot be changed at all is an answer.
  ErrorCode refusal = ErrorCode::kAnswerIsNo;
};

/// A size that an axis must have, and what it is made of.
struct Wanted {
  Dim size;
  Factors factors;
  bool may_broadcast = false;  ///< a size of 1 will do
  bool counts = false;         ///< the tensor says which sample: rows that count (see Steps) go on counting
};

/// Frees a model of dimensions that it fixes. Shapes are inferred with a symbol in place of each old size; where a
/// constant clashes with a symbol, it must be the old size (alone, as a factor, or as what follows from it) and is
/// mended, and where no other size can be right, that is an Error (MendOptions::refusal) naming the node.
///
/// The model is walked in topological order, subgraphs before their node, until nothing changes. Rules, one per kind of
/// operator, look at one node each: they may mend an operand of the node, state what its output is from then on
/// (settle()), and send a demand upwards, when another tensor must have the dimension in an axis too. A demand that
/// arrives at an input frees its axis as well.
class Mender {
 public:
  /// A target is the new size: an integer or a symbol. `original` is what inference says of the model as it is.
  Mender(Model& model, std::vector<FreedDim> freed, const MendOptions& options, const Inference& original);

  /// Mends the model; the types of its inputs are left as they are.
  void run();
  std::vector<std::string> take_notes() { return std::move(notes_); }
  /// The freed dimensions with the inputs that turned out to carry them too.
  const std::vector<FreedDim>& freed() const { return freed_; }
  /// Whether a node works along a freed dimension: the results of a larger size do not contain those of a smaller one.
  bool mixes() const { return mixes_; }

  // ---- For the rules ----------------------------------------------------------------------------------------------

  Model& model() const { return model_; }
  int64_t opset() const { return opset_; }
  bool is_per_sample() const { return options_.per_sample; }
  ErrorCode refusal() const { return options_.refusal; }
  void note_mixing() { mixes_ = true; }

  bool is_freed(const Dim& dim) const;  ///< holds a symbol of a freed dimension
  Dim before(const Dim& dim) const;     ///< with the old sizes in it
  Dim after(const Dim& dim) const;      ///< with the new ones: known where these are integers and all else is known
  Shape before(Shape shape) const;

  const Shape* shape(const Value* value) const;  ///< nullptr for an omitted input and for an unknown rank
  /// The elements of a shape-like operand.
  std::optional<std::vector<Dim>> content(const Value* value) const;
  /// A tensor that follows from constants alone, as it was before anything it is made of was mended; nullptr for
  /// others.
  std::shared_ptr<const Tensor> fold(const Value& value) const { return folder_.fold(value); }
  DataType element_type(const Value& value) const { return inference_.element_type(value); }
  const Shape* original_shape(const Value& value) const { return original_.shape(value); }
  /// Axes whose size a freed dimension is part of.
  std::vector<size_t> freed_axes(const Value* value) const;
  /// What an axis is made of. Requires a known rank above `axis`.
  Factors factors(const Value* value, size_t axis) const;
  /// The same where it was followed there; nullptr where it is a guess, or the size says it all.
  const Factors* known_factors(const Value* value, size_t axis) const;
  void set_factors(const Value& value, size_t axis, Factors factors) { factors_[{&value, axis}] = std::move(factors); }
  Wanted wanted(const Value* value, size_t axis, bool may_broadcast) const;
  /// Whether the value may hold a freed dimension in an axis that inference could not follow it to.
  bool is_lost(const Value* value) const { return lost_.contains(value); }

  /// From now on the output has this shape, whatever inference thinks of the operands; the node is done with.
  void settle(const Node& node, const Value& output, Shape shape);

  /// Writes `sizes` over the elements of a shape operand that are marked in `changed` (both as long as the operand). A
  /// constant is replaced by one of the node's own; anything else, and sizes that a constant cannot express, are put
  /// together at run time. An operand of one element may be a scalar. The note tells both and why.
  void rewrite_shape_operand(Node& node, size_t input, const std::vector<Dim>& sizes, const std::vector<bool>& changed,
                             const std::vector<Dim>& old_sizes, const std::string& what);

  /// Axis `axis` of what the node reads as `input` must be `wanted` (a freed size) and is a number: mends what makes
  /// the tensor.
  void demand(Node& node, size_t input, size_t axis, const Wanted& wanted);

  /// Loops whose number of iterations is a freed dimension from now on, whatever their operand says.
  void set_iterations(const Node& loop, Dim size) { iterations_[&loop] = std::move(size); }
  Dim iterations(const Node& loop) const {
    const auto known = iterations_.find(&loop);
    return known != iterations_.end() ? known->second : Dim();
  }

  void note(const Node& node, const std::string& text);
  /// ", the literal 8 held the old batch 4": why a literal where `wanted` belongs was changed.
  std::string origin(int64_t literal, const Dim& wanted) const;
  /// Replaces an operand and lets what becomes unused by that go.
  void replace_input(Node& node, size_t input, Value& value);
  void remove_input(Node& node, size_t input);
  /// A constant of the node's own: a Constant node in front of it, or an initializer where the model has those.
  Value& add_constant(Node& node, const std::string& base, Tensor tensor);
  /// A new node in front of `node`, its one result named after `base`.
  Value& add_node(Node& node, std::string_view op_type, std::vector<Value*> inputs, const std::string& base,
                  std::vector<Attribute> attributes = {});
  void infer_again(const Node& node);
  /// A freed size as an int64 tensor of shape [1] that can be read in front of `node`.
  Value& runtime_size(Node& node, const Dim& size);
  /// Sizes as an int64 tensor, a constant where all are known.
  Value& runtime_vector(Node& node, const std::vector<Dim>& sizes, const std::string& base);
  /// A constant whose rows counted the samples, from before it got other ones; nullptr for other values.
  const Tensor* counted(const Value* value) const {
    const auto known = counted_.find(value);
    return known != counted_.end() ? known->second.get() : nullptr;
  }
  void set_counted(const Value& mended, std::shared_ptr<const Tensor> former) { counted_[&mended] = std::move(former); }
  /// What inference shall hold a value for that does not show it itself.
  void assume_shape(const Value& value, DataType type, Shape shape) {
    inference_.assume(value, Type::tensor(type, std::move(shape)));
  }

 private:
  friend class Demand;

  std::optional<std::vector<Dim>> content_or_folded(const Value* value) const;
  void walk(Graph& graph);
  void visit(Node& node);
  void note_lost(const Node& node);
  void require_one_batch(const Node& node);
  void carry_factors(const Node& node);
  const FreedDim* find_freed(const Dim& dim) const;  ///< the freed dimension that the dim is, alone
  void follow(Value& input, size_t axis, const FreedDim& freed, const Node& reader);
  Value& runtime_input_size(size_t freed, int64_t factor);

  Model& model_;
  std::vector<FreedDim> freed_;
  std::vector<std::string> symbols_;  // of the freed dimensions, in their order
  std::map<std::string, Dim, std::less<>> old_;
  std::map<std::string, Dim, std::less<>> new_;
  MendOptions options_;
  int64_t opset_;
  const Inference& original_;
  Inference inference_;
  mutable ConstantFolder folder_;
  std::map<std::pair<const Value*, size_t>, Factors> factors_;  // of values and axes, where the size does not say it
  std::unordered_set<const Node*> settled_;
  std::unordered_map<const Node*, Dim> iterations_;
  std::unordered_set<const Value*> lost_;
  std::unordered_map<const Value*, std::shared_ptr<const Tensor>> counted_;
  std::map<std::pair<size_t, int64_t>, Value*> runtime_;  // by freed dimension and factor
  Node* front_ = nullptr;                                 // what is computed from inputs alone goes in front of it
  ValueSet unused_;
  std::vector<std::string> notes_;
  bool changed_ = false;
  bool mixes_ = false;
};

/// Error "node ...: <why>; no batch other than 4 is right".
Error no_other_size(const Mender& mender, const Node& node, const std::string& why);

/// What is done at one kind of operator.
using Rule = void (*)(Node& node, Mender& mender);

/// Whether the node, which takes from its first input along the batch, takes from each sample by its number: then there
/// is one index for each sample of the new batch from now on.
bool takes_by_sample(Node& node, Mender& mender, size_t batch_axis);

/// Names the constants of arithmetic that equal the old size of a freed axis, and are left as they are.
void note_literals(Mender& mender);

/// Whether the Reshape to a result that was `before` moves a batch of 1 past other axes; then it is a Transpose (and
/// perhaps Reshapes) from now on.
bool move_single_batch(Node& node, Mender& mender, const Shape& before);

/// nullptr for operators whose operands cannot clash with a freed dimension.
Rule find_rule(const Node& node);

// One file each:
void mend_reshape(Node& node, Mender& mender);               // Reshape, Flatten
void mend_expand(Node& node, Mender& mender);                // Expand
void mend_resize(Node& node, Mender& mender);                // Resize
void mend_affine_grid(Node& node, Mender& mender);           // AffineGrid
void mend_slice(Node& node, Mender& mender);                 // Slice
void mend_split(Node& node, Mender& mender);                 // Split
void mend_squeeze(Node& node, Mender& mender);               // Squeeze
void check_broadcast(Node& node, Mender& mender);            // elementwise operators, Where
void check_quantized_broadcast(Node& node, Mender& mender);  // com.microsoft.QLinearAdd, QLinearMul
void check_matmul(Node& node, Mender& mender);               // MatMul, its integer forms, Gemm
void check_einsum(Node& node, Mender& mender);               // Einsum
void carry_tile(Node& node, Mender& mender);                 // Tile
void check_concat(Node& node, Mender& mender);               // Concat
void check_recurrent(Node& node, Mender& mender);            // RNN, GRU, LSTM
void check_mixing(Node& node, Mender& mender);               // operators that work along an axis
/// The subgraphs of an If that are there.
std::vector<Graph*> branches_of(const Node& node);
/// A node of its own that reads a result of a branch, through which a constant can be exchanged.
Node& reader_of_result(Graph& branch, size_t index, Mender& mender);
void check_if(Node& node, Mender& mender);    // If: its branches
void check_loop(Node& node, Mender& mender);  // Loop, Scan: what they carry

}  // namespace surgery::dims
