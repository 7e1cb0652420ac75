#pragma once

#include <limits>

#include "kernels/cpu/attention_core.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"

/// What the attention operators of com.microsoft share.
namespace exec::cpu::contrib {

template <typename T>
inline constexpr T kOut = -std::numeric_limits<T>::infinity();

/// Refuses what only other kernels do: an input that is given, an attribute that is not neutral.
void refuse_input(const KernelContext& context, size_t input, const char* name);
void refuse_attribute(const KernelContext& context, const char* name, int64_t neutral = 0);
/// The number of heads that the attribute says.
int64_t read_heads(const KernelContext& context, const char* name);
/// Elements of a row for each head.
int64_t share(const KernelContext& context, int64_t hidden, int64_t heads);
/// The attribute 'scale', or one by the square root of the head's size.
template <typename T>
T read_scale(const KernelContext& context, int64_t head_size);

/// attention_bias, [batch or 1, heads or 1, queries, keys].
template <typename T>
class ScoreBias {
 public:
  ScoreBias(const KernelContext& context, size_t input, const Dims& scores) {
    if (!context.has_input(input)) return;
    require_rank(context, input, 4);
    const Dims& dims = context.input(input).dims();
    const Dims shapes[] = {scores, dims};
    if (broadcast_dims(context, shapes) != scores) {
      context.fail("input " + std::to_string(input) + " has shape " + dims_text(dims) +
                   ", which does not broadcast to " + dims_text(scores));
    }
    strides_ = broadcast_strides(dims, scores);
    values_ = context.input(input).values<T>().data();
  }
  bool is_given() const { return values_ != nullptr; }
  T at(int64_t batch, int64_t head, int64_t query, int64_t key) const {
    return values_ == nullptr
               ? 0
               : values_[batch * strides_[0] + head * strides_[1] + query * strides_[2] + key * strides_[3]];
  }

 private:
  const T* values_ = nullptr;
  Dims strides_;
};

/// Copies rows of heads into `target`, [batch, heads, rows in all, size], from row `first` on; adds `bias`, one value
/// per head and element, where there is one.
template <typename T>
void place_rows(const HeadRows<const T>& from, int64_t batch, int64_t heads, int64_t rows, int64_t size, const T* bias,
                int64_t first, Tensor& target);

}  // namespace exec::cpu::contrib
