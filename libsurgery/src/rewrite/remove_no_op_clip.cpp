#include <array>
#include <limits>

#include "rewrite/bypass.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Whether a bound lets everything through: it is absent, or the infinity on its side.
bool is_open(const Node& node, size_t index, double infinity, const Rewriter& rewriter) {
  if (node.input(index) == nullptr) return true;
  const auto bound = uniform_constant(rewriter, node.input(index));
  return bound && *bound == infinity;
}

/// Removes a Clip without bounds.
/// Matches   y = Clip(x, min, max), opset 11 and later.
/// Requires  min absent or constantly -inf, max absent or constantly +inf. (Before opset 11 an absent bound means the
///           largest finite number, which is a bound.) As RemoveIdentity otherwise.
/// Source    ONNX Clip-13.
RewriteResult remove(Node& node, Rewriter& rewriter) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (rewriter.opset() < 11 || !is_open(node, 1, -kInfinity, rewriter) || !is_open(node, 2, kInfinity, rewriter)) {
    return RewriteResult::declined("there is a bound");
  }
  return bypass_no_op(node, rewriter);
}

constexpr std::array<std::string_view, 1> kAnchors{"Clip"};

}  // namespace

const Rewrite& remove_no_op_clip() {
  static const NodeRewrite kRewrite("RemoveNoOpClip", "Removes a Clip without bounds.", kAnchors, remove);
  return kRewrite;
}

}  // namespace surgery
