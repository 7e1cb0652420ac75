#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// com.microsoft: what ONNX Runtime's quantizer and skl2onnx write.
/// Source: ONNX Runtime's docs/ContribOperators.md.
namespace surgery::infer {
namespace {

void infer_same(InferContext& c) { same_type(c, 0, 0); }

/// A, A_scale, A_zero_point, B, ...
void infer_qlinear_binary(InferContext& c) {
  std::optional<Shape> shape;
  if (c.shape(0) != nullptr && c.shape(3) != nullptr) shape = broadcast(c, *c.shape(0), *c.shape(3));
  c.set(0, c.element_type(0), std::move(shape));
}

void infer_qlinear_global_pool(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  if (!require_min_rank(c, 0, 3, "X")) return;
  Shape shape = *c.shape(0);
  const bool channels_last = c.int_or("channels_last", 0) != 0;
  for (size_t i = 1; i < shape.size(); ++i) {
    const bool is_channel = channels_last ? i + 1 == shape.size() : i == 1;
    if (!is_channel) shape[i] = 1;
  }
  c.set(0, type, std::move(shape));
}

/// A, a_scale, a_zero_point, B, b_scale, b_zero_point, C, y_scale, y_zero_point; float without the last.
void infer_qgemm(InferContext& c) {
  const size_t rows = c.int_or("transA", 0) != 0 ? 1 : 0;
  const size_t columns = c.int_or("transB", 0) != 0 ? 0 : 1;
  if (c.rank(0) && !require_rank(c, 0, 2, "A")) return;
  if (c.rank(3) && !require_rank(c, 3, 2, "B")) return;
  require_equal(c, c.dim(0, 1 - rows), c.dim(3, 1 - columns), "inner dims");
  c.set(0, c.has_input(8) ? c.element_type(8) : DataType::kFloat, Shape{c.dim(0, rows), c.dim(3, columns)});
}

/// Y_scale, Y_zero_point, then a tensor, its scale and its zero point for each input.
void infer_qlinear_concat(InferContext& c) {
  c.set(0, c.element_type(2));
  if (c.shape(2) == nullptr) return;
  Shape shape = *c.shape(2);
  const auto axis = c.normalize_axis(c.int_or("axis", 0), static_cast<int64_t>(shape.size()));
  if (!axis) return;
  const auto along = static_cast<size_t>(*axis);
  for (size_t input = 5; input < c.num_inputs(); input += 3) {
    if (c.rank(input) && !require_rank(c, input, static_cast<int64_t>(shape.size()), "X")) return;
    for (size_t i = 0; i < shape.size(); ++i) {
      shape[i] = i == along ? shape[i] + c.dim(input, i) : require_equal(c, shape[i], c.dim(input, i), "dims");
    }
  }
  c.set(0, c.element_type(2), std::move(shape));
}

/// A [M, K], B [N, K] -> [M, N]
void infer_cdist(InferContext& c) {
  c.set(0, c.element_type(0), unknown_dims(2));
  if (c.rank(0) && !require_rank(c, 0, 2, "A")) return;
  if (c.rank(1) && !require_rank(c, 1, 2, "B")) return;
  require_equal(c, c.dim(0, 1), c.dim(1, 1), "columns of A and B");
  c.set(0, c.element_type(0), Shape{c.dim(0, 0), c.dim(1, 0)});
}

/// [C] -> [C, D], [N, C] -> [N, C, D]: D is the most tokens of any string.
void infer_tokenizer(InferContext& c) {
  if (c.shape(0) == nullptr) return c.set(0, DataType::kString);
  Shape shape = *c.shape(0);
  shape.emplace_back();
  c.set(0, DataType::kString, std::move(shape));
}

constexpr std::string_view kDomain = "com.microsoft";
constexpr Operator kOperators[] = {
    {"BiasGelu", infer_same, kDomain},
    {"CDist", infer_cdist, kDomain},
    {"FastGelu", infer_same, kDomain},
    {"Gelu", infer_same, kDomain},
    {"QGemm", infer_qgemm, kDomain},
    {"QLinearAdd", infer_qlinear_binary, kDomain},
    {"QLinearConcat", infer_qlinear_concat, kDomain},
    {"QLinearGlobalAveragePool", infer_qlinear_global_pool, kDomain},
    {"QLinearLeakyRelu", infer_same, kDomain},
    {"QLinearMul", infer_qlinear_binary, kDomain},
    {"QLinearSigmoid", infer_same, kDomain},
    {"QLinearSoftmax", infer_same, kDomain},
    {"QuickGelu", infer_same, kDomain},
    {"RotaryEmbedding", infer_same, kDomain},
    {"Tokenizer", infer_tokenizer, kDomain},
    {"Trilu", infer_same, kDomain},
};

}  // namespace

std::span<const Operator> microsoft_operators() { return kOperators; }

}  // namespace surgery::infer
