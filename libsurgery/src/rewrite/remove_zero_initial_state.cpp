#include <algorithm>
#include <array>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

constexpr int kMaxDepth = 16;

bool is_zero_tensor(const Tensor& tensor) {
  const auto numbers = tensor.to_doubles(1 << 16);
  return numbers && std::all_of(numbers->begin(), numbers->end(), [](double number) { return number == 0; });
}

/// Operators that only move, repeat or drop elements of their first input.
bool only_moves_elements(const Node& node) {
  constexpr std::array<std::string_view, 11> kOperators{"Identity",  "Reshape",   "Flatten", "Squeeze",
                                                        "Unsqueeze", "Transpose", "Slice",   "Expand",
                                                        "Tile",      "Gather",    "Split"};
  return std::any_of(kOperators.begin(), kOperators.end(), [&](std::string_view op) { return node.is(op); });
}

/// Whether every element is 0 in every run, however many there are.
bool is_all_zero(const Value& value, const Rewriter& rewriter) {
  const Value* current = &value;
  for (int depth = 0; depth < kMaxDepth && current != nullptr; ++depth) {
    if (const auto tensor = rewriter.constant(current)) return is_zero_tensor(*tensor);
    const Node* node = current->producer();
    if (node == nullptr || !has_known_attributes(*node)) return false;
    if (node->is("ConstantOfShape")) {
      const Attribute* filler = node->attribute("value");
      const Tensor* tensor = filler != nullptr ? filler->get_if<Tensor>() : nullptr;
      return filler == nullptr || (tensor != nullptr && is_zero_tensor(*tensor));
    }
    if (!only_moves_elements(*node)) return false;
    current = node->input(0);
  }
  return false;
}

/// Leaves out an initial state of zeros, which is what its absence means.
/// Matches   LSTM, GRU, RNN with initial_h, LSTM with initial_c.
/// Requires  that the state is constantly zero, or ConstantOfShape of zero with nothing behind it but operators that
///           move elements.
/// Produces  the same node without the input. What computed the state's size goes when nothing else reads it.
/// Keeps     names, types and shapes of the outputs. Applies inside subgraphs and functions.
/// Source    ONNX LSTM-22, GRU-22, RNN-22: "If not specified - assumed to be 0".
RewriteResult simplify_node(Node& node, Rewriter& rewriter) {
  constexpr size_t kInitialH = 5;
  constexpr size_t kInitialC = 6;
  std::vector<size_t> zeros;
  for (const size_t index : {kInitialH, kInitialC}) {
    if (index == kInitialC && !node.is("LSTM")) continue;
    if (node.input(index) != nullptr && is_all_zero(*node.input(index), rewriter)) zeros.push_back(index);
  }
  if (zeros.empty()) return RewriteResult::declined("no initial state is known to be zero");
  for (const size_t index : zeros) rewriter.set_input(node, index, nullptr);
  size_t count = node.inputs().size();
  while (count > 0 && node.input(count - 1) == nullptr) --count;
  if (count < node.inputs().size()) rewriter.resize_inputs(node, count);
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 3> kAnchors{"LSTM", "GRU", "RNN"};

}  // namespace

const Rewrite& remove_zero_initial_state() {
  static const NodeRewrite kRewrite(
      "RemoveZeroInitialState", "Leaves out an initial state of zeros of a recurrent layer.", kAnchors, simplify_node);
  return kRewrite;
}

}  // namespace surgery
