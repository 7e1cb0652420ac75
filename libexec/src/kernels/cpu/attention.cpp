// Attention-23, 24, 25: Q, K, V as [batch, heads, sequence, size] or [batch, sequence, heads * size].

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "kernels/cpu/attention_core.h"
#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/copy.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

enum Input : size_t { kQ, kK, kV, kMask, kPastKey, kPastValue, kNonpadLengths };
enum Output : size_t { kY, kPresentKey, kPresentValue, kScores };

struct Sizes {
  bool is_packed = false;  ///< inputs of rank 3
  int64_t batch = 0;
  int64_t q_heads = 0;
  int64_t kv_heads = 0;
  int64_t queries = 0;
  int64_t new_keys = 0;
  int64_t past_keys = 0;
  int64_t head_size = 0;
  int64_t value_size = 0;

  int64_t keys() const { return past_keys + new_keys; }
};

std::string shape_text(const KernelContext& context, size_t input) {
  return "input " + std::to_string(input) + " has shape " + dims_text(context.input(input).dims());
}

/// Size of a head in a packed dimension.
int64_t head_share(const KernelContext& context, size_t input, int64_t heads) {
  const int64_t hidden = context.input(input).dims()[2];
  if (hidden % heads != 0) {
    context.fail(shape_text(context, input) + ", which " + std::to_string(heads) + " heads cannot share");
  }
  return hidden / heads;
}

int64_t read_heads(const KernelContext& context, std::string_view name) {
  const int64_t heads = context.attr_int(name, 0);
  if (heads < 1) {
    context.fail("attribute '" + std::string(name) + "' is " + std::to_string(heads) +
                 ", expected a positive number with inputs of rank 3");
  }
  return heads;
}

Sizes read_sizes(const KernelContext& context) {
  const Dims& q = context.input(kQ).dims();
  const Dims& k = context.input(kK).dims();
  const Dims& v = context.input(kV).dims();
  if (q.size() != 3 && q.size() != 4) context.fail(shape_text(context, kQ) + ", expected rank 3 or 4");
  require_rank(context, kK, static_cast<int64_t>(q.size()));
  require_rank(context, kV, static_cast<int64_t>(q.size()));
  Sizes sizes;
  sizes.is_packed = q.size() == 3;
  sizes.batch = q[0];
  if (sizes.is_packed) {
    sizes.q_heads = read_heads(context, "q_num_heads");
    sizes.kv_heads = read_heads(context, "kv_num_heads");
    sizes.queries = q[1];
    sizes.new_keys = k[1];
    sizes.head_size = head_share(context, kQ, sizes.q_heads);
    sizes.value_size = head_share(context, kV, sizes.kv_heads);
    require_shape(context, kK, {q[0], k[1], sizes.kv_heads * sizes.head_size});
    require_shape(context, kV, {q[0], k[1], v[2]});
  } else {
    sizes.q_heads = q[1];
    sizes.kv_heads = k[1];
    sizes.queries = q[2];
    sizes.new_keys = k[2];
    sizes.head_size = q[3];
    sizes.value_size = v[3];
    require_shape(context, kK, {q[0], k[1], k[2], q[3]});
    require_shape(context, kV, {q[0], k[1], k[2], v[3]});
  }
  if (sizes.kv_heads < 1 || sizes.q_heads % sizes.kv_heads != 0) {
    context.fail(std::to_string(sizes.q_heads) + " query heads cannot share " + std::to_string(sizes.kv_heads) +
                 " key heads");
  }
  if (context.has_input(kPastKey) != context.has_input(kPastValue)) {
    context.fail("past_key and past_value go together, one is missing");
  }
  if (context.has_input(kPastKey)) {
    require_rank(context, kPastKey, 4);
    sizes.past_keys = context.input(kPastKey).dims()[2];
    require_shape(context, kPastKey, {sizes.batch, sizes.kv_heads, sizes.past_keys, sizes.head_size});
    require_shape(context, kPastValue, {sizes.batch, sizes.kv_heads, sizes.past_keys, sizes.value_size});
    if (context.has_input(kNonpadLengths)) context.fail("nonpad_kv_seqlen cannot be used with past_key");
  }
  return sizes;
}

