#include <array>

#include "rewrite/bypass.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Removes a Cast to the type that the tensor already has.
/// Matches   y = Cast(x), y = CastLike(x, t).
/// Requires  that x is known to have the type asked for. As RemoveIdentity otherwise.
/// Source    ONNX Cast-21, CastLike-21.
RewriteResult remove(Node& node, Rewriter& rewriter) {
  if (node.input(0) == nullptr) return RewriteResult::declined("the input is omitted");
  const DataType from = rewriter.element_type(*node.input(0));
  auto to = static_cast<DataType>(node.is("Cast") ? node.int_or("to", 0) : 0);
  if (node.is("CastLike") && node.input(1) != nullptr) to = rewriter.element_type(*node.input(1));
  if (from == DataType::kUndefined || from != to) return RewriteResult::declined("the cast changes the type");
  return bypass_no_op(node, rewriter);
}

constexpr std::array<std::string_view, 2> kAnchors{"Cast", "CastLike"};

}  // namespace

const Rewrite& remove_no_op_cast() {
  static const NodeRewrite kRewrite("RemoveNoOpCast", "Removes a Cast to the type that the tensor already has.",
                                    kAnchors, remove);
  return kRewrite;
}

}  // namespace surgery
