#include <algorithm>
#include <utility>
#include <vector>

#include "exec/session.h"
#include "runtime/scope.h"
#include "runtime/threads.h"

namespace exec {
namespace {

using surgery::Node;

/// Operators one at a time, as constant folding asks for them. Nodes with subgraphs need their surroundings and calls
/// of functions are cheaper to inline: both are left alone.
class NodeEvaluator final : public surgery::Evaluator {
 public:
  NodeEvaluator(const surgery::Model& model, int64_t max_bytes) : model_(model), max_bytes_(max_bytes) {}

  bool supports(const Node& node, std::span<const Tensor* const> inputs) const override {
    const auto is_reference = [](const surgery::Attribute& attribute) { return !attribute.ref_attr_name().empty(); };
    if (node.has_subgraphs() || called_function(model_, node) != nullptr ||
        std::any_of(node.attributes().begin(), node.attributes().end(), is_reference)) {
      return false;
    }
    const std::optional<int64_t> version = opsets_of(node).version(node.domain());
    if (!version) return false;
    std::vector<DataType> types;
    for (const Tensor* input : inputs) types.push_back(input == nullptr ? DataType::kUndefined : input->type());
    const Kernel* kernel = find_kernel(node, *version, types);
    return kernel != nullptr && kernel->folds;
  }

  std::vector<Tensor> evaluate(const Node& node, std::span<const Tensor* const> inputs) const override {
    const std::optional<int64_t> version = opsets_of(node).version(node.domain());
    if (!version || !supports(node, inputs)) fail_without_kernel(node, version);
    const ThreadScope threads(0);
    NodeInputs given{{inputs.begin(), inputs.end()}, {}};
    std::vector<Tensor> outputs;
    for (Datum& output : run_kernel(node, given, {.opset = *version, .max_bytes = max_bytes_})) {
      outputs.push_back(output.tensor_if());
    }
    return outputs;
  }

 private:
  const surgery::Model& model_;
  int64_t max_bytes_;
};

}  // namespace

std::unique_ptr<surgery::Evaluator> make_evaluator(const surgery::Model& model, int64_t max_bytes) {
  return std::make_unique<NodeEvaluator>(model, max_bytes);
}

}  // namespace exec
