#pragma once

#include "rewrite/match.h"
#include "surgery/rewrite.h"

namespace surgery {

/// Takes out a node that hands its first input on as its only used result, which the caller has established.
inline RewriteResult bypass_no_op(Node& node, Rewriter& rewriter) {
  if (node.input(0) == nullptr || !only_first_output_used(node)) {
    return RewriteResult::declined("another result is used");
  }
  if (!rewriter.can_replace(*node.output(0), *node.input(0))) {
    return RewriteResult::declined("the result is a graph output that the input cannot stand for");
  }
  rewriter.bypass(node);
  return RewriteResult::done();
}

}  // namespace surgery
