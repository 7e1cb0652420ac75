// TreeEnsembleClassifier, TreeEnsembleRegressor, TreeEnsemble.

#include <algorithm>
#include <string>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/ml/rows.h"
#include "kernels/cpu/ml/tree_ensemble.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"

namespace exec::cpu::ml {
namespace {

constexpr int64_t kGrain = 64;

std::vector<double> values_of(std::span<const TreeEnsemble::Score> scores) {
  std::vector<double> values;
  for (const TreeEnsemble::Score& score : scores) values.push_back(score.value);
  return values;
}

/// A classifier's way from the sums of its leaves to labels and scores. Where the specification leaves open how a model
/// of two classes with the weights of one is read, it is read as ONNX Runtime does.
struct ClassScores {
  std::vector<double> base_values;
  PostTransform transform = PostTransform::kNone;
  size_t num_classes = 0;
  bool is_binary = false;  ///< two classes, and all weights are for one of them
  bool weights_are_positive = false;
  size_t only_class = 0;  ///< of a binary model: the one that has weights

  /// The class, and its scores in `scores`, one per class.
  size_t decide(std::span<const TreeEnsemble::Score> sums, std::vector<double>& scores) const {
    scores = values_of(sums);
    if (!is_binary) {
      for (size_t i = 0; i < base_values.size(); ++i) scores[i] += base_values[i];
      // A class that no leaf speaks of does not win by its 0.
      size_t best = scores.size();
      for (size_t i = 0; i < scores.size(); ++i) {
        if (!sums[i].is_set && base_values.empty()) continue;
        if (best == scores.size() || scores[i] > scores[best]) best = i;
      }
      ml::apply(transform, scores);
      return best == scores.size() ? 0 : best;
    }
    const double score = scores[only_class] + (base_values.empty() ? 0 : base_values[0]);
    const size_t winner = score > (weights_are_positive ? 0.5 : 0.0) ? 1 : 0;
    if (only_class == 1) {
      scores = {0, score};
      ml::apply(transform, scores);
    } else if (transform == PostTransform::kProbit) {
      scores = {probit(1 - score), probit(score)};
    } else if (weights_are_positive) {
      scores = {1 - score, score};
      if (transform == PostTransform::kLogistic) scores = {logistic(-score), logistic(score)};
    } else {
      scores = {-score, score};
      if (transform == PostTransform::kLogistic) ml::apply(transform, scores);
    }
    return winner;
  }
};

ClassScores read_class_scores(const KernelContext& context, const TreeEnsemble& trees, size_t num_classes) {
  ClassScores result;
  result.base_values = doubles_or_tensor(context, "base_values");
  result.transform = read_post_transform(context);
  result.num_classes = num_classes;
  result.weights_are_positive = std::all_of(trees.weights.begin(), trees.weights.end(),
                                            [](const TreeEnsemble::Weight& weight) { return weight.value >= 0; });
  const auto is_first = [&](const TreeEnsemble::Weight& weight) {
    return weight.target == trees.weights.front().target;
  };
  result.is_binary =
      num_classes == 2 && !trees.weights.empty() && std::all_of(trees.weights.begin(), trees.weights.end(), is_first);
  if (result.is_binary) result.only_class = static_cast<size_t>(trees.weights.front().target);
  const size_t wanted = result.is_binary ? 1 : num_classes;
  if (!result.base_values.empty() && result.base_values.size() != wanted) {
    context.unsupported(std::to_string(result.base_values.size()) + " base_values for " +
                        (result.is_binary ? "one score" : std::to_string(num_classes) + " classes"));
  }
  return result;
}

void tree_ensemble_classifier(KernelContext& context) {
  const Rows rows = read_rows(context);
  const Labels labels = read_labels(context, "classlabels_int64s", "classlabels_strings");
  const size_t num_classes = labels.size();
  if (num_classes == 0) context.fail("has no class labels");
  const TreeEnsemble trees = read_tree_attributes(context, "class", static_cast<int64_t>(num_classes));
  trees.require_sound(context, rows.width);
  const ClassScores model = read_class_scores(context, trees, num_classes);
  LabelOutput classes(context, labels, rows.num_rows);
  Tensor* output = context.has_output(1)
                       ? &context.output(1, score_type(context), {rows.num_rows, static_cast<int64_t>(num_classes)})
                       : nullptr;
  parallel_for(rows.num_rows, kGrain, [&](int64_t begin, int64_t end) {
    std::vector<double> scores;
    for (int64_t row = begin; row < end; ++row) {
      std::vector<TreeEnsemble::Score> sums(num_classes);
      trees.evaluate(rows.row(row), Aggregate::kSum, sums);
      const size_t winner = model.decide(sums, scores);
      if (num_classes == 1) {
        classes.set_bool(row, sums[0].value > 0);
      } else {
        classes.set(row, winner);
      }
      if (output != nullptr) put_scores(scores, row, *output);
    }
  });
}

/// Rows of scores [N, targets] as output 0, of `type`.
void regress(KernelContext& context, DataType type, const Rows& rows, const TreeEnsemble& trees, Aggregate aggregate,
             PostTransform transform, int64_t targets, const std::vector<double>& base_values) {
  trees.require_sound(context, rows.width);
  Tensor& output = context.output(0, type, {rows.num_rows, targets});
  parallel_for(rows.num_rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      std::vector<TreeEnsemble::Score> sums(static_cast<size_t>(targets));
      trees.evaluate(rows.row(row), aggregate, sums);
      std::vector<double> scores = values_of(sums);
      for (size_t i = 0; i < base_values.size(); ++i) scores[i] += base_values[i];
      // As in ONNX Runtime, one score alone has no transform but PROBIT.
      if (scores.size() > 1 || transform == PostTransform::kProbit) ml::apply(transform, scores);
      put_scores(scores, row, output);
    }
  });
}

