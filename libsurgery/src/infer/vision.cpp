#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// Regions, columns and images.
namespace surgery::infer {
namespace {

/// X [N, C, H, W], rois [R, 4], batch_indices [R] -> [R, C, output_height, output_width]
void infer_roi_align(InferContext& c) {
  if (c.rank(0) && !require_rank(c, 0, 4, "X")) return;
  if (c.rank(1) && !require_rank(c, 1, 2, "rois")) return;
  const Dim count = require_equal(c, c.dim(1, 0), c.dim(2, 0), "numbers of rois and batch_indices");
  c.set(0, c.element_type(0), Shape{count, c.dim(0, 1), c.int_or("output_height", 1), c.int_or("output_width", 1)});
}

/// X [N, C, H, W], rois [R, 5] -> [R, C, pooled_shape...]
void infer_max_roi_pool(InferContext& c) {
  const std::vector<int64_t>* pooled = c.ints("pooled_shape");
  Shape shape{c.dim(1, 0), c.dim(0, 1), Dim(), Dim()};
  if (pooled != nullptr && pooled->size() == 2) {
    shape[2] = (*pooled)[0];
    shape[3] = (*pooled)[1];
  }
  c.set(0, c.element_type(0), std::move(shape));
}

/// input [N, C*prod(block_shape), L] -> [N, C, image_shape...]
void infer_col2im(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  const std::optional<Shape> image = shape_from_input(c, 1);
  const std::optional<Shape> block = shape_from_input(c, 2);
  if (!image) return;
  Dim channels;
  if (block) {
    const std::optional<Dim> exact = exact_div(c.dim(0, 1), num_elements(*block));
    if (exact) channels = *exact;
  }
  Shape shape{c.dim(0, 0), channels};
  shape.insert(shape.end(), image->begin(), image->end());
  c.set(0, type, std::move(shape));
}

void infer_image_decoder(InferContext& c) {
  c.set(0, DataType::kUint8, Shape{Dim(), Dim(), c.string_or("pixel_format", "RGB") == "Grayscale" ? 1 : 3});
}

constexpr Operator kOperators[] = {
    {"Col2Im", infer_col2im},
    {"ImageDecoder", infer_image_decoder},
    {"MaxRoiPool", infer_max_roi_pool},
    {"RoiAlign", infer_roi_align},
};

}  // namespace

std::span<const Operator> vision_operators() { return kOperators; }

}  // namespace surgery::infer
