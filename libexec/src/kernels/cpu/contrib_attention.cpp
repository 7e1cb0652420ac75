// com.microsoft: Attention, MultiHeadAttention and RotaryEmbedding, with ONNX Runtime's CPU kernels as the
// specification. What only its CUDA kernels do is refused by name.

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

/// The padding masks of Attention and MultiHeadAttention, integers where 0 leaves a key out: [batch] lengths,
/// [2 * batch] ends and starts, [batch, keys], [batch, queries, keys], or [batch, 1, longest, longest]. A key that is
/// left out has mask_filter_value added to its score.
class PaddingMask {
 public:
  PaddingMask(const KernelContext& context, size_t input, int64_t batch, int64_t queries, int64_t keys)
      : filter_(context.attr_float("mask_filter_value", -10000)), queries_(queries), keys_(keys) {
    if (!context.has_input(input)) return;
    require_type(context, input, DataType::kInt32);
    const Dims& dims = context.input(input).dims();
    values_ = context.input(input).values<int32_t>().data();
    batch_ = batch;
    if (dims == Dims{batch}) {
      kind_ = Kind::kLengths;
    } else if (dims == Dims{2 * batch}) {
      kind_ = Kind::kEndsAndStarts;
    } else if (dims == Dims{batch, keys}) {
      kind_ = Kind::kKeys;
    } else if (dims == Dims{batch, queries, keys}) {
      kind_ = Kind::kQueries;
    } else if (dims.size() == 4 && dims[0] == batch && dims[1] == 1 && dims[2] == dims[3] && dims[2] >= keys) {
      kind_ = Kind::kSquare;
      longest_ = dims[2];
    } else {
      context.unsupported("a mask of shape " + dims_text(dims) + " is not supported");
    }
  }

  bool is_given() const { return kind_ != Kind::kNone; }
  float at(int64_t batch, int64_t query, int64_t key) const { return lets(batch, query, key) ? 0 : filter_; }

 private:
  enum class Kind { kNone, kLengths, kEndsAndStarts, kKeys, kQueries, kSquare };

  bool lets(int64_t batch, int64_t query, int64_t key) const {
    switch (kind_) {
      case Kind::kNone:
        return true;
      case Kind::kLengths:
        return key < values_[batch];
      case Kind::kEndsAndStarts:
        return key < values_[batch] && key >= values_[batch_ + batch];
      case Kind::kKeys:
        return values_[batch * keys_ + key] > 0;
      case Kind::kQueries:
        return values_[(batch * queries_ + query) * keys_ + key] > 0;
      case Kind::kSquare:
        return values_[(batch * longest_ + keys_ - queries_ + query) * longest_ + key] > 0;
    }
    return true;
  }

  Kind kind_ = Kind::kNone;
  float filter_;
  const int32_t* values_ = nullptr;
  int64_t batch_ = 0;
  int64_t queries_;
  int64_t keys_;
  int64_t longest_ = 0;
};

/// Queries, keys and values by head, [batch, heads, rows, size], and what is done with them.
struct Heads {
  int64_t batch = 0;
  int64_t heads = 0;
  int64_t queries = 0;
  int64_t keys = 0;  ///< the past ones included
  int64_t past = 0;
  int64_t size = 0;
  int64_t value_size = 0;
  Tensor q;
  Tensor k;
  Tensor v;
};

