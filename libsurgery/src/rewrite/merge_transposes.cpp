#include <array>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// The permutation of a Transpose; without perm the axes are reversed, which takes their number.
std::optional<std::vector<int64_t>> perm_of(const Node& node, const Rewriter& rewriter) {
  if (node.attribute("perm") != nullptr) return node.ints_or("perm", {});
  const auto input_rank = rank(rewriter, node.input(0));
  if (!input_rank) return std::nullopt;
  std::vector<int64_t> perm(static_cast<size_t>(*input_rank));
  for (size_t i = 0; i < perm.size(); ++i) perm[i] = *input_rank - 1 - static_cast<int64_t>(i);
  return perm;
}

/// Makes one Transpose of two in a row.
/// Matches   y = Transpose(Transpose(x, p), q).
/// Requires  both permutations known and of one length.
/// Produces  y = Transpose(x, r), r[i] = p[q[i]]; RemoveNoOpTranspose takes out what does nothing.
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX Transpose-21.
RewriteResult simplify_node(Node& second, Rewriter& rewriter) {
  const Node* first = producer(second.input(0), "Transpose");
  if (first == nullptr || first->input(0) == nullptr) return RewriteResult::declined("no Transpose comes before");
  const auto before = perm_of(*first, rewriter);
  const auto after = perm_of(second, rewriter);
  if (!before || !after || before->size() != after->size()) {
    return RewriteResult::declined("a permutation is not known");
  }
  std::vector<int64_t> perm;
  for (const int64_t axis : *after) {
    if (axis < 0 || axis >= static_cast<int64_t>(before->size())) {
      return RewriteResult::declined("a permutation is not valid");
    }
    perm.push_back((*before)[static_cast<size_t>(axis)]);
  }
  rewriter.set_input(second, 0, first->input(0));
  rewriter.set_attribute(second, Attribute("perm", std::move(perm)));
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 1> kAnchors{"Transpose"};

}  // namespace

const Rewrite& merge_transposes() {
  static const NodeRewrite kRewrite("MergeTransposes", "Makes one Transpose of two in a row.", kAnchors, simplify_node);
  return kRewrite;
}

}  // namespace surgery
