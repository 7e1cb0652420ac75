#include <array>

#include "rewrite/bypass.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Removes Identity.
/// Matches   y = Identity(x), x of any type.
/// Requires  that y can give way to x: y is no graph output, or x is the result of a node of the same graph and no
///           graph output itself (x then takes the name of y).
/// Keeps     all other values. Applies inside subgraphs and functions.
RewriteResult remove(Node& node, Rewriter& rewriter) { return bypass_no_op(node, rewriter); }

constexpr std::array<std::string_view, 1> kAnchors{"Identity"};

}  // namespace

const Rewrite& remove_identity() {
  static const NodeRewrite kRewrite("RemoveIdentity", "Removes Identity.", kAnchors, remove);
  return kRewrite;
}

}  // namespace surgery