/// Attention of `heads` with a padding mask and an added bias, into output 0, [batch, queries, heads * value size].
template <typename T>
void attend_heads(KernelContext& context, const Heads& heads, size_t mask_input, size_t bias_input) {
  const PaddingMask mask(context, mask_input, heads.batch, heads.queries, heads.keys);
  const ScoreBias<T> added(context, bias_input, {heads.batch, heads.heads, heads.queries, heads.keys});
  const bool is_causal = context.attr_int("unidirectional", 0) != 0;
  Attention<T> attention;
  attention.batch = heads.batch;
  attention.q_heads = heads.heads;
  attention.kv_heads = heads.heads;
  attention.queries = heads.queries;
  attention.keys = heads.keys;
  attention.head_size = heads.size;
  attention.value_size = heads.value_size;
  attention.q = HeadRows<const T>::by_head(heads.q.values<T>().data(), heads.heads, heads.queries, heads.size);
  attention.k = HeadRows<const T>::by_head(heads.k.values<T>().data(), heads.heads, heads.keys, heads.size);
  attention.v = HeadRows<const T>::by_head(heads.v.values<T>().data(), heads.heads, heads.keys, heads.value_size);
  attention.scale = read_scale<T>(context, heads.size);
  if (mask.is_given() || added.is_given() || is_causal) {
    attention.bias = [&](int64_t b, int64_t h, int64_t query, std::span<T> terms) {
      for (int64_t key = 0; key < heads.keys; ++key) {
        const bool is_future = is_causal && key > heads.past + query;
        terms[static_cast<size_t>(key)] =
            is_future ? kOut<T> : static_cast<T>(mask.at(b, query, key)) + added.at(b, h, query, key);
      }
    };
  }
  Tensor& y = context.output(0, data_type_of<T>(), {heads.batch, heads.queries, heads.heads * heads.value_size});
  attention.y = HeadRows<T>::by_row(y.mutable_values<T>().data(), heads.heads, heads.queries, heads.value_size);
  attend(attention);
}

/// Attention: input [batch, steps, hidden] * weights [hidden, q + k + v] + bias; past and present [2, batch, heads,
/// rows, size].
template <typename T>
void attention_of(KernelContext& context) {
  refuse_attribute(context, "do_rotary");
  refuse_attribute(context, "past_present_share_buffer");
  refuse_input(context, 6, "past_sequence_length");
  require_rank(context, 0, 3);
  require_rank(context, 1, 2);
  require_same_type(context, 0, 2);
  const Tensor& x = context.input(0);
  const int64_t columns = context.input(1).dims()[1];
  Heads heads;
  heads.batch = x.dims()[0];
  heads.queries = x.dims()[1];
  heads.heads = read_heads(context, "num_heads");
  Dims sizes = context.attr_ints("qkv_hidden_sizes");
  if (sizes.empty()) sizes = Dims(3, share(context, columns, 3));
  const bool fits = sizes.size() == 3 && sizes[0] == sizes[1] && sizes[0] > 0 && sizes[2] > 0 && sizes[0] <= columns &&
                    sizes[2] <= columns && 2 * sizes[0] + sizes[2] == columns;
  if (!fits) {
    context.fail("attribute 'qkv_hidden_sizes' is " + dims_text(sizes) + ", the weights have " +
                 std::to_string(columns) + " columns");
  }
  require_shape(context, 1, {x.dims()[2], columns});
  if (context.has_input(2)) require_shape(context, 2, {columns});
  heads.size = share(context, sizes[0], heads.heads);
  heads.value_size = share(context, sizes[2], heads.heads);
  if (context.has_input(4)) {
    require_rank(context, 4, 5);
    heads.past = context.input(4).dims()[3];
    require_shape(context, 4, {2, heads.batch, heads.heads, heads.past, heads.size});
    require_type(context, 4, data_type_of<T>());
  }
  if (heads.size != heads.value_size && (context.has_input(4) || context.has_output(1))) {
    context.unsupported("keys and values of different sizes cannot be kept together");
  }
  heads.keys = heads.past + heads.queries;

  const int64_t rows = heads.batch * heads.queries;
  Tensor projected = scratch(context, data_type_of<T>(), {rows, columns});
  T* all = projected.mutable_values<T>().data();
  multiply(MatrixProduct<T>{.m = rows,
                            .n = columns,
                            .k = x.dims()[2],
                            .a = x.values<T>().data(),
                            .lda = x.dims()[2],
                            .b = context.input(1).values<T>().data(),
                            .ldb = columns,
                            .c = all,
                            .ldc = columns});
  const T* bias = context.has_input(2) ? context.input(2).values<T>().data() : nullptr;
  const auto part = [&](int64_t first, int64_t size) {
    return HeadRows<const T>{all + first, heads.queries * columns, size, columns};
  };
  const auto bias_of = [&](int64_t first) { return bias == nullptr ? nullptr : bias + first; };
  heads.q = scratch(context, data_type_of<T>(), {heads.batch, heads.heads, heads.queries, heads.size});
  heads.k = scratch(context, data_type_of<T>(), {heads.batch, heads.heads, heads.keys, heads.size});
  heads.v = scratch(context, data_type_of<T>(), {heads.batch, heads.heads, heads.keys, heads.value_size});
  place_rows<T>(part(0, heads.size), heads.batch, heads.heads, heads.queries, heads.size, bias_of(0), 0, heads.q);
  place_rows<T>(part(sizes[0], heads.size), heads.batch, heads.heads, heads.queries, heads.size, bias_of(sizes[0]),
                heads.past, heads.k);
  place_rows<T>(part(2 * sizes[0], heads.value_size), heads.batch, heads.heads, heads.queries, heads.value_size,
                bias_of(2 * sizes[0]), heads.past, heads.v);
  const int64_t past_size = heads.batch * heads.heads * heads.past * heads.size;
  if (context.has_input(4)) {
    const T* past = context.input(4).values<T>().data();
    const auto rows_of = [&](const T* data) {
      return HeadRows<const T>::by_head(data, heads.heads, heads.past, heads.size);
    };
    place_rows<T>(rows_of(past), heads.batch, heads.heads, heads.past, heads.size, nullptr, 0, heads.k);
    place_rows<T>(rows_of(past + past_size), heads.batch, heads.heads, heads.past, heads.size, nullptr, 0, heads.v);
  }
  if (context.has_output(1)) {
    T* to = context.output(1, data_type_of<T>(), {2, heads.batch, heads.heads, heads.keys, heads.size})
                .template mutable_values<T>()
                .data();
    for (const Tensor* kept : {&heads.k, &heads.v}) {
      const std::span<const T> values = kept->values<T>();
      to = std::copy(values.begin(), values.end(), to);
    }
  }
  attend_heads<T>(context, heads, 3, 5);
}

