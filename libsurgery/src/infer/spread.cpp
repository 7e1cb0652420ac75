#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// Operators that make a tensor larger: Expand, Tile, Pad.
namespace surgery::infer {
namespace {

void infer_expand(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  const Shape* data = c.shape(0);
  const std::optional<Shape> target = shape_from_input(c, 1);
  if (data == nullptr || !target) return;
  for (const Dim& dim : *target) {
    if (dim.is_known() && dim.value() < 0) return c.fail("asks for a dim of " + dim.to_string());
  }
  const Shape shape = broadcast(c, *data, *target);
  c.set(0, type, shape);
  const std::vector<Dim>* content = c.content(0);
  if (content == nullptr) return;
  if (std::optional<std::vector<Dim>> elements = broadcast_content(*content, *data, shape)) {
    c.set_content(0, std::move(*elements));
  }
}

void infer_tile(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  const Shape* data = c.shape(0);
  if (data == nullptr) return;
  Shape shape = *data;
  if (c.opset() < 6) {
    // Tile-1: one axis and how often.
    const Dim axis = c.scalar(2);
    if (!axis.is_known()) return c.set(0, type, unknown_dims(shape.size()));
    const std::optional<int64_t> along = c.normalize_axis(axis.value(), static_cast<int64_t>(shape.size()));
    if (!along) return;
    shape[static_cast<size_t>(*along)] = shape[static_cast<size_t>(*along)] * c.scalar(1);
    return c.set(0, type, std::move(shape));
  }
  const std::optional<Shape> repeats = shape_from_input(c, 1);
  if (!repeats) return c.set(0, type, unknown_dims(shape.size()));
  if (repeats->size() != shape.size()) {
    return c.fail("has " + std::to_string(repeats->size()) + " repeats for rank " + std::to_string(shape.size()));
  }
  for (size_t i = 0; i < shape.size(); ++i) shape[i] = shape[i] * (*repeats)[i];
  c.set(0, type, shape);
  const std::vector<Dim>* content = c.content(0);
  if (content == nullptr || shape.size() != 1 || !shape[0].is_known() || shape[0].value() > 1024) return;
  std::vector<Dim> elements;
  while (static_cast<int64_t>(elements.size()) < shape[0].value()) {
    elements.insert(elements.end(), content->begin(), content->end());
  }
  c.set_content(0, std::move(elements));
}

/// Pad-1 calls its attribute `paddings`, Pad-2 `pads`; from 11 on it is input 1, from 18 on with axes as input 3.
std::optional<Shape> read_pads(InferContext& c) {
  if (c.opset() >= 11) return shape_from_input(c, 1);
  const std::vector<int64_t>* pads = c.ints(c.opset() < 2 ? "paddings" : "pads");
  return pads != nullptr ? std::optional(Shape(pads->begin(), pads->end())) : std::nullopt;
}

void infer_pad(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  const Shape* data = c.shape(0);
  if (data == nullptr) return;
  const auto rank = static_cast<int64_t>(data->size());
  const std::optional<Shape> pads = read_pads(c);
  std::vector<int64_t> axes;
  if (c.has_input(3)) {
    const std::optional<std::vector<int64_t>> given = c.integers(3);
    if (!given) return c.set(0, type, unknown_dims(data->size()));
    axes = *given;
  } else {
    for (int64_t i = 0; i < rank; ++i) axes.push_back(i);
  }
  if (!pads && !c.has_input(3)) return c.set(0, type, unknown_dims(data->size()));
  if (pads && pads->size() != 2 * axes.size()) {
    return c.fail("has " + std::to_string(pads->size()) + " pads for " + std::to_string(axes.size()) + " axes");
  }
  Shape shape = *data;
  for (size_t i = 0; i < axes.size(); ++i) {
    const std::optional<int64_t> axis = c.normalize_axis(axes[i], rank);
    if (!axis) return;
    Dim& dim = shape[static_cast<size_t>(*axis)];
    dim = pads ? dim + (*pads)[i] + (*pads)[i + axes.size()] : Dim();
    if (dim.is_known() && dim.value() < 0) {
      return c.fail("axis " + std::to_string(*axis) + " would have size " + dim.to_string());
    }
  }
  c.set(0, type, std::move(shape));
}

constexpr Operator kOperators[] = {
    {"Expand", infer_expand},
    {"Pad", infer_pad},
    {"Tile", infer_tile},
};

}  // namespace

std::span<const Operator> spread_operators() { return kOperators; }

}  // namespace surgery::infer