int64_t read_num_targets(const KernelContext& context) {
  constexpr int64_t kMost = int64_t{1} << 30;
  const int64_t targets = context.attr_int("n_targets", 1);
  if (targets < 1 || targets > kMost) context.fail("n_targets is " + std::to_string(targets));
  return targets;
}

void tree_ensemble_regressor(KernelContext& context) {
  const Rows rows = read_rows(context);
  const int64_t targets = read_num_targets(context);
  const std::string name = context.attr_string("aggregate_function", "SUM");
  Aggregate aggregate = Aggregate::kSum;
  if (name == "AVERAGE") {
    aggregate = Aggregate::kAverage;
  } else if (name == "MIN") {
    aggregate = Aggregate::kMin;
  } else if (name == "MAX") {
    aggregate = Aggregate::kMax;
  } else if (name != "SUM") {
    context.fail("attribute 'aggregate_function' is '" + name + "', expected AVERAGE, SUM, MIN or MAX");
  }
  const std::vector<double> base_values = doubles_or_tensor(context, "base_values");
  if (!base_values.empty() && static_cast<int64_t>(base_values.size()) != targets) {
    context.fail(std::to_string(base_values.size()) + " base_values for " + std::to_string(targets) + " targets");
  }
  regress(context, score_type(context), rows, read_tree_attributes(context, "target", targets), aggregate,
          read_post_transform(context), targets, base_values);
}

void tree_ensemble(KernelContext& context) {
  const Rows rows = read_rows(context);
  const int64_t targets = read_num_targets(context);
  const int64_t aggregate = context.attr_int("aggregate_function", 1);
  if (aggregate < 0 || aggregate > 3) {
    context.fail("attribute 'aggregate_function' is " + std::to_string(aggregate) + ", expected 0 to 3");
  }
  regress(context, context.input(0).type(), rows, read_tree_tensors(context, targets),
          static_cast<Aggregate>(aggregate), post_transform_of(context, context.attr_int("post_transform", 0)), targets,
          {});
}

constexpr Kernel kKernels[] = {
    {"TreeEnsemble", "ai.onnx.ml", 5, kLatest, kFullFloats, 0, tree_ensemble},
    {"TreeEnsemble", "ai.onnx.ml", 5, kLatest, type_bit(DataType::kFloat16), 0, widened<tree_ensemble>},
    {"TreeEnsembleClassifier", "ai.onnx.ml", 1, kLatest, kFeatureTypes, 0, tree_ensemble_classifier},
    {"TreeEnsembleRegressor", "ai.onnx.ml", 1, kLatest, kFeatureTypes, 0, tree_ensemble_regressor},
};

}  // namespace
}  // namespace exec::cpu::ml

std::span<const exec::Kernel> exec::cpu::ml_tree_kernels() { return ml::kKernels; }