/// Rows of an input of MultiHeadAttention, and how many there are of what size.
template <typename T>
struct Source {
  HeadRows<const T> rows;
  int64_t count = 0;
  int64_t size = 0;
};

/// [batch, rows, heads * size], or [batch, heads, rows, size].
template <typename T>
Source<T> read_source(const KernelContext& context, size_t input, int64_t batch, int64_t heads) {
  const Tensor& tensor = context.input(input);
  const Dims& dims = tensor.dims();
  require_type(context, input, data_type_of<T>());
  const T* data = tensor.values<T>().data();
  if (dims.size() == 4 && dims[0] == batch && dims[1] == heads) {
    return {HeadRows<const T>::by_head(data, heads, dims[2], dims[3]), dims[2], dims[3]};
  }
  if (dims.size() != 3 || dims[0] != batch) {
    context.fail("input " + std::to_string(input) + " has shape " + dims_text(dims) + ", expected [" +
                 std::to_string(batch) + ", rows, " + std::to_string(heads) + " * size]");
  }
  const int64_t size = share(context, dims[2], heads);
  return {HeadRows<const T>::by_row(data, heads, dims[1], size), dims[1], size};
}

/// Part `which` of `parts` that lie together per head: [batch, rows, heads, parts, size].
template <typename T>
Source<T> read_packed(const KernelContext& context, size_t input, int64_t batch, int64_t heads, int64_t parts,
                      int64_t which) {
  const Dims& dims = context.input(input).dims();
  require_type(context, input, data_type_of<T>());
  require_rank(context, input, 5);
  require_shape(context, input, {batch, dims[1], heads, parts, dims[4]});
  const T* data = context.input(input).values<T>().data() + which * dims[4];
  return {{data, dims[1] * heads * parts * dims[4], parts * dims[4], heads * parts * dims[4]}, dims[1], dims[4]};
}

