// SVMClassifier, SVMRegressor: libsvm's models, and liblinear's where there are no support vectors.

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/ml/rows.h"

namespace exec::cpu::ml {
namespace {

using Doubles = std::vector<double>;

Doubles doubles(const KernelContext& context, std::string_view name) {
  const std::vector<float> values = context.attr_floats(name);
  return {values.begin(), values.end()};
}

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// The kernel function of two vectors.
class KernelFunctionOf {
 public:
  explicit KernelFunctionOf(const KernelContext& context) : type_(context.attr_string("kernel_type", "LINEAR")) {
    if (type_ != "LINEAR" && type_ != "POLY" && type_ != "RBF" && type_ != "SIGMOID") {
      context.fail("attribute 'kernel_type' is '" + type_ + "', expected LINEAR, POLY, RBF or SIGMOID");
    }
    const Doubles parameters = doubles(context, "kernel_params");
    if (!parameters.empty() && parameters.size() != 3) {
      context.fail("kernel_params has " + std::to_string(parameters.size()) + " values, expected gamma, coef0, degree");
    }
    if (parameters.empty()) return;
    gamma_ = parameters[0];
    coef0_ = parameters[1];
    degree_ = parameters[2];
  }

  double operator()(std::span<const double> a, std::span<const double> b) const {
    if (type_ == "LINEAR") return dot(a, b);
    if (type_ == "POLY") return std::pow(gamma_ * dot(a, b) + coef0_, degree_);
    if (type_ == "SIGMOID") return std::tanh(gamma_ * dot(a, b) + coef0_);
    double squares = 0;
    for (size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
    return std::exp(-gamma_ * squares);
  }

 private:
  std::string type_;
  double gamma_ = 0;
  double coef0_ = 0;
  double degree_ = 0;
};

void require_count(const KernelContext& context, std::string_view name, size_t found, int64_t expected) {
  if (static_cast<int64_t>(found) == expected) return;
  context.fail(std::string(name) + " has " + std::to_string(found) + " values, expected " + std::to_string(expected));
}

/// Probabilities of k classes from those of each pair, r[i * k + j] for i against j: the second method of Wu, Lin and
/// Weng (2004), as libsvm has it.
Doubles combine_probabilities(const Doubles& r, size_t k) {
  Doubles q(k * k, 0);
  Doubles p(k, 1.0 / static_cast<double>(k));
  Doubles qp(k);
  for (size_t t = 0; t < k; ++t) {
    for (size_t j = 0; j < k; ++j) {
      if (j == t) continue;
      q[t * k + t] += r[j * k + t] * r[j * k + t];
      q[t * k + j] = -r[j * k + t] * r[t * k + j];
    }
  }
  const double tolerance = 0.005 / static_cast<double>(k);
  for (size_t round = 0; round < std::max<size_t>(100, k); ++round) {
    double pqp = 0;
    for (size_t t = 0; t < k; ++t) {
      qp[t] = dot(std::span(q).subspan(t * k, k), p);
      pqp += p[t] * qp[t];
    }
    double error = 0;
    for (size_t t = 0; t < k; ++t) error = std::max(error, std::abs(qp[t] - pqp));
    if (error < tolerance) break;
    for (size_t t = 0; t < k; ++t) {
      const double step = (pqp - qp[t]) / q[t * k + t];
      p[t] += step;
      pqp = (pqp + step * (step * q[t * k + t] + 2 * qp[t])) / (1 + step) / (1 + step);
      for (size_t j = 0; j < k; ++j) {
        qp[j] = (qp[j] + step * q[t * k + j]) / (1 + step);
        p[j] /= 1 + step;
      }
    }
  }
  return p;
}

class Classifier {
 public:
  Classifier(KernelContext& context, int64_t width)
      : kernel_(context),
        labels(read_labels(context, "classlabels_ints", "classlabels_strings")),
        transform_(read_post_transform(context)),
        num_classes_(std::max<size_t>(labels.size(), 1)),
        width_(static_cast<size_t>(width)),
        rho_(doubles(context, "rho")),
        coefficients_(doubles(context, "coefficients")),
        vectors_(doubles(context, "support_vectors")),
        prob_a_(doubles(context, "prob_a")),
        prob_b_(doubles(context, "prob_b")) {
    int64_t count = 0;
    for (const int64_t of_class : context.attr_ints("vectors_per_class")) {
      if (of_class < 0) context.fail("vectors_per_class has a negative number");
      starts_.push_back(static_cast<size_t>(count));
      sizes_.push_back(static_cast<size_t>(of_class));
      count = checked_add(context, count, of_class);
    }
    num_vectors_ = static_cast<size_t>(count);
    const auto classes = static_cast<int64_t>(num_classes_);
    const int64_t pairs = classes * (classes - 1) / 2;
    if (num_vectors_ == 0) {
      require_count(context, "coefficients", coefficients_.size(), checked_mul(context, classes, width));
      if (rho_.empty()) context.fail("attribute 'rho' is missing");
    } else {
      require_count(context, "vectors_per_class", sizes_.size(), classes);
      require_count(context, "support_vectors", vectors_.size(), checked_mul(context, count, width));
      require_count(context, "coefficients", coefficients_.size(), checked_mul(context, count, classes - 1));
      require_count(context, "rho", rho_.size(), pairs);
    }
    if (!prob_a_.empty()) require_count(context, "prob_a", prob_a_.size(), pairs);
    require_count(context, "prob_b", prob_b_.size(), static_cast<int64_t>(prob_a_.size()));
    has_probabilities_ = num_vectors_ > 0 && !prob_a_.empty();
  }

