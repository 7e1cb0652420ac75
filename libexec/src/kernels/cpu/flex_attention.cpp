// ai.onnx.preview FlexAttention-1: attention whose scores and probabilities pass through subgraphs.

#include <cmath>
#include <string>

#include "kernels/cpu/attention_core.h"
#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/matrix_product.h"
#include "kernels/cpu/minifloat.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

struct Sizes {
  int64_t batch;
  int64_t q_heads;
  int64_t kv_heads;
  int64_t queries;
  int64_t keys;
  int64_t head_size;
  int64_t value_size;
};

Sizes read_sizes(const KernelContext& context) {
  for (size_t i = 0; i < 3; ++i) require_rank(context, i, 4);
  require_same_type(context, 0, 2);
  const Dims& q = context.input(0).dims();
  const Dims& k = context.input(1).dims();
  const Dims& v = context.input(2).dims();
  require_shape(context, 1, {q[0], k[1], k[2], q[3]});
  require_shape(context, 2, {q[0], k[1], k[2], v[3]});
  if (k[1] < 1 || q[1] % k[1] != 0) {
    context.fail(std::to_string(q[1]) + " query heads cannot share " + std::to_string(k[1]) + " key heads");
  }
  return {q[0], q[1], k[1], q[2], k[2], q[3], v[3]};
}

/// The type that scores and probabilities have.
DataType score_type(const KernelContext& context) {
  const DataType type = context.input(0).type();
  const int64_t asked = context.attr_int("softmax_precision", 0);
  if (asked == 0) return type == DataType::kDouble ? type : DataType::kFloat;
  const auto found = static_cast<DataType>(asked);
  if (!is_valid(found) || (kFloats & type_bit(found)) == 0) {
    context.fail("attribute 'softmax_precision' is " + std::to_string(asked) + ", expected 1, 10, 11 or 16");
  }
  return found;
}

/// The tensor after the subgraph, which must keep its shape and type; the tensor itself where there is none.
Tensor modified(KernelContext& context, std::string_view attribute, Tensor tensor) {
  if (context.attribute(attribute) == nullptr) return tensor;
  const Dims dims = tensor.dims();
  const DataType type = tensor.type();
  std::vector<Tensor> results = context.run_subgraph(attribute, {std::move(tensor)});
  if (results.size() != 1 || results[0].type() != type || results[0].dims() != dims) {
    context.fail("the subgraph '" + std::string(attribute) + "' does not give one tensor " +
                 std::string(to_string(type)) + dims_text(dims));
  }
  return results[0].aligned();
}

/// C = alpha * A * op(B) for every sample and query head; B has a matrix per key head.
template <typename T>
void multiply_heads(const Sizes& sizes, const MatrixProduct<T>& shape, const T* a, const T* b, T* c) {
  const int64_t tiles = num_tiles(shape);
  const int64_t share = sizes.q_heads / sizes.kv_heads;
  parallel_for(sizes.batch * sizes.q_heads * tiles, 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t head = task / tiles;
      const int64_t kv_head = head / sizes.q_heads * sizes.kv_heads + head % sizes.q_heads / share;
      MatrixProduct<T> product = shape;
      product.a = a + head * shape.m * shape.k;
      product.b = b + kv_head * shape.n * shape.k;
      product.c = c + head * shape.m * shape.n;
      multiply_tile(product, task % tiles);
    }
  });
}

template <typename T>
Tensor scores_of(const KernelContext& context, const Sizes& sizes, DataType working) {
  const T fallback = T{1} / std::sqrt(static_cast<T>(std::max<int64_t>(sizes.head_size, 1)));
  const T scale = context.attribute("scale") == nullptr ? fallback : static_cast<T>(context.attr_float("scale", 0));
  // Q and K are each multiplied by the root, rounded to their type.
  T root = std::sqrt(scale);
  if (context.input(0).type() == DataType::kFloat16) {
    root = static_cast<T>(half_to_float(float_to_half(static_cast<float>(root))));
  } else if (context.input(0).type() == DataType::kBfloat16) {
    root = static_cast<T>(bfloat16_to_float(float_to_bfloat16(static_cast<float>(root))));
  }
  const Tensor q = cast_tensor(context, 0, working);
  const Tensor k = cast_tensor(context, 1, working);
  Tensor scores = scratch(context, working, {sizes.batch, sizes.q_heads, sizes.queries, sizes.keys});
  multiply_heads<T>(sizes,
                    {.m = sizes.queries,
                     .n = sizes.keys,
                     .k = sizes.head_size,
                     .lda = sizes.head_size,
                     .ldb = sizes.head_size,
                     .transpose_b = true,
                     .ldc = sizes.keys,
                     .alpha = root * root},
                    elements<T>(q).data(), elements<T>(k).data(), mutable_elements<T>(scores).data());
  return scores;
}

template <typename T>
Tensor probabilities_of(const KernelContext& context, const Sizes& sizes, const Tensor& scores, DataType working) {
  Tensor result = scratch(context, working, scores.dims());
  const Tensor from = cast_tensor(context, scores, working);
  const std::span<T> values = mutable_elements<T>(result);
  std::copy_n(elements<T>(from).data(), values.size(), values.data());
  if (values.empty()) return result;
  const auto keys = static_cast<size_t>(sizes.keys);
  parallel_for(static_cast<int64_t>(values.size() / keys), 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      softmax_row(values.subspan(static_cast<size_t>(row) * keys, keys), /*in_double=*/false);
    }
  });
  return result;
}

template <typename T>
void run_attention(KernelContext& context, const Sizes& sizes, DataType working, DataType shown) {
  const Tensor scores =
      modified(context, "score_mod", cast_tensor(context, scores_of<T>(context, sizes, working), shown));
  const Tensor weights = cast_tensor(
      context,
      modified(context, "prob_mod", cast_tensor(context, probabilities_of<T>(context, sizes, scores, working), shown)),
      working);
  const Tensor v = cast_tensor(context, 2, working);
  Tensor y = scratch(context, working, {sizes.batch, sizes.q_heads, sizes.queries, sizes.value_size});
  multiply_heads<T>(sizes,
                    {.m = sizes.queries,
                     .n = sizes.value_size,
                     .k = sizes.keys,
                     .lda = sizes.keys,
                     .ldb = sizes.value_size,
                     .ldc = sizes.value_size},
                    elements<T>(weights).data(), elements<T>(v).data(), mutable_elements<T>(y).data());
  context.set_output(0, cast_tensor(context, y, context.input(2).type()));
}

void flex_attention(KernelContext& context) {
  const Sizes sizes = read_sizes(context);
  const DataType shown = score_type(context);
  const bool is_double = context.input(0).type() == DataType::kDouble || shown == DataType::kDouble;
  const DataType working = is_double ? DataType::kDouble : DataType::kFloat;
  dispatch_floats(context, working, [&]<typename T>() { run_attention<T>(context, sizes, working, shown); });
}

constexpr Kernel kKernels[] = {
    {"FlexAttention", "ai.onnx.preview", 1, kLatest, kFloats, 0, flex_attention},
};

}  // namespace

std::span<const Kernel> flex_attention_kernels() { return kKernels; }

}  // namespace exec::cpu