/// Which keys a query sees, and what is added to their scores.
template <typename T>
class Bias {
 public:
  Bias(const KernelContext& context, const Sizes& sizes, DataType working)
      : sizes_(sizes),
        is_causal_(context.attr_int("is_causal", 0) != 0),
        left_(read_window(context, "left_window_size")),
        right_(read_window(context, "right_window_size")) {
    if (context.has_input(kNonpadLengths)) {
      require_type(context, kNonpadLengths, DataType::kInt64);
      require_shape(context, kNonpadLengths, {sizes.batch});
      const std::span<const int64_t> lengths = context.input(kNonpadLengths).values<int64_t>();
      lengths_.assign(lengths.begin(), lengths.end());
      for (const int64_t length : lengths_) {
        if (length < 0 || length > sizes.keys()) {
          context.fail("nonpad_kv_seqlen has " + std::to_string(length) + ", expected 0 to " +
                       std::to_string(sizes.keys()));
        }
      }
    }
    if (context.has_input(kMask)) read_mask(context, working);
  }

  bool is_needed() const { return is_causal_ || left_ >= 0 || right_ >= 0 || !lengths_.empty() || mask_.is_defined(); }

  void fill(int64_t batch, int64_t head, int64_t query, std::span<T> bias) const {
    constexpr T kOut = -std::numeric_limits<T>::infinity();
    const int64_t keys = sizes_.keys();
    const int64_t length = lengths_.empty() ? keys : lengths_[static_cast<size_t>(batch)];
    const int64_t offset = lengths_.empty() ? sizes_.past_keys : length - sizes_.queries;
    const int64_t position = offset + query;
    // The keys that the bounds let through: first <= key < last.
    int64_t first = 0;
    int64_t last = length;
    if (is_causal_) last = std::min(last, position + 1);
    if (right_ >= 0) last = std::min(last, position + right_ + 1);
    if (left_ >= 0) first = std::max(first, position - left_);
    const T* mask = mask_.is_defined()
                        ? mask_.values<T>().data() + batch * strides_[0] + head * strides_[1] + query * strides_[2]
                        : nullptr;
    for (int64_t key = 0; key < keys; ++key) {
      const bool is_seen = key >= first && key < last && (mask == nullptr || key < mask_keys_);
      const T term = mask == nullptr || !is_seen ? T{0} : mask[key * strides_[3]];
      bias[static_cast<size_t>(key)] = is_seen ? term : kOut;
    }
  }

 private:
  /// At most 2^40, so that sums of positions cannot overflow.
  static int64_t read_window(const KernelContext& context, std::string_view name) {
    if (context.opset() < 25) return -1;
    const int64_t size = context.attr_int(name, -1);
    if (size < -1) {
      context.fail("attribute '" + std::string(name) + "' is " + std::to_string(size) + ", expected at least -1");
    }
    return std::min(size, int64_t{1} << 40);
  }

  void read_mask(const KernelContext& context, DataType working) {
    const Tensor& mask = context.input(kMask);
    const bool is_bool = mask.type() == DataType::kBool;
    if (!is_bool && (kFloats & type_bit(mask.type())) == 0) {
      context.unsupported("a mask of type " + std::string(to_string(mask.type())) +
                          " is not supported, only bool and floating-point ones");
    }
    const Dims& dims = mask.dims();
    mask_keys_ = dims.empty() ? sizes_.keys() : dims.back();
    const Dims wanted{sizes_.batch, sizes_.q_heads, sizes_.queries, mask_keys_};
    const Dims shapes[] = {wanted, dims};
    if (dims.size() > 4 || mask_keys_ > sizes_.keys() || broadcast_dims(context, shapes) != wanted) {
      context.fail("attn_mask has shape " + dims_text(dims) + ", expected one that broadcasts to " +
                   dims_text(Dims{sizes_.batch, sizes_.q_heads, sizes_.queries, sizes_.keys()}));
    }
    strides_ = broadcast_strides(dims, wanted);
    mask_ = cast_tensor(context, mask, working);
    if (!is_bool) return;
    for (T& term : mask_.mutable_values<T>()) term = term != T{0} ? T{0} : -std::numeric_limits<T>::infinity();
  }

  const Sizes& sizes_;
  bool is_causal_;
  int64_t left_;
  int64_t right_;
  std::vector<int64_t> lengths_;  // of the keys of each sample; empty: all
  Tensor mask_;
  Dims strides_;
  int64_t mask_keys_ = 0;  // keys beyond are left out
};

