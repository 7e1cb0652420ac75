#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "exec/kernel.h"

namespace exec::cpu {

/// Where the rows of a tensor of heads lie: element i of row r of head h of sample b is
/// data[b * batch_step + h * head_step + r * row_step + i].
template <typename T>
struct HeadRows {
  T* data = nullptr;
  int64_t batch_step = 0;
  int64_t head_step = 0;
  int64_t row_step = 0;

  T* at(int64_t batch, int64_t head, int64_t row) const {
    return data + batch * batch_step + head * head_step + row * row_step;
  }
  /// [batch, heads, rows, size].
  static HeadRows by_head(T* data, int64_t heads, int64_t rows, int64_t size) {
    return {data, heads * rows * size, rows * size, size};
  }
  /// [batch, rows, heads * size].
  static HeadRows by_row(T* data, int64_t heads, int64_t rows, int64_t size) {
    return {data, heads * rows * size, size, heads * size};
  }
};

/// What the optional output with the scores shows.
enum class ScoresShown { kProducts, kSoftcapped, kBiased, kProbabilities };

/// y = softmax(softcap(scale * q * k^T) + bias) * v, for each sample and head; each key head serves
/// q_heads / kv_heads query heads.
template <typename T>
struct Attention {
  int64_t batch = 0;
  int64_t q_heads = 0;
  int64_t kv_heads = 0;
  int64_t queries = 0;
  int64_t keys = 0;
  int64_t head_size = 0;
  int64_t value_size = 0;
  HeadRows<const T> q;
  HeadRows<const T> k;
  HeadRows<const T> v;
  HeadRows<T> y;
  T scale = 1;
  T softcap = 0;  ///< 0: none
  /// Sets the bias of one query: what is added to the score of each key; minus infinity leaves the key out. Called from
  /// several threads. None where empty.
  std::function<void(int64_t batch, int64_t head, int64_t query, std::span<T> bias)> bias;
  /// Rounds numbers to the narrower types that they pass through; empty where there are none.
  std::function<void(std::span<T>)> round;          ///< of the operator: after each step
  std::function<void(std::span<T>)> round_softmax;  ///< of the softmax: within it
  bool softmax_in_double = false;
  const T* sinks = nullptr;  ///< [q_heads]: a score per head that takes part in the softmax and has no value
  T* scores = nullptr;       ///< [batch, q_heads, queries, keys]: where scores are wanted
  ScoresShown shown = ScoresShown::kProducts;
};

/// A query whose bias leaves out every key gives a row of zeros.
template <typename T>
void attend(const Attention<T>& attention);

/// values = exp(values - max) / sum, summed in double; zeros where all are minus infinity. `round`, where it is not
/// empty, rounds the result of each step; `sink`, where it is not nullptr, is one more score.
template <typename T>
void softmax_row(std::span<T> values, bool in_double, const std::function<void(std::span<T>)>& round = {},
                 const T* sink = nullptr);

}  // namespace exec::cpu
