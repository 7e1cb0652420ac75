#include <algorithm>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// The tensor of known integers that inference found; undefined when it is not wholly known.
Tensor known_content(const Value& value, const Rewriter& rewriter) {
  const Fact& fact = rewriter.fact(value);
  if (!fact.content || !fact.type.is_tensor() || !fact.type.shape) return {};
  const auto dims = static_dims(*fact.type.shape);
  const auto numbers = static_dims(*fact.content);
  if (!dims || !numbers || checked_product(*dims) != static_cast<int64_t>(numbers->size())) return {};
  Tensor tensor = Tensor::zeros(fact.type.element_type, *dims);
  switch (fact.type.element_type) {
    case DataType::kInt64:
      std::copy(numbers->begin(), numbers->end(), tensor.mutable_values<int64_t>().begin());
      return tensor;
    case DataType::kInt32:
      for (size_t i = 0; i < numbers->size(); ++i) {
        const int64_t number = (*numbers)[i];
        if (number < INT32_MIN || number > INT32_MAX) return {};
        tensor.mutable_values<int32_t>()[i] = static_cast<int32_t>(number);
      }
      return tensor;
    case DataType::kBool:
      for (size_t i = 0; i < numbers->size(); ++i) tensor.mutable_values<uint8_t>()[i] = (*numbers)[i] != 0 ? 1 : 0;
      return tensor;
    default:
      return {};
  }
}

/// Makes an integer tensor whose elements inference knows a constant: what Shape and the arithmetic behind it give
/// where the dims are numbers. Matches   any node. Requires  int64, int32 or bool results of rank 0 or 1 with all
/// elements known, for all results that are used. Produces  initializers of the same names; a graph output becomes the
/// result of a Constant. Keeps     all values. Applies inside subgraphs, and in functions by Constant nodes.
RewriteResult fold(Node& node, Rewriter& rewriter) {
  if (node.is("Constant") || node.has_subgraphs()) return RewriteResult::declined("a Constant, or it has subgraphs");
  std::vector<std::pair<Value*, Tensor>> found;
  for (Value* output : node.outputs()) {
    if (output == nullptr || output->is_unused()) continue;
    Tensor tensor = known_content(*output, rewriter);
    if (!tensor.is_defined()) return RewriteResult::declined("the elements are not known");
    if (!rewriter.can_make_constant(*output)) return RewriteResult::declined("a result has to stay a node's");
    found.emplace_back(output, std::move(tensor));
  }
  if (found.empty()) return RewriteResult::declined("nothing uses it");
  for (auto& [output, tensor] : found) rewriter.make_constant(*output, std::move(tensor));
  return RewriteResult::done();
}

}  // namespace

const Rewrite& fold_shape_content() {
  static const NodeRewrite kRewrite("FoldShapeContent", "Makes shapes and what is computed from them constants.", {},
                                    fold);
  return kRewrite;
}

}  // namespace surgery
