// NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss: values [N, C, ...], labels [N, ...], weights [C].

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"
#include "surgery/text.h"

namespace exec::cpu {
namespace {

/// values seen as [samples, classes, places].
struct LossDims {
  int64_t samples = 0;
  int64_t classes = 0;
  int64_t places = 0;
  Dims labels;
};

LossDims read_dims(const KernelContext& context) {
  const Dims& values = context.input(0).dims();
  if (values.size() < 2) context.fail("input 0 has shape " + dims_text(values) + ", expected [N, C, ...]");
  LossDims dims;
  dims.samples = values[0];
  dims.classes = values[1];
  dims.places = product(values, 2, static_cast<int64_t>(values.size()));
  dims.labels = values;
  dims.labels.erase(dims.labels.begin() + 1);
  require_shape(context, 1, dims.labels);
  if (context.has_input(2)) {
    require_shape(context, 2, {dims.classes});
    require_type(context, 2, context.input(0).type());
  }
  return dims;
}

/// The label of each place; nothing where it is ignore_index.
std::vector<std::optional<int64_t>> read_labels(const KernelContext& context, const LossDims& dims) {
  const Tensor& labels = context.input(1);
  if (labels.type() != DataType::kInt32 && labels.type() != DataType::kInt64) {
    context.fail("input 1 is " + std::string(to_string(labels.type())) + ", expected int32 or int64");
  }
  const Tensor wide = cast_tensor(context, labels, DataType::kInt64);
  const bool can_ignore = context.attribute("ignore_index") != nullptr;
  const int64_t ignored = context.attr_int("ignore_index", 0);
  std::vector<std::optional<int64_t>> result;
  result.reserve(static_cast<size_t>(labels.num_elements()));
  for (const int64_t label : wide.values<int64_t>()) {
    if (can_ignore && label == ignored) {
      result.emplace_back();
      continue;
    }
    if (label < 0 || label >= dims.classes) {
      context.fail("label " + std::to_string(label) + " lies outside of the " + std::to_string(dims.classes) +
                   " classes");
    }
    result.emplace_back(label);
  }
  return result;
}

/// Output 0 from log-probabilities.
template <typename T>
void give_loss(KernelContext& context, const LossDims& dims, const T* log_probabilities) {
  const std::string reduction = context.attr_string("reduction", "mean");
  if (reduction != "none" && reduction != "sum" && reduction != "mean") {
    context.fail("attribute 'reduction' is " + surgery::quote(reduction) + ", expected 'none', 'sum' or 'mean'");
  }
  const std::vector<std::optional<int64_t>> labels = read_labels(context, dims);
  const T* weights = context.has_input(2) ? elements<T>(context.input(2)).data() : nullptr;
  const DataType type = data_type_of<T>();
  const bool keeps_places = reduction == "none";
  Tensor& output = context.output(0, type, keeps_places ? dims.labels : Dims{});
  T* to = mutable_elements<T>(output).data();
  double sum = 0;
  double total_weight = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!labels[i]) continue;
    const auto place = static_cast<int64_t>(i);
    const int64_t at = (place / dims.places * dims.classes + *labels[i]) * dims.places + place % dims.places;
    const double weight = weights == nullptr ? 1 : static_cast<double>(weights[*labels[i]]);
    const double loss = -static_cast<double>(log_probabilities[at]) * weight;
    if (keeps_places) to[i] = static_cast<T>(loss);
    sum += loss;
    total_weight += weight;
  }
  if (!keeps_places) to[0] = static_cast<T>(reduction == "sum" ? sum : sum / total_weight);
}

void negative_log_likelihood(KernelContext& context) {
  const LossDims dims = read_dims(context);
  dispatch_floats(context, context.input(0).type(),
                  [&]<typename T>() { give_loss<T>(context, dims, elements<T>(context.input(0)).data()); });
}

/// log(softmax) over the classes.
template <typename T>
void log_softmax(const LossDims& dims, const T* scores, T* result) {
  parallel_for(dims.samples * dims.places, std::max<int64_t>(1, 4096 / std::max<int64_t>(dims.classes, 1)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t place = begin; place < end; ++place) {
                   const int64_t first = place / dims.places * dims.classes * dims.places + place % dims.places;
                   double largest = -std::numeric_limits<double>::infinity();
                   for (int64_t c = 0; c < dims.classes; ++c) {
                     const auto score = static_cast<double>(scores[first + c * dims.places]);
                     largest = std::isnan(score) ? score : std::max(largest, score);
                   }
                   double sum = 0;
                   for (int64_t c = 0; c < dims.classes; ++c) {
                     sum += std::exp(static_cast<double>(scores[first + c * dims.places]) - largest);
                   }
                   const double log_sum = std::log(sum) + largest;
                   for (int64_t c = 0; c < dims.classes; ++c) {
                     const int64_t at = first + c * dims.places;
                     result[at] = static_cast<T>(static_cast<double>(scores[at]) - log_sum);
                   }
                 }
               });
}

void softmax_cross_entropy(KernelContext& context) {
  const LossDims dims = read_dims(context);
  const Tensor& scores = context.input(0);
  dispatch_floats(context, scores.type(), [&]<typename T>() {
    Tensor log_probabilities = scratch(context, scores.type(), scores.dims());
    log_softmax<T>(dims, elements<T>(scores).data(), mutable_elements<T>(log_probabilities).data());
    give_loss<T>(context, dims, elements<T>(log_probabilities).data());
    if (context.has_output(1)) context.set_output(1, log_probabilities);
  });
}

constexpr Kernel kKernels[] = {
    {"NegativeLogLikelihoodLoss", "", 12, kLatest, kFullFloats, 0, negative_log_likelihood},
    {"NegativeLogLikelihoodLoss", "", 12, kLatest, kHalfFloats, 0, widened<negative_log_likelihood>},
    {"SoftmaxCrossEntropyLoss", "", 12, kLatest, kFullFloats, 0, softmax_cross_entropy},
    {"SoftmaxCrossEntropyLoss", "", 12, kLatest, kHalfFloats, 0, widened<softmax_cross_entropy>},
};

}  // namespace

std::span<const Kernel> loss_kernels() { return kKernels; }

}  // namespace exec::cpu