/// MultiHeadAttention: query, key, value (apart, or packed in the first or second), bias, key_padding_mask,
/// attention_bias, past_key, past_value.
template <typename T>
void multi_head_attention_of(KernelContext& context) {
  refuse_input(context, 8, "past_sequence_length");
  refuse_input(context, 9, "cache_indirection");
  if (context.has_output(3)) context.unsupported("output 'qk' is not supported");
  Heads heads;
  heads.heads = read_heads(context, "num_heads");
  const Tensor& query = context.input(0);
  if (query.rank() < 3) context.fail("input 0 has shape " + dims_text(query.dims()) + ", expected rank 3 or 5");
  heads.batch = query.dims()[0];
  Source<T> q;
  Source<T> k;
  Source<T> v;
  if (query.rank() == 5) {
    q = read_packed<T>(context, 0, heads.batch, heads.heads, 3, 0);
    k = read_packed<T>(context, 0, heads.batch, heads.heads, 3, 1);
    v = read_packed<T>(context, 0, heads.batch, heads.heads, 3, 2);
  } else {
    require_rank(context, 0, 3);
    q = read_source<T>(context, 0, heads.batch, heads.heads);
    if (context.input(1).rank() == 5) {
      k = read_packed<T>(context, 1, heads.batch, heads.heads, 2, 0);
      v = read_packed<T>(context, 1, heads.batch, heads.heads, 2, 1);
    } else {
      k = read_source<T>(context, 1, heads.batch, heads.heads);
      v = read_source<T>(context, 2, heads.batch, heads.heads);
    }
  }
  if (k.size != q.size || v.count != k.count) context.fail("query, key and value do not fit together");
  heads.queries = q.count;
  heads.size = q.size;
  heads.value_size = v.size;
  if (context.has_input(6) != context.has_input(7)) context.fail("past_key and past_value go together, one is missing");
  if (context.has_input(6)) {
    require_rank(context, 6, 4);
    heads.past = context.input(6).dims()[2];
    require_type(context, 6, data_type_of<T>());
    require_type(context, 7, data_type_of<T>());
    require_shape(context, 6, {heads.batch, heads.heads, heads.past, heads.size});
    require_shape(context, 7, {heads.batch, heads.heads, heads.past, heads.value_size});
  }
  heads.keys = heads.past + k.count;
  const T* bias = nullptr;
  const int64_t hidden = heads.heads * heads.size;
  if (context.has_input(3)) {
    require_type(context, 3, data_type_of<T>());
    require_shape(context, 3, {2 * hidden + heads.heads * heads.value_size});
    bias = context.input(3).values<T>().data();
  }
  const auto bias_of = [&](int64_t first) { return bias == nullptr ? nullptr : bias + first; };
  heads.q = scratch(context, data_type_of<T>(), {heads.batch, heads.heads, heads.queries, heads.size});
  heads.k = scratch(context, data_type_of<T>(), {heads.batch, heads.heads, heads.keys, heads.size});
  heads.v = scratch(context, data_type_of<T>(), {heads.batch, heads.heads, heads.keys, heads.value_size});
  place_rows<T>(q.rows, heads.batch, heads.heads, q.count, q.size, bias_of(0), 0, heads.q);
  place_rows<T>(k.rows, heads.batch, heads.heads, k.count, k.size, bias_of(hidden), heads.past, heads.k);
  place_rows<T>(v.rows, heads.batch, heads.heads, v.count, v.size, bias_of(2 * hidden), heads.past, heads.v);
  if (context.has_input(6)) {
    place_rows<T>(read_source<T>(context, 6, heads.batch, heads.heads).rows, heads.batch, heads.heads, heads.past,
                  heads.size, nullptr, 0, heads.k);
    place_rows<T>(read_source<T>(context, 7, heads.batch, heads.heads).rows, heads.batch, heads.heads, heads.past,
                  heads.value_size, nullptr, 0, heads.v);
  }
  attend_heads<T>(context, heads, 4, 5);
  if (context.has_output(1)) context.set_output(1, heads.k);
  if (context.has_output(2)) context.set_output(2, heads.v);
}

void attention(KernelContext& context) {
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() { attention_of<T>(context); });
}

void multi_head_attention(KernelContext& context) {
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() { multi_head_attention_of<T>(context); });
}

