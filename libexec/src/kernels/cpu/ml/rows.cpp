#include "kernels/cpu/ml/rows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/cpu/dims.h"

namespace exec::cpu::ml {
namespace {

void softmax(std::span<double> scores) {
  if (scores.empty()) return;
  const double largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) sum += score = std::exp(score - largest);
  for (double& score : scores) score /= sum;
}

/// The softmax that leaves a score of 0 at 0.
void softmax_zero(std::span<double> scores) {
  if (scores.empty()) return;
  constexpr double kZero = 1e-7;
  const double largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) {
    score = std::abs(score) > kZero ? std::exp(score - largest) : score * std::exp(-largest);
    sum += score;
  }
  for (double& score : scores) score = sum == 0 ? 0.5 : score / sum;
}

}  // namespace

Rows read_rows(KernelContext& context) {
  const Tensor& input = context.input(0);
  if (input.rank() != 1 && input.rank() != 2) {
    context.fail("input 0 has shape " + dims_text(input.dims()) + ", expected [N, C] or [C]");
  }
  context.reserve_bytes(checked_mul(context, input.num_elements(), sizeof(double)));
  Rows rows;
  rows.num_rows = input.rank() == 2 ? input.dims()[0] : 1;
  rows.width = input.dims().back();
  rows.values = input.to_doubles().value_or(std::vector<double>{});
  return rows;
}

void put_scores(std::span<const double> scores, int64_t row, Tensor& output) {
  const auto first = row * static_cast<int64_t>(scores.size());
  if (output.type() == DataType::kDouble) {
    std::copy(scores.begin(), scores.end(), output.mutable_values<double>().begin() + first);
  } else {
    std::transform(scores.begin(), scores.end(), output.mutable_values<float>().begin() + first,
                   [](double x) { return static_cast<float>(x); });
  }
}

Labels read_labels(const KernelContext& context, std::string_view integers, std::string_view strings) {
  Labels labels{context.attr_ints(integers), context.attr_strings(strings)};
  if (!labels.integers.empty() && !labels.strings.empty()) {
    context.fail("has both " + std::string(integers) + " and " + std::string(strings));
  }
  return labels;
}

LabelOutput::LabelOutput(KernelContext& context, const Labels& labels, int64_t num_rows)
    : labels_(labels),
      output_(context.output(0, labels.are_strings() ? DataType::kString : DataType::kInt64, {num_rows})) {}

void LabelOutput::set(int64_t row, size_t label) {
  const auto at = static_cast<size_t>(row);
  if (labels_.are_strings()) {
    output_.mutable_strings()[at] = labels_.strings[label];
  } else {
    output_.mutable_values<int64_t>()[at] =
        labels_.integers.empty() ? static_cast<int64_t>(label) : labels_.integers[label];
  }
}

void LabelOutput::set_bool(int64_t row, bool value) {
  const auto at = static_cast<size_t>(row);
  if (labels_.are_strings()) {
    output_.mutable_strings()[at] = value ? "1" : "0";
  } else {
    output_.mutable_values<int64_t>()[at] = value ? 1 : 0;
  }
}

PostTransform read_post_transform(const KernelContext& context) {
  const std::string name = context.attr_string("post_transform", "NONE");
  constexpr std::pair<std::string_view, PostTransform> kNames[] = {{"NONE", PostTransform::kNone},
                                                                   {"SOFTMAX", PostTransform::kSoftmax},
                                                                   {"LOGISTIC", PostTransform::kLogistic},
                                                                   {"SOFTMAX_ZERO", PostTransform::kSoftmaxZero},
                                                                   {"PROBIT", PostTransform::kProbit}};
  for (const auto& [known, transform] : kNames) {
    if (name == known) return transform;
  }
  context.fail("attribute 'post_transform' is '" + name +
               "', expected NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or PROBIT");
}

PostTransform post_transform_of(const KernelContext& context, int64_t number) {
  if (number < 0 || number > 4) {
    context.fail("attribute 'post_transform' is " + std::to_string(number) + ", expected 0 to 4");
  }
  return static_cast<PostTransform>(number);
}

double logistic(double x) {
  const double value = 1 / (1 + std::exp(-std::abs(x)));
  return x < 0 ? 1 - value : value;
}

/// sqrt(2) * erfinv(2 x - 1), with the approximation of erfinv by Winitzki (2008) that ONNX Runtime has.
double probit(double x) {
  const double y = 2 * x - 1;
  const double log = std::log((1 - y) * (1 + y));
  const double a = 2 / (3.14159 * 0.147) + 0.5 * log;
  const double root = std::sqrt(-a + std::sqrt(a * a - log / 0.147));
  return 1.41421356 * (y < 0 ? -root : root);
}

void apply(PostTransform transform, std::span<double> scores) {
  switch (transform) {
    case PostTransform::kSoftmax:
      return softmax(scores);
    case PostTransform::kSoftmaxZero:
      return softmax_zero(scores);
    case PostTransform::kLogistic:
      for (double& score : scores) score = logistic(score);
      return;
    case PostTransform::kProbit:
      for (double& score : scores) score = probit(score);
      return;
    case PostTransform::kNone:
      return;
  }
}

}  // namespace exec::cpu::ml