  /// How many scores a sample has.
  int64_t num_scores() const {
    const size_t scores =
        has_probabilities_ || num_vectors_ == 0 ? num_classes_ : num_classes_ * (num_classes_ - 1) / 2;
    return scores == 1 && rho_.size() == 1 && num_classes_ == 2 && transform_ != PostTransform::kProbit
               ? 2
               : static_cast<int64_t>(scores);
  }

  /// The scores of a sample; sets its label.
  Doubles classify(std::span<const double> x, int64_t row, LabelOutput& output) const {
    Doubles votes;
    Doubles scores = num_vectors_ == 0 ? linear_scores(x) : pair_scores(x, votes);
    if (has_probabilities_) scores = probabilities(scores);
    const Doubles& deciding = votes.empty() ? scores : votes;
    const auto best = std::max_element(deciding.begin(), deciding.end());
    const auto winner = static_cast<size_t>(best - deciding.begin());
    const bool adds_second = rho_.size() == 1 && num_classes_ == 2;
    if (rho_.size() != 1 || num_classes_ >= 2) {
      output.set(row, winner);
    } else {
      output.set_bool(row, *best > 0);
    }
    if (scores.size() == 1 && adds_second && transform_ != PostTransform::kProbit) {
      // As in ONNX Runtime: LOGISTIC applies to both of the scores that one makes, the softmax transforms only have
      // them add up to 1.
      const bool is_softmax = transform_ == PostTransform::kSoftmax || transform_ == PostTransform::kSoftmaxZero;
      scores = {(is_softmax ? 1 : 0) - scores[0], scores[0]};
      if (transform_ == PostTransform::kLogistic) ml::apply(transform_, scores);
    } else if (scores.size() > 1 || transform_ == PostTransform::kProbit) {
      ml::apply(transform_, scores);
    }
    return scores;
  }

 private:
  KernelFunctionOf kernel_;

 public:
  Labels labels;

 private:
  Doubles linear_scores(std::span<const double> x) const {
    Doubles scores;
    for (size_t i = 0; i < num_classes_; ++i) {
      scores.push_back(rho_[0] + dot(x, std::span(coefficients_).subspan(i * width_, width_)));
    }
    return scores;
  }

  /// The decision of each pair of classes, and how many of them each class wins.
  Doubles pair_scores(std::span<const double> x, Doubles& votes) const {
    Doubles kernels;
    for (size_t i = 0; i < num_vectors_; ++i) {
      kernels.push_back(kernel_(x, std::span(vectors_).subspan(i * width_, width_)));
    }
    votes.assign(num_classes_, 0);
    Doubles scores;
    const auto weighted = [&](size_t row, size_t of_class) {
      return dot(std::span(kernels).subspan(starts_[of_class], sizes_[of_class]),
                 std::span(coefficients_).subspan(row * num_vectors_ + starts_[of_class], sizes_[of_class]));
    };
    for (size_t i = 0; i < num_classes_; ++i) {
      for (size_t j = i + 1; j < num_classes_; ++j) {
        const double score = rho_[scores.size()] + weighted(j - 1, i) + weighted(i, j);
        scores.push_back(score);
        ++votes[score > 0 ? i : j];
      }
    }
    return scores;
  }