/// RotaryEmbedding: input, position_ids ([batch, rows], or [1]: the first position), cos_cache, sin_cache.
template <typename T>
void rotate_input(KernelContext& context) {
  refuse_attribute(context, "is_packed_batching");
  const Tensor& x = context.input(0);
  const Dims& dims = x.dims();
  if (dims.size() != 3 && dims.size() != 4) {
    context.fail("input 0 has shape " + dims_text(dims) + ", expected rank 3 or 4");
  }
  require_type(context, 1, DataType::kInt64);
  require_rank(context, 2, 2);
  require_type(context, 2, x.type());
  require_type(context, 3, x.type());
  const int64_t count = context.input(2).dims()[0];
  const int64_t half = context.input(2).dims()[1];
  require_shape(context, 3, {count, half});
  Rotation<T> r;
  r.batch = dims[0];
  r.rotated = 2 * half;
  r.interleaved = context.attr_int("interleaved", 0) != 0;
  const T* from = x.values<T>().data();
  T* to = context.output(0, x.type(), dims).template mutable_values<T>().data();
  if (dims.size() == 4) {
    r.heads = dims[1];
    r.rows = dims[2];
    r.size = dims[3];
    r.x = HeadRows<const T>::by_head(from, r.heads, r.rows, r.size);
    r.y = HeadRows<T>::by_head(to, r.heads, r.rows, r.size);
  } else {
    // Without a number of heads, a head is what the caches rotate.
    r.heads = context.attr_int("num_heads", 0);
    if (r.heads <= 0) r.heads = half > 0 ? dims[2] / (2 * half) : 1;
    r.rows = dims[1];
    r.size = share(context, dims[2], std::max<int64_t>(r.heads, 1));
    r.x = HeadRows<const T>::by_row(from, r.heads, r.rows, r.size);
    r.y = HeadRows<T>::by_row(to, r.heads, r.rows, r.size);
  }
  if (r.rotated > r.size) {
    context.fail("the caches rotate " + std::to_string(r.rotated) + " elements of a head of " + std::to_string(r.size));
  }
  if (x.num_elements() == 0) return;
  const std::vector<int64_t> given = context.int_values(1);
  const bool is_offset = context.input(1).dims() == Dims{1};
  if (!is_offset && context.input(1).dims() != Dims{r.batch, r.rows}) {
    context.fail("position_ids has shape " + dims_text(context.input(1).dims()) + ", expected [1] or " +
                 dims_text(Dims{r.batch, r.rows}));
  }
  if (is_offset && given[0] > count) {
    context.fail("position " + std::to_string(given[0]) + " lies outside of the " + std::to_string(count) +
                 " rows of the caches");
  }
  const auto position = [&](int64_t batch, int64_t row) {
    return is_offset ? given[0] + row : given[static_cast<size_t>(batch * r.rows + row)];
  };
  for (int64_t i = 0; i < r.batch * r.rows; ++i) {
    const int64_t at = position(i / r.rows, i % r.rows);
    if (at < 0 || at >= count) {
      context.fail("position " + std::to_string(at) + " lies outside of the " + std::to_string(count) +
                   " rows of the caches");
    }
  }
  r.cosines = context.input(2).values<T>().data();
  r.sines = context.input(3).values<T>().data();
  r.angle = position;
  rotate(r);
}

void rotary_embedding(KernelContext& context) {
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() { rotate_input<T>(context); });
}

constexpr TypeMask kFloat = type_bit(DataType::kFloat);

constexpr Kernel kKernels[] = {
    takes_double({"Attention", kDomain, 1, kLatest, kFloat, 0, attention}),
    takes_double({"Attention", kDomain, 1, kLatest, kHalfFloats, 0, widened<attention>}),
    takes_double({"MultiHeadAttention", kDomain, 1, kLatest, kFloat, 0, multi_head_attention}),
    takes_double({"MultiHeadAttention", kDomain, 1, kLatest, kHalfFloats, 0, widened<multi_head_attention>}),
    takes_double({"RotaryEmbedding", kDomain, 1, kLatest, kFloat, 0, rotary_embedding}),
    takes_double({"RotaryEmbedding", kDomain, 1, kLatest, kHalfFloats, 0, widened<rotary_embedding>}),
};

}  // namespace
}  // namespace exec::cpu::contrib

std::span<const exec::Kernel> exec::cpu::contrib_attention_kernels() { return contrib::kKernels; }