template <typename T>
HeadRows<const T> rows_of(const Sizes& sizes, const Tensor& tensor, int64_t heads, int64_t rows, int64_t size) {
  const T* data = elements<T>(tensor).data();
  return sizes.is_packed ? HeadRows<const T>::by_row(data, heads, rows, size)
                         : HeadRows<const T>::by_head(data, heads, rows, size);
}

/// Past rows, then new ones, as [batch, heads, rows, size].
template <typename T>
Tensor joined(const KernelContext& context, const Sizes& sizes, size_t past, const HeadRows<const T>& rows,
              int64_t size, DataType working) {
  Tensor result = scratch(context, working, {sizes.batch, sizes.kv_heads, sizes.keys(), size});
  if (result.num_elements() == 0) return result;
  T* to = mutable_elements<T>(result).data();
  const Tensor before = context.has_input(past) ? cast_tensor(context, past, working) : Tensor();
  for (int64_t b = 0; b < sizes.batch; ++b) {
    for (int64_t h = 0; h < sizes.kv_heads; ++h) {
      if (before.is_defined()) {
        const T* from = elements<T>(before).data() + (b * sizes.kv_heads + h) * sizes.past_keys * size;
        to = std::copy_n(from, sizes.past_keys * size, to);
      }
      for (int64_t row = 0; row < sizes.new_keys; ++row) to = std::copy_n(rows.at(b, h, row), size, to);
    }
  }
  return result;
}

/// Rounds to a half-precision type and back.
template <typename T>
std::function<void(std::span<T>)> rounding_to(DataType type) {
  if (!is_half(type)) return {};
  return [type](std::span<T> values) {
    for (T& value : values) {
      const auto narrow = static_cast<float>(value);
      value = static_cast<T>(type == DataType::kFloat16 ? half_to_float(float_to_half(narrow))
                                                        : bfloat16_to_float(float_to_bfloat16(narrow)));
    }
  };
}

template <typename T>
Tensor scaled(const KernelContext& context, const Tensor& tensor, T factor,
              const std::function<void(std::span<T>)>& round) {
  Tensor result = scratch(context, tensor.type(), tensor.dims());
  const std::span<T> target = mutable_elements<T>(result);
  const std::span<const T> source = elements<T>(tensor);
  for (size_t i = 0; i < target.size(); ++i) target[i] = source[i] * factor;
  round(target);
  return result;
}

std::optional<DataType> read_precision(const KernelContext& context) {
  const int64_t asked = context.attr_int("softmax_precision", 0);
  if (asked == 0) return std::nullopt;
  const auto type = static_cast<DataType>(asked);
  if (!is_valid(type) || (kFloats & type_bit(type)) == 0) {
    context.fail("attribute 'softmax_precision' is " + std::to_string(asked) + ", expected 1, 10, 11 or 16");
  }
  return type;
}

