#include "kernels/cpu/attention_core.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu/matrix_product.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

/// Queries of one head that are worked on at a time; no multiple of the number of threads, so that results do not
/// depend on it.
constexpr int64_t kQueryRows = kTileRows;

template <typename T>
void multiply_alone(const MatrixProduct<T>& product) {
  for (int64_t tile = 0; tile < num_tiles(product); ++tile) multiply_tile(product, tile);
}

/// Some queries of one head.
template <typename T>
class HeadBlock {
 public:
  HeadBlock(const Attention<T>& attention, int64_t batch, int64_t head, int64_t first, int64_t count)
      : a_(attention), batch_(batch), head_(head), first_(first), count_(count) {}

  void run(std::vector<T>& scores, std::vector<T>& bias) const {
    scores.resize(static_cast<size_t>(count_ * a_.keys));
    bias.resize(static_cast<size_t>(a_.keys));
    const int64_t kv_head = head_ / (a_.q_heads / a_.kv_heads);
    multiply_alone(MatrixProduct<T>{.m = count_,
                                    .n = a_.keys,
                                    .k = a_.head_size,
                                    .a = a_.q.at(batch_, head_, first_),
                                    .lda = a_.q.row_step,
                                    .b = a_.k.at(batch_, kv_head, 0),
                                    .ldb = a_.k.row_step,
                                    .transpose_b = true,
                                    .c = scores.data(),
                                    .ldc = a_.keys,
                                    .alpha = a_.scale});
    for (int64_t row = 0; row < count_; ++row) {
      weigh(row, std::span<T>(scores).subspan(static_cast<size_t>(row * a_.keys), static_cast<size_t>(a_.keys)), bias);
    }
    multiply_alone(MatrixProduct<T>{.m = count_,
                                    .n = a_.value_size,
                                    .k = a_.keys,
                                    .a = scores.data(),
                                    .lda = a_.keys,
                                    .b = a_.v.at(batch_, kv_head, 0),
                                    .ldb = a_.v.row_step,
                                    .c = a_.y.at(batch_, head_, first_),
                                    .ldc = a_.y.row_step});
  }

 private:
  void show(ScoresShown stage, int64_t row, std::span<const T> values) const {
    if (a_.scores == nullptr || a_.shown != stage) return;
    std::copy(values.begin(), values.end(),
              a_.scores + ((batch_ * a_.q_heads + head_) * a_.queries + first_ + row) * a_.keys);
  }

  /// Turns the products of one query into weights.
  void weigh(int64_t row, std::span<T> values, std::vector<T>& bias) const {
    const auto round = [&] {
      if (a_.round) a_.round(values);
    };
    round();
    show(ScoresShown::kProducts, row, values);
    if (a_.softcap > T{0}) {
      for (T& value : values) value = std::tanh(value / a_.softcap) * a_.softcap;
      round();
    }
    show(ScoresShown::kSoftcapped, row, values);
    bool is_masked = false;
    if (a_.bias) {
      a_.bias(batch_, head_, first_ + row, bias);
      is_masked =
          std::all_of(bias.begin(), bias.end(), [](T term) { return term == -std::numeric_limits<T>::infinity(); });
      for (size_t i = 0; i < values.size(); ++i) values[i] += bias[i];
      round();
    }
    show(ScoresShown::kBiased, row, values);
    if (is_masked) {
      std::fill(values.begin(), values.end(), T{0});
    } else {
      if (a_.round_softmax) a_.round_softmax(values);
      softmax_row(values, a_.softmax_in_double, a_.round_softmax, a_.sinks == nullptr ? nullptr : a_.sinks + head_);
      round();
    }
    show(ScoresShown::kProbabilities, row, values);
  }

  const Attention<T>& a_;
  int64_t batch_;
  int64_t head_;
  int64_t first_;
  int64_t count_;
};

}  // namespace

template <typename T>
void softmax_row(std::span<T> values, bool in_double, const std::function<void(std::span<T>)>& round, const T* sink) {
  T largest = sink == nullptr ? -std::numeric_limits<T>::infinity() : *sink;
  for (const T value : values) largest = std::isnan(value) ? value : std::max(largest, value);
  if (largest == -std::numeric_limits<T>::infinity()) {
    std::fill(values.begin(), values.end(), T{0});
    return;
  }
  double sum = sink == nullptr ? 0 : std::exp(static_cast<double>(*sink) - static_cast<double>(largest));
  if (in_double) {
    for (const T value : values) sum += std::exp(static_cast<double>(value) - static_cast<double>(largest));
    for (T& value : values) {
      value = static_cast<T>(std::exp(static_cast<double>(value) - static_cast<double>(largest)) / sum);
    }
    return;
  }
  for (T& value : values) value -= largest;
  if (round) round(values);
  for (T& value : values) value = std::exp(value);
  if (round) round(values);
  for (const T value : values) sum += static_cast<double>(value);
  auto total = static_cast<T>(sum);
  if (round) round(std::span<T>(&total, 1));
  for (T& value : values) value /= total;
  if (round) round(values);
}

template <typename T>
void attend(const Attention<T>& attention) {
  const int64_t blocks = (attention.queries + kQueryRows - 1) / kQueryRows;
  if (attention.value_size == 0 && attention.scores == nullptr) return;
  parallel_for(attention.batch * attention.q_heads * blocks, 1, [&](int64_t begin, int64_t end) {
    std::vector<T> scores;
    std::vector<T> bias;
    for (int64_t task = begin; task < end; ++task) {
      const int64_t head = task / blocks;
      const int64_t first = task % blocks * kQueryRows;
      const HeadBlock<T> block(attention, head / attention.q_heads, head % attention.q_heads, first,
                               std::min(kQueryRows, attention.queries - first));
      block.run(scores, bias);
    }
  });
}

template void softmax_row(std::span<float> values, bool in_double, const std::function<void(std::span<float>)>& round,
                          const float* sink);
template void softmax_row(std::span<double> values, bool in_double, const std::function<void(std::span<double>)>& round,
                          const double* sink);
template void attend(const Attention<float>& attention);
template void attend(const Attention<double>& attention);

}  // namespace exec::cpu
