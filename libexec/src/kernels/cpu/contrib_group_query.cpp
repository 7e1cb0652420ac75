// com.microsoft: GroupQueryAttention, with ONNX Runtime's CPU kernel as the specification. What only its CUDA kernel
// does is refused by name.

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/cpu/attention_core.h"
#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/contrib_heads.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/matrix_product.h"
#include "kernels/cpu/rotary_embedding.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"

namespace exec::cpu::contrib {
namespace {

constexpr std::string_view kDomain = "com.microsoft";

/// GroupQueryAttention: query (or all three packed in it), key, value, past_key, past_value, seqlens_k,
/// total_sequence_length, cos_cache, sin_cache, position_ids, attention_bias, head_sink.
template <typename T>
class GroupQueryAttention {
 public:
  explicit GroupQueryAttention(KernelContext& context) : context_(context) {
    for (const char* name : {"qk_output", "sliding_window_cache"}) refuse_attribute(context, name);
    refuse_input(context, 12, "k_scale");
    refuse_input(context, 13, "v_scale");
    refuse_input(context, 14, "q_norm_weight");
    refuse_input(context, 15, "k_norm_weight");
    if (context.has_output(3)) context.unsupported("output 'output_qk' is not supported");
    heads_ = read_heads(context, "num_heads");
    kv_heads_ = read_heads(context, "kv_num_heads");
    if (heads_ % kv_heads_ != 0) {
      context.fail(std::to_string(heads_) + " query heads cannot share " + std::to_string(kv_heads_) + " key heads");
    }
    read_sizes();
    read_lengths();
  }

  void run() {
    Tensor q = scratch(context_, data_type_of<T>(), {batch_, heads_, steps_, size_});
    place_rows<T>(q_, batch_, heads_, steps_, size_, nullptr, 0, q);
    Tensor k = scratch(context_, data_type_of<T>(), {batch_, kv_heads_, steps_, size_});
    place_rows<T>(k_, batch_, kv_heads_, steps_, size_, nullptr, 0, k);
    if (context_.attr_int("do_rotary", 0) != 0) {
      rotate_rows(q, heads_);
      rotate_rows(k, kv_heads_);
    }
    const Tensor keys = with_past(3, HeadRows<const T>::by_head(k.values<T>().data(), kv_heads_, steps_, size_));
    const Tensor values = with_past(4, v_);
    attend_all(q, keys, values);
    if (context_.has_output(1)) context_.set_output(1, keys);
    if (context_.has_output(2)) context_.set_output(2, values);
  }

 private:
  void read_sizes() {
    require_rank(context_, 0, 3);
    const Dims& dims = context_.input(0).dims();
    batch_ = dims[0];
    steps_ = dims[1];
    const T* data = context_.input(0).values<T>().data();
    if (!context_.has_input(1)) {
      size_ = share(context_, dims[2], heads_ + 2 * kv_heads_);
      const auto rows = [&](int64_t first_head) {
        return HeadRows<const T>{data + first_head * size_, steps_ * dims[2], size_, dims[2]};
      };
      q_ = rows(0);
      k_ = rows(heads_);
      v_ = rows(heads_ + kv_heads_);
      return;
    }
    size_ = share(context_, dims[2], heads_);
    require_same_type(context_, 0, 4);
    require_shape(context_, 1, {batch_, steps_, kv_heads_ * size_});
    require_shape(context_, 2, {batch_, steps_, kv_heads_ * size_});
    q_ = HeadRows<const T>::by_row(data, heads_, steps_, size_);
    k_ = HeadRows<const T>::by_row(context_.input(1).values<T>().data(), kv_heads_, steps_, size_);
    v_ = HeadRows<const T>::by_row(context_.input(2).values<T>().data(), kv_heads_, steps_, size_);
  }

