#include <array>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// The number that leaves the other operand as it is; nothing where there is none on this side.
std::optional<double> neutral_element(const Node& node, size_t constant_index) {
  const bool on_the_right = constant_index == 1;
  if (node.is("Add") || node.is("Or") || (node.is("Sub") && on_the_right)) return 0;
  if (node.is("Mul") || node.is("And")) return 1;
  if ((node.is("Div") || node.is("Pow")) && on_the_right) return 1;
  return std::nullopt;
}

/// Removes arithmetic with a constant that leaves the other operand as it is.
/// Matches   x + 0, 0 + x, x - 0, x * 1, 1 * x, x / 1, x ** 1, x and true, x or false.
/// Requires  that the constant is not an overridable graph input; that it is a scalar, or the result is proven to have
///           the shape of x. (The sign of a zero may change: -0 + 0 is 0.) As RemoveIdentity otherwise.
/// Source    ONNX Add-14, Sub-14, Mul-14, Div-14, Pow-15, And-7, Or-7.
RewriteResult remove(Node& node, Rewriter& rewriter) {
  if (node.inputs().size() != 2 || rewriter.opset() < 7) return RewriteResult::declined("no numpy-style operator");
  for (size_t index = 0; index < 2; ++index) {
    const auto neutral = neutral_element(node, index);
    Value* data = node.input(1 - index);
    if (!neutral || data == nullptr || uniform_constant(rewriter, node.input(index)) != neutral) continue;
    const bool is_scalar = rewriter.constant(node.input(index))->rank() == 0;
    if (node.output(0) == nullptr || (!is_scalar && !proven_same_shape(rewriter, *data, *node.output(0)))) {
      return RewriteResult::declined("the constant may make the result larger");
    }
    if (!rewriter.can_replace(*node.output(0), *data)) {
      return RewriteResult::declined("the result is a graph output that the input cannot stand for");
    }
    rewriter.replace(*node.output(0), *data);
    return RewriteResult::done();
  }
  return RewriteResult::declined("no operand is a neutral element");
}

constexpr std::array<std::string_view, 7> kAnchors{"Add", "Sub", "Mul", "Div", "Pow", "And", "Or"};

}  // namespace

const Rewrite& remove_neutral_arithmetic() {
  static const NodeRewrite kRewrite("RemoveNeutralArithmetic",
                                    "Removes an addition of 0, a multiplication by 1, and the like.", kAnchors, remove);
  return kRewrite;
}

}  // namespace surgery
