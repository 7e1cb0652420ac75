#include <array>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Longer lists are left as they are: a chain of n would otherwise cost n * n.
constexpr size_t kMaxInputs = 256;

/// The Concat that makes the value, for this one reader alone.
Node* inner_concat(const Value* value, const Node& outer) {
  Node* inner = producer(value, "Concat");
  const bool fits = inner != nullptr && &inner->graph() == &outer.graph() && value->has_one_use();
  return fits ? inner : nullptr;
}

/// The axis as both spellings of it compare: from the front where the rank is known.
std::optional<int64_t> axis_of(const Node& concat, const Rewriter& rewriter) {
  const int64_t axis = concat.int_or("axis", 1);  // the default before version 4
  const auto known = concat.output(0) != nullptr ? rank(rewriter, concat.output(0)) : std::nullopt;
  return known ? normalize_axis(axis, *known) : axis;
}

/// Makes one Concat of one that feeds another.
/// Matches   y = Concat(..., Concat(a, b, ...), ...).
/// Requires  the same axis; the inner result has one use and is not a graph output; 256 inputs at most together.
/// Produces  y = Concat(..., a, b, ..., ...).
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX Concat-13.
RewriteResult simplify_node(Node& outer, Rewriter& rewriter) {
  std::vector<Value*> inputs;
  std::string_view reason = "no Concat feeds the node";
  bool found = false;
  for (Value* input : outer.inputs()) {
    const Node* inner = inner_concat(input, outer);
    if (inner != nullptr && axis_of(*inner, rewriter) != axis_of(outer, rewriter)) {
      reason = "the axes differ";
      inner = nullptr;
    }
    if (inner == nullptr) {
      inputs.push_back(input);
      continue;
    }
    found = true;
    inputs.insert(inputs.end(), inner->inputs().begin(), inner->inputs().end());
  }
  if (!found) return RewriteResult::declined(reason);
  if (inputs.size() > kMaxInputs) return RewriteResult::declined("the list becomes too long");
  for (size_t i = 0; i < inputs.size(); ++i) rewriter.set_input(outer, i, inputs[i]);
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 1> kAnchors{"Concat"};

}  // namespace

const Rewrite& merge_concats() {
  static const NodeRewrite kRewrite("MergeConcats", "Makes one Concat of one that feeds another.", kAnchors,
                                    simplify_node);
  return kRewrite;
}

}  // namespace surgery