  void read_lengths() {
    require_type(context_, 5, DataType::kInt32);
    if (context_.input(5).num_elements() != batch_) {
      context_.fail("seqlens_k has shape " + dims_text(context_.input(5).dims()) + ", expected [" +
                    std::to_string(batch_) + "]");
    }
    const std::vector<int64_t> total = context_.int_values(6);
    if (total.size() != 1 || total[0] < steps_ || total[0] > int64_t{1} << 31) {
      context_.fail("total_sequence_length is no number of at least " + std::to_string(steps_));
    }
    if (context_.has_input(3) != context_.has_input(4)) {
      context_.fail("past_key and past_value go together, one is missing");
    }
    if (context_.has_input(3)) {
      require_rank(context_, 3, 4);
      past_rows_ = context_.input(3).dims()[2];
      for (const size_t past : {size_t{3}, size_t{4}}) {
        require_type(context_, past, data_type_of<T>());
        require_shape(context_, past, {batch_, kv_heads_, past_rows_, size_});
      }
    }
    keys_ = std::max(total[0], past_rows_);
    const bool is_prompt = steps_ == total[0];
    for (const int32_t last : context_.input(5).values<int32_t>()) {
      const int64_t length = int64_t{last} + 1;
      const int64_t past = is_prompt ? 0 : length - steps_;
      if (length < 1 || length > total[0] || past < 0 || past > past_rows_) {
        context_.fail("seqlens_k has " + std::to_string(last) + ", which does not fit a past of " +
                      std::to_string(past_rows_) + " and " + std::to_string(steps_) + " new rows");
      }
      past_.push_back(past);
    }
  }

  void rotate_rows(Tensor& rows, int64_t heads) const {
    require_rank(context_, 7, 2);
    const int64_t count = context_.input(7).dims()[0];
    const int64_t half = context_.input(7).dims()[1];
    require_shape(context_, 8, {count, half});
    if (2 * half > size_) context_.fail("the caches rotate more than a head of " + std::to_string(size_));
    std::vector<int64_t> positions;
    for (int64_t b = 0; b < batch_; ++b) {
      for (int64_t row = 0; row < steps_; ++row) positions.push_back(past_[static_cast<size_t>(b)] + row);
    }
    if (context_.has_input(9)) {
      require_type(context_, 9, DataType::kInt64);
      require_shape(context_, 9, {batch_, steps_});
      positions = context_.int_values(9);
    }
    for (const int64_t position : positions) {
      if (position < 0 || position >= count) {
        context_.fail("position " + std::to_string(position) + " lies outside of the " + std::to_string(count) +
                      " rows of the caches");
      }
    }
    Tensor rotated = scratch(context_, data_type_of<T>(), rows.dims());
    Rotation<T> rotation;
    rotation.batch = batch_;
    rotation.heads = heads;
    rotation.rows = steps_;
    rotation.size = size_;
    rotation.rotated = 2 * half;
    rotation.interleaved = context_.attr_int("rotary_interleaved", 0) != 0;
    rotation.x = HeadRows<const T>::by_head(rows.values<T>().data(), heads, steps_, size_);
    rotation.y = HeadRows<T>::by_head(rotated.mutable_values<T>().data(), heads, steps_, size_);
    rotation.cosines = context_.input(7).values<T>().data();
    rotation.sines = context_.input(8).values<T>().data();
    rotation.angle = [&](int64_t b, int64_t row) { return positions[static_cast<size_t>(b * steps_ + row)]; };
    rotate(rotation);
    rows = std::move(rotated);
  }

  /// The past of each sample, its new rows behind it, and zeros up to the longest.
  Tensor with_past(size_t past_input, const HeadRows<const T>& rows) const {
    Tensor result = scratch(context_, data_type_of<T>(), {batch_, kv_heads_, keys_, size_});
    if (result.num_elements() == 0) return result;
    T* to = result.mutable_values<T>().data();
    const T* past = context_.has_input(past_input) ? context_.input(past_input).values<T>().data() : nullptr;
    for (int64_t b = 0; b < batch_; ++b) {
      const int64_t before = past_[static_cast<size_t>(b)];
      for (int64_t h = 0; h < kv_heads_; ++h) {
        T* place = to + (b * kv_heads_ + h) * keys_ * size_;
        if (past != nullptr) {
          std::copy_n(past + (b * kv_heads_ + h) * past_rows_ * size_, before * size_, place);
        }
        for (int64_t row = 0; row < steps_; ++row) {
          std::copy_n(rows.at(b, h, row), size_, place + (before + row) * size_);
        }
      }
    }
    return result;
  }