template <typename T>
void run_attention(KernelContext& context, const Sizes& sizes, DataType working) {
  const DataType type = context.input(kQ).type();
  // Q and K are each multiplied by the root of the scale; halves are rounded after that, as after every step.
  const auto round = rounding_to<T>(type);
  const T fallback = T{1} / std::sqrt(static_cast<T>(std::max<int64_t>(sizes.head_size, 1)));
  const T scale = context.attribute("scale") == nullptr ? fallback : static_cast<T>(context.attr_float("scale", 0));
  T root = static_cast<T>(std::sqrt(static_cast<double>(scale)));
  if (round) round(std::span<T>(&root, 1));
  const Tensor q = cast_tensor(context, kQ, working);
  const Tensor k = cast_tensor(context, kK, working);
  const Tensor v = cast_tensor(context, kV, working);
  Attention<T> attention;
  attention.batch = sizes.batch;
  attention.q_heads = sizes.q_heads;
  attention.kv_heads = sizes.kv_heads;
  attention.queries = sizes.queries;
  attention.keys = sizes.keys();
  attention.head_size = sizes.head_size;
  attention.value_size = sizes.value_size;
  attention.q = rows_of<T>(sizes, q, sizes.q_heads, sizes.queries, sizes.head_size);
  attention.k = rows_of<T>(sizes, k, sizes.kv_heads, sizes.new_keys, sizes.head_size);
  attention.v = rows_of<T>(sizes, v, sizes.kv_heads, sizes.new_keys, sizes.value_size);

  Tensor keys;
  Tensor values;
  if (context.has_input(kPastKey) || context.has_output(kPresentKey) || context.has_output(kPresentValue)) {
    keys = joined<T>(context, sizes, kPastKey, attention.k, sizes.head_size, working);
    values = joined<T>(context, sizes, kPastValue, attention.v, sizes.value_size, working);
    attention.k = HeadRows<const T>::by_head(elements<T>(keys).data(), sizes.kv_heads, sizes.keys(), sizes.head_size);
    attention.v =
        HeadRows<const T>::by_head(elements<T>(values).data(), sizes.kv_heads, sizes.keys(), sizes.value_size);
  }

  attention.scale = root * root;
  Tensor scaled_q;
  Tensor scaled_k;
  if (round) {
    scaled_q = scaled<T>(context, q, root, round);
    scaled_k = scaled<T>(context, keys.is_defined() ? keys : k, root, round);
    attention.q.data = elements<T>(scaled_q).data();
    attention.k.data = elements<T>(scaled_k).data();
    attention.scale = 1;
  }
  attention.softcap = static_cast<T>(context.attr_float("softcap", 0));
  const Bias<T> bias(context, sizes, working);
  if (bias.is_needed()) {
    attention.bias = [&](int64_t b, int64_t h, int64_t query, std::span<T> terms) { bias.fill(b, h, query, terms); };
  }
  const std::optional<DataType> precision = read_precision(context);
  attention.round = round;
  attention.round_softmax = rounding_to<T>(precision.value_or(type));
  attention.softmax_in_double = precision == DataType::kDouble;

  Tensor scores;
  if (context.has_output(kScores)) {
    const int64_t mode = context.attr_int("qk_matmul_output_mode", 0);
    if (mode < 0 || mode > 3) {
      context.fail("attribute 'qk_matmul_output_mode' is " + std::to_string(mode) + ", expected 0 to 3");
    }
    scores = scratch(context, working, {sizes.batch, sizes.q_heads, sizes.queries, sizes.keys()});
    attention.scores = mutable_elements<T>(scores).data();
    attention.shown = static_cast<ScoresShown>(mode);
  }
  Tensor y = scratch(context, working,
                     sizes.is_packed ? Dims{sizes.batch, sizes.queries, sizes.q_heads * sizes.value_size}
                                     : Dims{sizes.batch, sizes.q_heads, sizes.queries, sizes.value_size});
  T* to = mutable_elements<T>(y).data();
  attention.y = sizes.is_packed ? HeadRows<T>::by_row(to, sizes.q_heads, sizes.queries, sizes.value_size)
                                : HeadRows<T>::by_head(to, sizes.q_heads, sizes.queries, sizes.value_size);
  attend(attention);
  context.set_output(kY, cast_tensor(context, y, type));
  if (context.has_output(kPresentKey)) context.set_output(kPresentKey, cast_tensor(context, keys, type));
  if (context.has_output(kPresentValue)) {
    context.set_output(kPresentValue, cast_tensor(context, values, context.input(kV).type()));
  }
  if (context.has_output(kScores)) context.set_output(kScores, cast_tensor(context, scores, type));
}

void attention(KernelContext& context) {
  const Sizes sizes = read_sizes(context);
  require_type(context, kK, context.input(kQ).type());
  const DataType value_type = context.input(kV).type();
  if ((kFloats & type_bit(value_type)) == 0) context.fail("V is no floating-point tensor");
  if (context.has_input(kPastKey)) {
    require_type(context, kPastKey, context.input(kQ).type());
    require_type(context, kPastValue, value_type);
  }
  const bool is_double = context.input(kQ).type() == DataType::kDouble || value_type == DataType::kDouble;
  const DataType working = is_double ? DataType::kDouble : DataType::kFloat;
  dispatch_floats(context, working, [&]<typename T>() { run_attention<T>(context, sizes, working); });
}

constexpr Kernel kKernels[] = {
    {"Attention", "", 23, kLatest, kFloats, 0, attention},
};

}  // namespace

std::span<const Kernel> attention_kernels() { return kKernels; }

}  // namespace exec::cpu
