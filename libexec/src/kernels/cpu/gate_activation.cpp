// The activations of RNN, GRU and LSTM.

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <string>

#include "kernels/cpu/recurrent.h"
#include "surgery/text.h"

namespace exec::cpu {
namespace {

using Kind = GateActivation::Kind;

/// How many of activation_alpha and activation_beta a function takes, and what stands in for missing ones: the
/// defaults of the operator of that name. ScaledTanh has none.
struct KindFacts {
  std::string_view name;
  Kind kind;
  bool has_alpha;
  bool has_beta;
  float alpha;
  float beta;
};

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

constexpr KindFacts kKinds[] = {
    {"relu", Kind::kRelu, false, false, 0, 0},
    {"tanh", Kind::kTanh, false, false, 0, 0},
    {"sigmoid", Kind::kSigmoid, false, false, 0, 0},
    {"affine", Kind::kAffine, true, true, 1, 0},
    {"leakyrelu", Kind::kLeakyRelu, true, false, 0.01F, 0},
    {"thresholdedrelu", Kind::kThresholdedRelu, true, false, 1, 0},
    {"scaledtanh", Kind::kScaledTanh, true, true, kNone, kNone},
    {"hardsigmoid", Kind::kHardSigmoid, true, true, 0.2F, 0.5F},
    {"elu", Kind::kElu, true, false, 1, 0},
    {"softsign", Kind::kSoftsign, false, false, 0, 0},
    {"softplus", Kind::kSoftplus, false, false, 0, 0},
};

const KindFacts& facts_of(const KernelContext& context, std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto* found =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const KindFacts& facts) { return facts.name == lower; });
  if (found == std::end(kKinds)) context.fail("there is no activation " + surgery::quote(name));
  return *found;
}

/// Takes the next value of a list of parameters, which only the functions that have such a parameter consume.
class Parameters {
 public:
  Parameters(const KernelContext& context, std::string_view attribute)
      : context_(context), attribute_(attribute), values_(context.attr_floats(attribute)) {}

  float next(const KindFacts& facts, float fallback) {
    if (position_ < values_.size()) return values_[position_++];
    if (std::isnan(fallback)) {
      context_.fail("attribute " + surgery::quote(attribute_) + " has no value for activation " +
                    surgery::quote(facts.name) + ", which has no default");
    }
    return fallback;
  }

 private:
  const KernelContext& context_;
  std::string_view attribute_;
  std::vector<float> values_;
  size_t position_ = 0;
};

template <typename T, typename Op>
void each(std::span<T> values, float clip, Op op) {
  const T bound = static_cast<T>(clip);
  if (std::isinf(clip)) {
    for (T& value : values) value = op(value);
  } else {
    for (T& value : values) value = op(std::clamp(value, -bound, bound));
  }
}

}  // namespace

GateActivation named_activation(const KernelContext& context, std::string_view name, std::optional<float> alpha,
                                std::optional<float> beta) {
  const KindFacts& facts = facts_of(context, name);
  const float first = alpha.value_or(facts.alpha);
  const float second = beta.value_or(facts.beta);
  if (std::isnan(first) || std::isnan(second)) {
    context.fail("activation " + surgery::quote(name) + " lacks a parameter, which has no default");
  }
  return {facts.kind, first, second, std::numeric_limits<float>::infinity()};
}

std::vector<GateActivation> read_gate_activations(const KernelContext& context, int64_t directions,
                                                  std::span<const std::string_view> defaults) {
  std::vector<std::string> names = context.attr_strings("activations");
  const size_t wanted = defaults.size() * static_cast<size_t>(directions);
  if (names.empty()) {
    for (int64_t i = 0; i < directions; ++i) names.insert(names.end(), defaults.begin(), defaults.end());
  }
  // RNN's default value of the attribute names two functions, whatever the number of directions.
  const bool is_schema_default = context.node().op_type() == "RNN" && names == std::vector<std::string>(2, "Tanh");
  if (is_schema_default) names.resize(wanted);
  if (names.size() != wanted) {
    context.fail("attribute 'activations' has " + std::to_string(names.size()) + " names, expected " +
                 std::to_string(wanted));
  }
  // Absent: no clipping. 0 is taken at its word.
  const float clip = context.attr_float("clip", std::numeric_limits<float>::infinity());
  if (!(clip >= 0)) context.fail("attribute 'clip' is " + std::to_string(clip) + ", expected at least 0");
  Parameters alphas(context, "activation_alpha");
  Parameters betas(context, "activation_beta");
  std::vector<GateActivation> result;
  result.reserve(names.size());
  for (const std::string& name : names) {
    const KindFacts& facts = facts_of(context, name);
    const float alpha = facts.has_alpha ? alphas.next(facts, facts.alpha) : 0;
    const float beta = facts.has_beta ? betas.next(facts, facts.beta) : 0;
    result.emplace_back(facts.kind, alpha, beta, clip);
  }
  return result;
}

template <typename T>
void GateActivation::apply(std::span<T> values) const {
  const T alpha = static_cast<T>(alpha_);
  const T beta = static_cast<T>(beta_);
  switch (kind_) {
    case Kind::kRelu:
      return each(values, clip_, [](T x) { return std::max(x, T{0}); });
    case Kind::kTanh:
      return each(values, clip_, [](T x) { return std::tanh(x); });
    case Kind::kSigmoid:
      return each(values, clip_, [](T x) {
        const T e = std::exp(-std::abs(x));
        return x < T{0} ? e / (T{1} + e) : T{1} / (T{1} + e);
      });
    case Kind::kAffine:
      return each(values, clip_, [=](T x) { return alpha * x + beta; });
    case Kind::kLeakyRelu:
      return each(values, clip_, [=](T x) { return x < T{0} ? alpha * x : x; });
    case Kind::kThresholdedRelu:
      return each(values, clip_, [=](T x) { return x > alpha ? x : T{0}; });
    case Kind::kScaledTanh:
      return each(values, clip_, [=](T x) { return alpha * std::tanh(beta * x); });
    case Kind::kHardSigmoid:
      return each(values, clip_, [=](T x) { return std::clamp(alpha * x + beta, T{0}, T{1}); });
    case Kind::kElu:
      return each(values, clip_, [=](T x) { return x < T{0} ? alpha * std::expm1(x) : x; });
    case Kind::kSoftsign:
      return each(values, clip_, [](T x) { return x / (T{1} + std::abs(x)); });
    case Kind::kSoftplus:
      return each(values, clip_, [](T x) { return std::max(x, T{0}) + std::log1p(std::exp(-std::abs(x))); });
  }
}

template void GateActivation::apply(std::span<float> values) const;
template void GateActivation::apply(std::span<double> values) const;

}  // namespace exec::cpu
