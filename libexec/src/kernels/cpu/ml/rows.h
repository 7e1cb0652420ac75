#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "exec/kernel.h"

/// What the operators of ai.onnx.ml share.
namespace exec::cpu::ml {

/// The element types that they take as features.
constexpr TypeMask kFeatureTypes =
    type_bit(DataType::kFloat) | type_bit(DataType::kDouble) | type_bit(DataType::kInt64) | type_bit(DataType::kInt32);

/// Features as double, one row per sample: [N, C], or [C] as one row.
struct Rows {
  int64_t num_rows = 0;
  int64_t width = 0;
  std::vector<double> values;

  std::span<const double> row(int64_t index) const {
    return std::span(values).subspan(static_cast<size_t>(index * width), static_cast<size_t>(width));
  }
};

/// Input 0 as rows. Fails for another rank.
Rows read_rows(KernelContext& context);

/// The type of scores and of what else the standard has as float alone: double in oracle mode.
inline DataType score_type(const KernelContext& context) {
  return context.environment().in_double ? DataType::kDouble : DataType::kFloat;
}
/// Sets row `row` of an output [rows, scores.size()] of score_type().
void put_scores(std::span<const double> scores, int64_t row, Tensor& output);

/// Labels of classes, integers or strings.
struct Labels {
  std::vector<int64_t> integers;
  std::vector<std::string> strings;

  bool are_strings() const { return !strings.empty(); }
  size_t size() const { return are_strings() ? strings.size() : integers.size(); }
};
/// The attributes of these names. Fails where both are given.
Labels read_labels(const KernelContext& context, std::string_view integers, std::string_view strings);

/// Makes output 0 [rows] of the labels' type and sets its elements by class.
class LabelOutput {
 public:
  LabelOutput(KernelContext& context, const Labels& labels, int64_t num_rows);
  void set(int64_t row, size_t label);
  /// For the models of one class: 1 or 0, "1" or "0".
  void set_bool(int64_t row, bool value);

 private:
  const Labels& labels_;
  Tensor& output_;
};

/// The attribute post_transform.
enum class PostTransform { kNone, kSoftmax, kLogistic, kSoftmaxZero, kProbit };
PostTransform read_post_transform(const KernelContext& context);
/// By the number that TreeEnsemble has for it.
PostTransform post_transform_of(const KernelContext& context, int64_t number);

/// Applies it to the scores of one sample, each of which stands for a class or target.
void apply(PostTransform transform, std::span<double> scores);
double logistic(double x);
double probit(double x);

}  // namespace exec::cpu::ml
