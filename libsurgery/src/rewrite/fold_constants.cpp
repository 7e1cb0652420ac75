#include <algorithm>
#include <array>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"
#include "surgery/schema.h"

namespace surgery {
namespace {

// Each predicate is one reason to leave a node alone.

bool is_constant_already(const Node& node) { return node.is("Constant"); }

/// Custom operators are not ours to compute; an operator that draws random numbers has no one result. Dropout counts as
/// one of those, in whatever form.
bool is_deterministic_operator(const Node& node, const Rewriter& rewriter) {
  const auto* schema = schema::find(node.domain(), node.op_type(), rewriter.opset(node.domain()));
  return schema != nullptr && !schema->is_nondeterministic();
}

/// A quantized model keeps its weights in 8 bits and says so by these. Folding them would undo the quantization.
bool is_quantization(const Node& node) {
  constexpr std::array<std::string_view, 3> kOperators{"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"};
  return std::any_of(kOperators.begin(), kOperators.end(), [&](std::string_view op) { return node.is(op); });
}

/// Operators that make much of little. Their results are computed only when the size is known beforehand.
bool may_be_much_larger_than_inputs(const Node& node) {
  constexpr std::array<std::string_view, 12> kOperators{"ConstantOfShape", "Expand", "Tile",          "Range",
                                                        "OneHot",          "Pad",    "Resize",        "Upsample",
                                                        "EyeLike",         "Gather", "CenterCropPad", "MaxUnpool"};
  return std::any_of(kOperators.begin(), kOperators.end(), [&](std::string_view op) { return node.is(op); });
}

bool has_tensor_outputs(const Node& node) {
  return std::all_of(node.outputs().begin(), node.outputs().end(), [](const Value* output) {
    return output == nullptr || output->type().kind == Type::Kind::kTensor ||
           output->type().kind == Type::Kind::kUnknown;
  });
}

/// Bytes of the constants that go when the node does: those that nothing else reads.
int64_t freed_bytes(const Node& node, const Rewriter& rewriter) {
  int64_t bytes = 0;
  for (const Value* input : node.inputs()) {
    if (input != nullptr && input->has_one_use()) bytes += rewriter.constant(input)->size_bytes();
  }
  return bytes;
}

bool fits(const Node& node, int64_t limit, const Rewriter& rewriter) {
  int64_t bytes = 0;
  for (const Value* output : node.outputs()) {
    if (output == nullptr || output->is_unused()) continue;
    const auto size = static_size_bytes(rewriter, *output);
    if (!size && may_be_much_larger_than_inputs(node)) return false;
    bytes += size.value_or(0);
  }
  return bytes <= limit;
}

int64_t total_bytes(const std::vector<Tensor>& tensors) {
  int64_t bytes = 0;
  for (const Tensor& tensor : tensors) bytes += tensor.is_defined() ? tensor.size_bytes() : 0;
  return bytes;
}

/// Computes a node whose inputs are all constant, and keeps its results in its place.
/// Matches   any node of a standard domain with inputs that are all constant and not overridable graph inputs.
/// Requires  an evaluator that supports it; no subgraph; an operator that draws no random numbers; no (de)quantization;
///           results that take at most max_folded_bytes more than the constants that go with the node, known before the
///           computation for operators that make much of little (Expand, Tile, ConstantOfShape, ...).
/// Produces  initializers of the same names; a graph output becomes the result of a Constant.
/// Keeps     all values. Applies inside subgraphs, and in functions by Constant nodes.
RewriteResult fold(Node& node, Rewriter& rewriter) {
  if (is_constant_already(node)) return RewriteResult::declined("a Constant already");
  if (node.outputs().empty()) return RewriteResult::declined("there is no output");
  std::vector<std::shared_ptr<const Tensor>> constants;
  std::vector<const Tensor*> inputs;
  for (const Value* input : node.inputs()) {
    constants.push_back(rewriter.constant(input));
    inputs.push_back(constants.back().get());
    if (input != nullptr && inputs.back() == nullptr) return RewriteResult::declined("an input is not constant");
  }
  if (rewriter.evaluator() == nullptr) return RewriteResult::declined("there is nothing to compute with");
  if (node.has_subgraphs()) return RewriteResult::declined("it has subgraphs");
  if (!is_deterministic_operator(node, rewriter))
    return RewriteResult::declined("it may be random, or is not standard");
  if (is_quantization(node)) return RewriteResult::declined("it (de)quantizes");
  if (!has_tensor_outputs(node)) return RewriteResult::declined("a result is no tensor");
  for (const Value* output : node.outputs()) {
    if (output != nullptr && !output->is_unused() && !rewriter.can_make_constant(*output)) {
      return RewriteResult::declined("a result has to stay a node's");
    }
  }
  const int64_t limit = freed_bytes(node, rewriter) + rewriter.max_folded_bytes();
  if (!fits(node, limit, rewriter)) return RewriteResult::declined("the result is too large");
  if (!rewriter.evaluator()->supports(node, inputs))
    return RewriteResult::declined("the evaluator does not support it");

  std::vector<Tensor> results = rewriter.evaluator()->evaluate(node, inputs);
  if (results.size() != node.outputs().size()) return RewriteResult::declined("the evaluator gave other results");
  if (total_bytes(results) > limit) return RewriteResult::declined("the result is too large");
  std::vector<std::pair<Value*, Tensor>> used;
  for (size_t i = 0; i < results.size(); ++i) {
    Value* output = node.output(i);
    if (output == nullptr || output->is_unused()) continue;
    if (!results[i].is_defined()) return RewriteResult::declined("a result is no tensor");
    used.emplace_back(output, std::move(results[i]));
  }
  if (used.empty()) return RewriteResult::declined("nothing uses it");
  for (auto& [output, tensor] : used) rewriter.make_constant(*output, std::move(tensor));
  return RewriteResult::done();
}

}  // namespace

const Rewrite& fold_constants() {
  static const NodeRewrite kRewrite("FoldConstants", "Computes nodes whose inputs are all constant.", {}, fold);
  return kRewrite;
}

}  // namespace surgery
