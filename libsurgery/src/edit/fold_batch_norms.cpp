#include "edit/edits.h"
#include "surgery/rewrite.h"

/// --fold-bn: folds each BatchNormalization into the Conv, ConvTranspose, Gemm or MatMul beside it, with the rewrites
/// of `simplify` that do just that.
/// Meaning   kKept, up to rounding.
namespace surgery::edits {
namespace {

/// Names of the rewrites about BatchNormalization: "FuseConvBatchNorm", ...
std::vector<std::string> batch_norm_rewrites() {
  std::vector<std::string> names;
  for (const Rewrite* rewrite : all_rewrites()) {
    if (rewrite->name().find("BatchNorm") != std::string_view::npos) names.emplace_back(rewrite->name());
  }
  return names;
}

size_t count_batch_norms(Model& model) {
  size_t count = 0;
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
      if (node->is("BatchNormalization")) ++count;
    }
  });
  return count;
}

bool has_weights_as_inputs(const Model& model) {
  for (const Value* value : model.graph().initializers()) {
    if (value->is_graph_input() && value->constant() == nullptr) return true;
  }
  return false;
}

}  // namespace

EditReport fold_batch_norms(Model& model, std::string_view /*argument*/, const EditContext& context) {
  const size_t before = count_batch_norms(model);
  SimplifyOptions options;
  options.only = batch_norm_rewrites();
  const SimplifyReport done = simplify(model, context.evaluator, options);
  const size_t after = count_batch_norms(model);
  EditReport report;
  report.notes.push_back(std::to_string(before - after) + " of " + std::to_string(before) +
                         " BatchNormalization nodes folded");
  for (const auto& [name, times] : done.counts) {
    if (times > 0) report.notes.push_back(name + ": " + std::to_string(times));
  }
  if (after > 0 && has_weights_as_inputs(model)) {
    report.notes.emplace_back(
        "weights that are listed among the inputs are no constants and were left alone; --initializers-as-inputs no, "
        "given before, changes that");
  }
  return report;
}

}  // namespace surgery::edits