  Doubles probabilities(const Doubles& scores) const {
    Doubles pairs(num_classes_ * num_classes_, 0);
    size_t index = 0;
    for (size_t i = 0; i < num_classes_; ++i) {
      for (size_t j = i + 1; j < num_classes_; ++j, ++index) {
        const double sigmoid = 1 - logistic(scores[index] * prob_a_[index] + prob_b_[index]);
        const double bounded = std::clamp(sigmoid, 1e-7, 1 - 1e-7);
        pairs[i * num_classes_ + j] = bounded;
        pairs[j * num_classes_ + i] = 1 - bounded;
      }
    }
    return combine_probabilities(pairs, num_classes_);
  }

  PostTransform transform_;
  size_t num_classes_;
  size_t width_;
  Doubles rho_;
  Doubles coefficients_;
  Doubles vectors_;
  Doubles prob_a_;
  Doubles prob_b_;
  std::vector<size_t> starts_;  // of each class's support vectors
  std::vector<size_t> sizes_;
  size_t num_vectors_ = 0;
  bool has_probabilities_ = false;
};

void svm_classifier(KernelContext& context) {
  const Rows rows = read_rows(context);
  const Classifier model(context, rows.width);
  LabelOutput labels(context, model.labels, rows.num_rows);
  Tensor* output =
      context.has_output(1) ? &context.output(1, score_type(context), {rows.num_rows, model.num_scores()}) : nullptr;
  for (int64_t row = 0; row < rows.num_rows; ++row) {
    const Doubles scores = model.classify(rows.row(row), row, labels);
    if (output != nullptr) put_scores(scores, row, *output);
  }
}

void svm_regressor(KernelContext& context) {
  const Rows rows = read_rows(context);
  const KernelFunctionOf kernel(context);
  const int64_t supports = context.attr_int("n_supports", 0);
  const Doubles coefficients = doubles(context, "coefficients");
  const Doubles vectors = doubles(context, "support_vectors");
  const Doubles rho = doubles(context, "rho");
  const bool one_class = context.attr_int("one_class", 0) != 0;
  const PostTransform transform = read_post_transform(context);
  if (supports < 0) context.fail("n_supports is " + std::to_string(supports));
  if (rho.empty()) context.fail("attribute 'rho' is missing");
  require_count(context, "coefficients", coefficients.size(), supports > 0 ? supports : rows.width);
  if (supports > 0) {
    require_count(context, "support_vectors", vectors.size(), checked_mul(context, supports, rows.width));
  }
  Tensor& output = context.output(0, score_type(context), {rows.num_rows, 1});
  const auto width = static_cast<size_t>(rows.width);
  for (int64_t row = 0; row < rows.num_rows; ++row) {
    const std::span<const double> x = rows.row(row);
    double sum = rho[0];
    for (size_t i = 0; i < static_cast<size_t>(supports); ++i) {
      sum += coefficients[i] * kernel(x, std::span(vectors).subspan(i * width, width));
    }
    if (supports == 0) sum += dot(x, coefficients);  // liblinear's: the kernel is that of support vectors
    if (one_class) sum = sum > 0 ? 1 : -1;
    if (transform == PostTransform::kProbit) sum = probit(sum);
    put_scores({&sum, 1}, row, output);
  }
}

constexpr Kernel kKernels[] = {
    {"SVMClassifier", "ai.onnx.ml", 1, kLatest, kFeatureTypes, 0, svm_classifier},
    {"SVMRegressor", "ai.onnx.ml", 1, kLatest, kFeatureTypes, 0, svm_regressor},
};

}  // namespace
}  // namespace exec::cpu::ml

std::span<const exec::Kernel> exec::cpu::ml_svm_kernels() { return ml::kKernels; }
