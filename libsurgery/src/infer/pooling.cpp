#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"
#include "infer/windows.h"

/// Pools over [N, C, spatial...], local and global.
namespace surgery::infer {
namespace {

void infer_pool(InferContext& c) {
  c.set(0, c.element_type(0));
  c.set(1, DataType::kInt64);  // Indices of MaxPool
  if (!require_min_rank(c, 0, 3, "X")) return;
  const Shape& data = *c.shape(0);
  const bool channels_last = c.node().op_type() == "NhwcMaxPool" || c.int_or("channels_last", 0) != 0;
  const size_t first = channels_last ? 1 : 2;  // spatial axis
  if (c.ints("kernel_shape") == nullptr && c.node().op_type() != "LpPool") {
    return c.fail("attribute 'kernel_shape' is missing");
  }
  const size_t rank = data.size() - 2;
  const std::optional<Windows> windows = read_windows(c, rank, {});
  if (!windows) return;
  Shape shape = data;
  for (size_t i = 0; i < rank; ++i) shape[i + first] = window_positions(c, *windows, i, data[i + first]);
  c.set(1, DataType::kInt64, shape);
  c.set(0, c.element_type(0), std::move(shape));
}

void infer_global_pool(InferContext& c) {
  c.set(0, c.element_type(0));
  if (!require_min_rank(c, 0, 3, "X")) return;
  Shape shape = *c.shape(0);
  for (size_t i = 2; i < shape.size(); ++i) shape[i] = 1;
  c.set(0, c.element_type(0), std::move(shape));
}

/// MaxUnpool-9: the inverse of MaxPool's size, unless output_shape is given as input 2.
void infer_max_unpool(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  if (c.has_input(2)) {
    if (const std::optional<Shape> shape = shape_from_input(c, 2)) c.set(0, type, *shape);
    return;
  }
  if (!require_min_rank(c, 0, 3, "X")) return;
  Shape data = *c.shape(0);
  if (const Shape* indices = c.shape(1)) {
    if (!require_rank(c, 1, static_cast<int64_t>(data.size()), "I")) return;
    for (size_t i = 0; i < data.size(); ++i) data[i] = require_equal(c, data[i], (*indices)[i], "dims of X and I");
    if (c.failed()) return;
  }
  const size_t rank = data.size() - 2;
  const std::optional<Windows> windows = read_windows(c, rank, {});
  if (!windows) return;
  Shape shape{data[0], data[1]};
  for (size_t i = 0; i < rank; ++i) {
    shape.push_back((data[i + 2] - Dim(1)) * Dim(windows->strides[i]) + windows->kernel[i] - Dim(windows->pads[i]) -
                    Dim(windows->pads[i + rank]));
  }
  c.set(0, type, std::move(shape));
}

constexpr Operator kOperators[] = {
    {"AveragePool", infer_pool},
    {"GlobalAveragePool", infer_global_pool},
    {"GlobalLpPool", infer_global_pool},
    {"GlobalMaxPool", infer_global_pool},
    {"LpPool", infer_pool},
    {"MaxPool", infer_pool},
    {"MaxUnpool", infer_max_unpool},
    {"NhwcMaxPool", infer_pool, "com.microsoft"},
    {"QLinearAveragePool", infer_pool, "com.microsoft"},
};

}  // namespace

std::span<const Operator> pooling_operators() { return kOperators; }

}  // namespace surgery::infer
