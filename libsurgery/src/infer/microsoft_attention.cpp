#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// com.microsoft: the pieces of transformers that ONNX Runtime's optimizer writes.
/// Source: ONNX Runtime's docs/ContribOperators.md.
namespace surgery::infer {
namespace {

Dim shared_out(const Dim& packed, int64_t parts) { return parts < 1 ? Dim() : floor_div(packed, Dim(parts)); }

/// input [batch, steps, features], weights [features, 3 * hidden], bias, mask_index, past [2, batch, heads, past,
/// size]; output [batch, steps, hidden of V], present.
void infer_attention(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type, unknown_dims(3));
  c.set(1, type, unknown_dims(5));
  if (c.rank(0) && !require_rank(c, 0, 3, "input")) return;
  if (c.rank(1) && !require_rank(c, 1, 2, "weights")) return;
  require_equal(c, c.dim(0, 2), c.dim(1, 0), "features of input and weights");
  const std::vector<int64_t>* sizes = c.ints("qkv_hidden_sizes");
  const bool has_sizes = sizes != nullptr && sizes->size() == 3;
  const Dim hidden = has_sizes ? Dim((*sizes)[0]) : shared_out(c.dim(1, 1), 3);
  const Dim hidden_of_v = has_sizes ? Dim((*sizes)[2]) : hidden;
  const int64_t heads = c.int_or("num_heads", 0);
  const Dim batch = c.dim(0, 0);
  const Dim steps = c.dim(0, 1);
  c.set(0, type, Shape{batch, steps, hidden_of_v});
  const Dim total = c.has_input(4) ? c.dim(4, 3) + steps : steps;
  c.set(1, type, Shape{2, batch, Dim(heads), total, shared_out(hidden, heads)});
}

/// Rows and the size of a head of a key or a value: [batch, rows, heads * size] or [batch, heads, rows, size].
std::pair<Dim, Dim> rows_and_size(const InferContext& c, size_t input, int64_t heads) {
  if (c.rank(input) == 4) return {c.dim(input, 2), c.dim(input, 3)};
  return {c.dim(input, 1), shared_out(c.dim(input, 2), heads)};
}

/// query, key, value, bias, mask, attention bias, past_key, past_value; query alone may hold all three, [batch, steps,
/// heads, 3, size], and key the value too, [batch, rows, heads, 2, size].
void infer_multi_head_attention(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type, unknown_dims(3));
  for (const size_t output : {size_t{1}, size_t{2}}) c.set(output, type, unknown_dims(4));
  if (!c.rank(0)) return;
  if (*c.rank(0) != 5 && !require_rank(c, 0, 3, "query")) return;
  const int64_t heads = c.int_or("num_heads", 0);
  const bool is_packed = *c.rank(0) == 5;
  std::pair<Dim, Dim> key{c.dim(0, 1), is_packed ? c.dim(0, 4) : shared_out(c.dim(0, 2), heads)};
  std::pair<Dim, Dim> value = key;
  if (!is_packed && c.rank(1) == 5) {
    key = value = {c.dim(1, 1), c.dim(1, 4)};
  } else if (!is_packed && c.has_input(1)) {
    if (!c.rank(1) || !c.rank(2)) return;
    key = rows_and_size(c, 1, heads);
    value = rows_and_size(c, 2, heads);
  }
  const Dim batch = c.dim(0, 0);
  const Dim wide = c.rank(2) == 3 ? c.dim(2, 2) : Dim(heads) * value.second;
  c.set(0, type, Shape{batch, c.dim(0, 1), wide});
  const auto total = [&](size_t past, const Dim& rows) { return c.has_input(past) ? c.dim(past, 2) + rows : rows; };
  c.set(1, type, Shape{batch, Dim(heads), total(6, key.first), key.second});
  c.set(2, type, Shape{batch, Dim(heads), total(7, value.first), value.second});
}

/// query [batch, steps, heads * size], which holds key and value too where those are absent; the length of the present
/// depends on the lengths of the sequences.
void infer_group_query_attention(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type, unknown_dims(3));
  if (c.rank(0) && !require_rank(c, 0, 3, "query")) return;
  const int64_t heads = c.int_or("num_heads", 0);
  const int64_t kv_heads = c.int_or("kv_num_heads", 0);
  const Dim size = shared_out(c.dim(0, 2), c.has_input(1) ? heads : heads + 2 * kv_heads);
  const Dim batch = c.dim(0, 0);
  c.set(0, type, Shape{batch, c.dim(0, 1), c.has_input(1) ? c.dim(0, 2) : Dim(heads) * size});
  for (const size_t output : {size_t{1}, size_t{2}}) {
    c.set(output, type, Shape{batch, Dim(kv_heads), c.fresh(1, 2), size});
  }
}

/// input_ids [batch, steps], segment_ids, word_embedding [words, hidden], ...; output, mask_index [batch], their sum.
void infer_embed_layer_normalization(InferContext& c) {
  const DataType type = c.element_type(2);
  if (c.rank(0) && !require_rank(c, 0, 2, "input_ids")) return;
  Shape shape{c.dim(0, 0), c.dim(0, 1), c.dim(2, 1)};
  c.set(0, type, shape);
  c.set(1, DataType::kInt32, Shape{c.dim(0, 0)});
  c.set(2, type, std::move(shape));
}

/// SkipLayerNormalization and its simplified form: output, mean, inverse deviation, the sum of input and skip.
void infer_skip_layer_normalization(InferContext& c) {
  same_type(c, 0, 0);
  same_type(c, 3, 0);
  for (const size_t output : {size_t{1}, size_t{2}}) {
    c.set(output, DataType::kFloat);
    if (c.shape(0) == nullptr || c.shape(0)->empty()) continue;
    Shape shape = *c.shape(0);
    shape.back() = 1;
    c.set(output, DataType::kFloat, std::move(shape));
  }
}

constexpr std::string_view kDomain = "com.microsoft";
constexpr Operator kOperators[] = {
    {"Attention", infer_attention, kDomain},
    {"EmbedLayerNormalization", infer_embed_layer_normalization, kDomain},
    {"GroupQueryAttention", infer_group_query_attention, kDomain},
    {"MultiHeadAttention", infer_multi_head_attention, kDomain},
    {"SkipLayerNormalization", infer_skip_layer_normalization, kDomain},
    {"SkipSimplifiedLayerNormalization", infer_skip_layer_normalization, kDomain},
};

}  // namespace

std::span<const Operator> microsoft_attention_operators() { return kOperators; }

}  // namespace surgery::infer
