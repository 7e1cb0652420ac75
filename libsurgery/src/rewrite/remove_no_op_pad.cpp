#include <algorithm>
#include <array>

#include "rewrite/bypass.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// The pads, if they are known: an input from opset 11 on, before that an attribute.
std::optional<std::vector<int64_t>> pads_of(const Node& node, const Rewriter& rewriter) {
  if (rewriter.opset() >= 11) return constant_ints(rewriter, node.input(1));
  const Attribute* pads = node.attribute(rewriter.opset() == 1 ? "paddings" : "pads");
  if (pads == nullptr) return std::nullopt;
  return node.ints_or(pads->name(), {});
}

/// Removes a Pad that adds nothing.
/// Matches   y = Pad(x, pads), in any mode.
/// Requires  constant pads, all 0. As RemoveIdentity otherwise.
/// Source    ONNX Pad-21.
RewriteResult remove(Node& node, Rewriter& rewriter) {
  const auto pads = pads_of(node, rewriter);
  if (!pads || std::any_of(pads->begin(), pads->end(), [](int64_t pad) { return pad != 0; })) {
    return RewriteResult::declined("the pads are not known to be 0");
  }
  return bypass_no_op(node, rewriter);
}

constexpr std::array<std::string_view, 1> kAnchors{"Pad"};

}  // namespace

const Rewrite& remove_no_op_pad() {
  static const NodeRewrite kRewrite("RemoveNoOpPad", "Removes a Pad that adds nothing.", kAnchors, remove);
  return kRewrite;
}

}  // namespace surgery
