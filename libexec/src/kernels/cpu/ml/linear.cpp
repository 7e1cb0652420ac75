// LinearClassifier, LinearRegressor.

#include <algorithm>
#include <string>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/ml/rows.h"

namespace exec::cpu::ml {
namespace {

/// The rows of coefficients [targets, C] and the intercept of each.
struct Weights {
  int64_t targets = 0;
  std::vector<float> coefficients;
  std::vector<float> intercepts;
};

Weights read_weights(const KernelContext& context, int64_t targets, int64_t width) {
  Weights weights{targets, context.attr_floats("coefficients"), context.attr_floats("intercepts")};
  const auto count = static_cast<int64_t>(weights.coefficients.size());
  if (targets < 1 || count != checked_mul(context, targets, width)) {
    context.fail(std::to_string(count) + " coefficients for " + std::to_string(targets) + " targets and " +
                 std::to_string(width) + " features");
  }
  if (!weights.intercepts.empty() && static_cast<int64_t>(weights.intercepts.size()) != targets) {
    context.fail(std::to_string(weights.intercepts.size()) + " intercepts for " + std::to_string(targets) + " targets");
  }
  return weights;
}

std::vector<double> score(const Weights& weights, std::span<const double> row) {
  std::vector<double> scores;
  for (size_t target = 0; target < static_cast<size_t>(weights.targets); ++target) {
    double sum = 0;
    for (size_t i = 0; i < row.size(); ++i) {
      sum += row[i] * static_cast<double>(weights.coefficients[target * row.size() + i]);
    }
    scores.push_back(sum + (weights.intercepts.empty() ? 0 : static_cast<double>(weights.intercepts[target])));
  }
  return scores;
}

/// One score s for two labels becomes the scores of both: 1 - s and s, under LOGISTIC of -s and s. ONNX Runtime leaves
/// them without the softmax transforms, and so do models made for it.
std::vector<double> both_scores(double score, PostTransform transform) {
  if (transform == PostTransform::kLogistic) return {logistic(-score), logistic(score)};
  if (transform == PostTransform::kProbit) return {probit(1 - score), probit(score)};
  return {1 - score, score};
}

void linear_classifier(KernelContext& context) {
  const Rows rows = read_rows(context);
  const Labels labels = read_labels(context, "classlabels_ints", "classlabels_strings");
  const size_t num_intercepts = context.attr_floats("intercepts").size();
  const auto targets = static_cast<int64_t>(num_intercepts > 0 ? num_intercepts : std::max<size_t>(labels.size(), 1));
  const Weights weights = read_weights(context, targets, rows.width);
  const PostTransform transform = read_post_transform(context);
  const bool is_binary = targets == 1 && labels.size() == 2;
  if (labels.size() > 0 && !is_binary && static_cast<int64_t>(labels.size()) != targets) {
    context.fail(std::to_string(labels.size()) + " labels for " + std::to_string(targets) + " classes");
  }
  LabelOutput classes(context, labels, rows.num_rows);
  Tensor* output = context.has_output(1)
                       ? &context.output(1, score_type(context), {rows.num_rows, is_binary ? 2 : targets})
                       : nullptr;
  for (int64_t row = 0; row < rows.num_rows; ++row) {
    std::vector<double> scores = score(weights, rows.row(row));
    if (is_binary) {
      classes.set(row, scores[0] > 0 ? 1 : 0);
      scores = both_scores(scores[0], transform);
    } else if (targets == 1) {
      classes.set_bool(row, scores[0] > 0);
      if (transform == PostTransform::kProbit) ml::apply(transform, scores);
    } else {
      classes.set(row, static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin()));
      ml::apply(transform, scores);
    }
    if (output != nullptr) put_scores(scores, row, *output);
  }
}

void linear_regressor(KernelContext& context) {
  const Rows rows = read_rows(context);
  const Weights weights = read_weights(context, context.attr_int("targets", 1), rows.width);
  const PostTransform transform = read_post_transform(context);
  Tensor& output = context.output(0, score_type(context), {rows.num_rows, weights.targets});
  for (int64_t row = 0; row < rows.num_rows; ++row) {
    std::vector<double> scores = score(weights, rows.row(row));
    // As in ONNX Runtime, one score alone has no transform but PROBIT.
    if (scores.size() > 1 || transform == PostTransform::kProbit) ml::apply(transform, scores);
    put_scores(scores, row, output);
  }
}

constexpr Kernel kKernels[] = {
    {"LinearClassifier", "ai.onnx.ml", 1, kLatest, kFeatureTypes, 0, linear_classifier},
    {"LinearRegressor", "ai.onnx.ml", 1, kLatest, kFeatureTypes, 0, linear_regressor},
};

}  // namespace
}  // namespace exec::cpu::ml

std::span<const exec::Kernel> exec::cpu::ml_linear_kernels() { return ml::kKernels; }
