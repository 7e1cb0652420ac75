#include <array>

#include "rewrite/bypass.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Whether the node hands its input on: by version, with or without an attribute or input that asks for training.
bool is_inference_form(const Node& node, const Rewriter& rewriter) {
  if (rewriter.opset() < 7) return node.int_or("is_test", 0) != 0;
  if (rewriter.opset() < 12 || node.input(2) == nullptr) return true;
  const auto training = rewriter.constant(node.input(2));
  return training != nullptr && training->to_int64s() == std::vector<int64_t>{0};
}

/// Removes Dropout in inference form.
/// Matches   y = Dropout(x).
/// Requires  inference form: opset 12 and later training_mode absent or constantly false; opset 7 to 11 always; before
///           that is_test set. The mask is not used. As RemoveIdentity otherwise.
/// Source    ONNX Dropout-22.
RewriteResult remove(Node& node, Rewriter& rewriter) {
  if (!is_inference_form(node, rewriter)) return RewriteResult::declined("the dropout may be in training form");
  return bypass_no_op(node, rewriter);
}

constexpr std::array<std::string_view, 1> kAnchors{"Dropout"};

}  // namespace

const Rewrite& remove_dropout() {
  static const NodeRewrite kRewrite("RemoveDropout", "Removes a Dropout that is in inference form.", kAnchors, remove);
  return kRewrite;
}

}  // namespace surgery
