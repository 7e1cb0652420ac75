#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infer/engine.h"
#include "surgery/graph.h"

namespace surgery::infer {

/// What an operator's inference function sees of a node and tells about its outputs. It sets what it knows; what it
/// does not set stays unknown (dims then get symbols of their own, see Engine). It never has to check for missing facts
/// where a default is given back, and may throw surgery::Error for a malformed attribute.
class InferContext {
 public:
  InferContext(Engine& engine, const Node& node, const Frame& frame);

  const Node& node() const { return node_; }
  const Model& model() const { return engine_.model(); }
  int64_t opset() const { return opset_; }  ///< of the node's domain, where the node stands

  size_t num_inputs() const { return node_.inputs().size(); }
  size_t num_outputs() const { return node_.outputs().size(); }
  bool has_input(size_t index) const { return node_.input(index) != nullptr; }
  bool has_output(size_t index) const { return node_.output(index) != nullptr; }

  const Fact& fact(size_t input) const;
  const Type& type(size_t input) const { return fact(input).type; }  ///< unknown for an omitted one
  DataType element_type(size_t input) const { return type(input).element_type; }
  const Shape* shape(size_t input) const;  ///< nullptr when the rank is not known
  std::optional<int64_t> rank(size_t input) const;
  Dim dim(size_t input, size_t axis) const;  ///< unknown without rank or past it
  /// The elements, as far as they are known: see Fact::content. nullptr when not even their number is.
  const std::vector<Dim>* content(size_t input) const;
  /// All elements as integers; nothing when one is not known.
  std::optional<std::vector<int64_t>> integers(size_t input) const;
  /// The only element of a tensor of one; unknown otherwise.
  Dim scalar(size_t input) const;
  /// The tensor that the input has in every run; nullptr if it varies.
  std::shared_ptr<const Tensor> constant(size_t input) const;
  /// The elements of a small constant of floating-point type.
  std::optional<std::vector<double>> reals(size_t input) const;

  /// In a function body, attributes that refer to one of the function's are looked up in the call.
  const Attribute* attribute(std::string_view name) const;
  int64_t int_or(std::string_view name, int64_t fallback) const;
  float float_or(std::string_view name, float fallback) const;
  std::string string_or(std::string_view name, std::string_view fallback) const;
  /// nullptr when it is absent.
  const std::vector<int64_t>* ints(std::string_view name) const;
  const std::vector<float>* floats(std::string_view name) const;
  const std::vector<std::string>* strings(std::string_view name) const;
  const Tensor* tensor(std::string_view name) const;
  const Type* type_attribute(std::string_view name) const;
  const Graph* graph(std::string_view name) const;
  /// An element type given as a number ("to", "dtype"); `fallback` when absent or none.
  DataType data_type_or(std::string_view name, DataType fallback) const;

  void set(size_t output, Type type);
  void set(size_t output, DataType element_type, std::optional<Shape> shape = std::nullopt) {
    set(output, Type::tensor(element_type, std::move(shape)));
  }
  /// The elements of an output whose type is set. Ignored when there are too many, or another number than the shape
  /// says.
  void set_content(size_t output, std::vector<Dim> elements);
  /// The symbol of an axis of an output: for dims that several outputs share.
  Dim fresh(size_t output, size_t axis);

  /// Records that the node cannot be right: "rank 3, expected 4". The first one counts; outputs become unknown.
  void fail(std::string message);
  bool failed() const { return !message_.empty(); }
  const std::string& message() const { return message_; }

  /// An axis in [-rank, rank) as one in [0, rank); fails and gives nothing when it is out of range.
  std::optional<int64_t> normalize_axis(int64_t axis, int64_t rank);

  /// Infers a subgraph of this node with the facts of its inputs; those of its outputs. What is impossible in one that
  /// never runs is no error.
  std::vector<Fact> infer_subgraph(const Graph& graph, std::vector<Fact> inputs, bool never_runs = false);
  Dim fresh_for(const Value& value, size_t axis);
  bool has_budget() const { return engine_.has_budget(); }

  std::vector<Fact>& outputs() { return outputs_; }

 private:
  template <typename T>
  const T* payload(std::string_view name, AttributeType expected) const;

  Engine& engine_;
  const Node& node_;
  const Frame& frame_;
  int64_t opset_;
  std::vector<Fact> outputs_;
  std::string message_;
};

}  // namespace surgery::infer