  void attend_all(const Tensor& q, const Tensor& keys, const Tensor& values) {
    Attention<T> attention;
    attention.batch = batch_;
    attention.q_heads = heads_;
    attention.kv_heads = kv_heads_;
    attention.queries = steps_;
    attention.keys = keys_;
    attention.head_size = size_;
    attention.value_size = size_;
    attention.q = HeadRows<const T>::by_head(q.values<T>().data(), heads_, steps_, size_);
    attention.k = HeadRows<const T>::by_head(keys.values<T>().data(), kv_heads_, keys_, size_);
    attention.v = HeadRows<const T>::by_head(values.values<T>().data(), kv_heads_, keys_, size_);
    attention.scale = read_scale<T>(context_, size_);
    attention.softcap = context_.attr_float("softcap", 0);
    std::vector<T> sinks;
    if (context_.attr_int("smooth_softmax", 0) == 1) sinks.assign(static_cast<size_t>(heads_), 0);
    if (context_.has_input(11)) {
      require_shape(context_, 11, {heads_});
      require_type(context_, 11, data_type_of<T>());
      const std::span<const T> given = context_.input(11).values<T>();
      sinks.assign(given.begin(), given.end());
    }
    if (!sinks.empty()) attention.sinks = sinks.data();
    const int64_t window = context_.attr_int("local_window_size", -1);
    const bool is_causal = context_.attr_int("causal", 1) != 0;
    const Dims scores{batch_, heads_, steps_,
                      context_.has_input(10) && context_.input(10).rank() == 4 ? context_.input(10).dims()[3] : keys_};
    const ScoreBias<T> added(context_, 10, scores);
    attention.bias = [&](int64_t b, int64_t h, int64_t query, std::span<T> terms) {
      const int64_t position = past_[static_cast<size_t>(b)] + query;
      const int64_t last = is_causal ? position + 1 : past_[static_cast<size_t>(b)] + steps_;
      const int64_t first = window > 0 ? std::max<int64_t>(0, position + 1 - window) : 0;
      for (int64_t key = 0; key < keys_; ++key) {
        const bool is_seen = key >= first && key < last;
        const T term = is_seen && key < scores[3] ? added.at(b, h, query, key) : 0;
        terms[static_cast<size_t>(key)] = is_seen ? term : kOut<T>;
      }
    };
    Tensor& y = context_.output(0, data_type_of<T>(), {batch_, steps_, heads_ * size_});
    attention.y = HeadRows<T>::by_row(y.mutable_values<T>().data(), heads_, steps_, size_);
    attend(attention);
  }

  KernelContext& context_;
  int64_t heads_ = 0;
  int64_t kv_heads_ = 0;
  int64_t batch_ = 0;
  int64_t steps_ = 0;
  int64_t size_ = 0;
  int64_t keys_ = 0;
  int64_t past_rows_ = 0;
  std::vector<int64_t> past_;  // rows of the past of each sample
  HeadRows<const T> q_;
  HeadRows<const T> k_;
  HeadRows<const T> v_;
};

void group_query_attention(KernelContext& context) {
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() { GroupQueryAttention<T>(context).run(); });
}

constexpr TypeMask kFloat = type_bit(DataType::kFloat);

constexpr Kernel kKernels[] = {
    takes_double({"GroupQueryAttention", kDomain, 1, kLatest, kFloat, 0, group_query_attention}),
    takes_double({"GroupQueryAttention", kDomain, 1, kLatest, kHalfFloats, 0, widened<group_query_attention>}),
};

}  // namespace
}  // namespace exec::cpu::contrib

std::span<const exec::Kernel> exec::cpu::contrib_group_query_kernels() { return contrib::kKernels; }
