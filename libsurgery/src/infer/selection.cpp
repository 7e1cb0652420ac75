#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// Operators whose output size depends on the data: TopK, NonZero, NonMaxSuppression, Unique.
namespace surgery::infer {
namespace {

void infer_top_k(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  c.set(1, DataType::kInt64);
  if (c.shape(0) == nullptr) return;
  Shape shape = *c.shape(0);
  const std::optional<int64_t> axis = c.normalize_axis(c.int_or("axis", -1), static_cast<int64_t>(shape.size()));
  if (!axis) return;
  Dim& along = shape[static_cast<size_t>(*axis)];
  Dim k;
  if (c.opset() >= 10) {
    k = c.scalar(1);
  } else if (c.attribute("k") != nullptr) {
    k = Dim(c.int_or("k", 0));
  }
  if (k.is_known() && (k.value() < 0 || (along.is_known() && k.value() > along.value()))) {
    return c.fail("k is " + k.to_string() + ", the axis has " + along.to_string());
  }
  along = k.is_unknown() ? c.fresh(c.has_output(0) ? 0 : 1, static_cast<size_t>(*axis)) : k;
  c.set(1, DataType::kInt64, shape);
  c.set(0, type, std::move(shape));
}

void infer_non_zero(InferContext& c) {
  Dim rank;
  if (c.rank(0)) rank = Dim(std::max<int64_t>(*c.rank(0), 1));  // a scalar counts as a vector
  c.set(0, DataType::kInt64, Shape{rank, Dim()});
}

void infer_non_max_suppression(InferContext& c) { c.set(0, DataType::kInt64, Shape{Dim(), 3}); }

/// Outputs Y, indices [K], inverse_indices [size], counts [K].
void infer_unique(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  for (size_t i = 1; i < 4; ++i) c.set(i, DataType::kInt64, Shape{Dim()});
  const Shape* data = c.shape(0);
  if (data == nullptr) return;
  size_t along = 0;
  Shape shape{Dim()};
  Dim size = num_elements(*data);
  if (c.attribute("axis") != nullptr) {
    const std::optional<int64_t> axis = c.normalize_axis(c.int_or("axis", 0), static_cast<int64_t>(data->size()));
    if (!axis) return;
    along = static_cast<size_t>(*axis);
    shape = *data;
    size = shape[along];
  }
  const size_t first = c.has_output(0) ? 0 : c.has_output(1) ? 1 : 3;
  const Dim count = c.fresh(first, first == 0 ? along : 0);
  shape[along] = count;
  c.set(1, DataType::kInt64, Shape{count});
  c.set(2, DataType::kInt64, Shape{size});
  c.set(3, DataType::kInt64, Shape{count});
  c.set(0, type, std::move(shape));
}

constexpr Operator kOperators[] = {
    {"NonMaxSuppression", infer_non_max_suppression},
    {"NonZero", infer_non_zero},
    {"TopK", infer_top_k},
    {"Unique", infer_unique},
};

}  // namespace

std::span<const Operator> selection_operators() { return kOperators; }

}  // namespace surgery::infer
