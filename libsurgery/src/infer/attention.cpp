#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// Attention, LinearAttention, FlexAttention, RotaryEmbedding.
namespace surgery::infer {
namespace {

/// A packed last dim shared out to heads.
Dim per_head(const Dim& packed, int64_t heads) { return heads < 1 ? Dim() : floor_div(packed, Dim(heads)); }

/// Q, K, V as [batch, heads, length, size], or [batch, length, heads*size] with the heads as attributes. Outputs Y,
/// present_key, present_value, qk_matmul_output.
void infer_attention(InferContext& c) {
  const DataType type = c.element_type(0);
  const DataType value_type = c.element_type(2) != DataType::kUndefined ? c.element_type(2) : type;
  c.set(0, type);
  c.set(1, c.element_type(1), unknown_dims(4));
  c.set(2, value_type, unknown_dims(4));
  c.set(3, type, unknown_dims(4));
  const std::optional<int64_t> rank = c.rank(0);
  if (!rank) return;
  if (*rank != 3 && *rank != 4) return c.fail("input Q has rank " + std::to_string(*rank) + ", expected 3 or 4");
  const bool packed = *rank == 3;
  for (size_t i = 1; i < 3; ++i) {
    if (c.rank(i) && !require_rank(c, i, *rank, i == 1 ? "K" : "V")) return;
  }
  const int64_t query_heads = c.int_or("q_num_heads", 0);
  const int64_t kv_heads = c.int_or("kv_num_heads", 0);
  if (packed && (query_heads < 1 || kv_heads < 1)) {
    return c.fail("q_num_heads and kv_num_heads are needed with inputs of rank 3");
  }
  const Dim batch = c.dim(0, 0);
  const Dim query_length = c.dim(0, packed ? 1 : 2);
  const Dim kv_length = c.dim(1, packed ? 1 : 2);
  const Dim heads = packed ? Dim(query_heads) : c.dim(0, 1);
  const Dim key_heads = packed ? Dim(kv_heads) : c.dim(1, 1);
  const Dim key_size = packed ? per_head(c.dim(1, 2), kv_heads) : c.dim(1, 3);
  const Dim value_size = packed ? per_head(c.dim(2, 2), kv_heads) : c.dim(2, 3);
  const Dim total = c.has_input(4) ? c.dim(4, 2) + kv_length : kv_length;
  if (packed) {
    c.set(0, type, Shape{batch, query_length, query_heads == kv_heads ? c.dim(2, 2) : heads * value_size});
  } else {
    c.set(0, type, Shape{batch, heads, query_length, value_size});
  }
  c.set(1, c.element_type(1), Shape{batch, key_heads, total, key_size});
  c.set(2, value_type, Shape{batch, key_heads, total, value_size});
  c.set(3, type, Shape{batch, heads, query_length, total});
}

/// query, key, value are [batch, length, heads*size]; the state is [batch, kv_heads, key_size, value_size].
void infer_linear_attention(InferContext& c) {
  const DataType type = c.element_type(0);
  const int64_t query_heads = c.int_or("q_num_heads", 0);
  const int64_t kv_heads = c.int_or("kv_num_heads", 0);
  const Dim value_size = per_head(c.dim(2, 2), kv_heads);
  const Dim packed = query_heads == kv_heads ? c.dim(2, 2) : Dim(query_heads) * value_size;
  c.set(0, type, Shape{c.dim(0, 0), c.dim(0, 1), packed});
  Shape state{c.dim(0, 0), Dim(kv_heads), per_head(c.dim(1, 2), kv_heads), value_size};
  if (const Shape* past = c.shape(3)) {
    if (!require_rank(c, 3, 4, "past_state")) return;
    for (size_t i = 0; i < state.size(); ++i) state[i] = require_equal(c, state[i], (*past)[i], "dims of the state");
  }
  c.set(1, c.has_input(3) ? c.element_type(3) : type, std::move(state));
}

/// Q, K, V are [batch, heads, length, size]; the subgraphs see the scores.
void infer_flex_attention(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type, Shape{c.dim(0, 0), c.dim(0, 1), c.dim(0, 2), c.dim(2, 3)});
  const DataType scores =
      c.data_type_or("softmax_precision", type == DataType::kDouble ? DataType::kDouble : DataType::kFloat);
  const Shape shape{c.dim(0, 0), c.dim(0, 1), c.dim(0, 2), c.dim(1, 2)};
  for (const std::string_view name : {"score_mod", "prob_mod"}) {
    const Graph* graph = c.graph(name);
    if (graph != nullptr) c.infer_subgraph(*graph, {Fact{Type::tensor(scores, shape), std::nullopt}});
  }
}

void infer_rotary(InferContext& c) { same_type(c, 0, 0); }

constexpr Operator kOperators[] = {
    {"Attention", infer_attention},
    {"FlexAttention", infer_flex_attention, "ai.onnx.preview"},
    {"LinearAttention", infer_linear_attention},
    {"RotaryEmbedding", infer_rotary},
};

}  // namespace

std::span<const Operator> attention_operators() { return kOperators; }

}  // namespace surgery::infer
