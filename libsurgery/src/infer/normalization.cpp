#include <algorithm>
#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"
#include "surgery/text.h"

/// Normalizations: the first output has the type of the input.
namespace surgery::infer {
namespace {

void infer_same(InferContext& c) { same_type(c, 0, 0); }

/// Before opset 14 the further outputs are mean, var, saved_mean, saved_var; from then on running_mean and running_var.
/// All have the shape of the mean that goes in: [C], or [C, D1, ...] with spatial = 0 before opset 9.
void infer_batch_norm(InferContext& c) {
  same_type(c, 0, 0);
  for (size_t i = 1; i < c.num_outputs(); ++i) same_type(c, i, i % 2 == 1 ? 3 : 4);
  if (!c.rank(0) || *c.rank(0) < 2 || c.int_or("spatial", 1) == 0) return;
  for (size_t i = 1; i <= 4; ++i) {
    if (c.rank(i) && *c.rank(i) == 1) require_equal(c, c.dim(i, 0), c.dim(0, 1), "parameter length and channels");
  }
}

/// Outputs Mean and InvStdDev have 1 in place of the normalized dims, and the type that stash_type names.
void infer_layer_norm(InferContext& c) {
  same_type(c, 0, 0);
  const DataType statistics = c.data_type_or("stash_type", DataType::kFloat);
  c.set(1, statistics);
  c.set(2, statistics);
  if (c.shape(0) == nullptr) return;
  Shape shape = *c.shape(0);
  const std::optional<int64_t> axis = c.normalize_axis(c.int_or("axis", -1), static_cast<int64_t>(shape.size()));
  if (!axis) return;
  for (const size_t input : {size_t{1}, size_t{2}}) {
    if (c.shape(input) == nullptr) continue;
    const Shape result = broadcast(c, shape, *c.shape(input));
    if (c.failed()) return;
    for (size_t i = 0; i < std::min(shape.size(), result.size()); ++i) {
      if (!proven_different(result[result.size() - 1 - i], shape[shape.size() - 1 - i])) continue;
      return c.fail("input " + escape(to_string(*c.shape(input))) + " does not broadcast to " +
                    escape(to_string(shape)));
    }
  }
  for (size_t i = static_cast<size_t>(*axis); i < shape.size(); ++i) shape[i] = 1;
  c.set(1, statistics, shape);
  c.set(2, statistics, std::move(shape));
}

constexpr Operator kOperators[] = {
    {"BatchNormalization", infer_batch_norm},
    {"GroupNormalization", infer_same},
    {"InstanceNormalization", infer_same},
    {"LayerNormalization", infer_layer_norm},
    {"LRN", infer_same},
    {"MeanVarianceNormalization", infer_same},
    {"RMSNormalization", infer_same},
    {"SimplifiedLayerNormalization", infer_layer_norm},  // ONNX Runtime's, in the standard's domain
};

}  // namespace

std::span<const Operator> normalization_operators() { return kOperators; }

}  // namespace surgery::infer
