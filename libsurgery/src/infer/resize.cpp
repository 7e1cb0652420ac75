#include <cmath>
#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// Resize, Upsample, GridSample, AffineGrid.
namespace surgery::infer {
namespace {

/// floor(size * scale). Runtimes multiply in float. With a symbolic size the scale has to be a fraction with a small
/// power of two below.
Dim scaled(const Dim& size, double scale) {
  if (!(scale > 0) || scale > 1e9) return {};
  if (size.is_known()) {
    const double product =
        std::floor(static_cast<double>(static_cast<float>(size.value()) * static_cast<float>(scale)));
    return product < 1e15 ? Dim(static_cast<int64_t>(product)) : Dim();
  }
  for (int64_t divisor = 1; divisor <= 1024; divisor *= 2) {
    const double factor = scale * static_cast<double>(divisor);
    if (factor == std::floor(factor)) return floor_div(size * Dim(static_cast<int64_t>(factor)), Dim(divisor));
  }
  return {};
}

/// Per axis of the data, the index into scales or sizes; nothing for axes that stay.
std::optional<std::vector<std::optional<size_t>>> read_axes(InferContext& c, size_t rank) {
  std::vector<std::optional<size_t>> places(rank);
  const std::vector<int64_t>* axes = c.ints("axes");
  if (axes == nullptr) {
    for (size_t i = 0; i < rank; ++i) places[i] = i;
    return places;
  }
  for (size_t i = 0; i < axes->size(); ++i) {
    const std::optional<int64_t> axis = c.normalize_axis((*axes)[i], static_cast<int64_t>(rank));
    if (!axis) return std::nullopt;
    places[static_cast<size_t>(*axis)] = i;
  }
  return places;
}

/// Resize-18: with keep_aspect_ratio_policy the smallest (largest) of the scales counts for all axes.
void keep_aspect_ratio(const Shape& data, const std::vector<std::optional<size_t>>& places, std::string_view policy,
                       Shape& shape) {
  double scale = policy == "not_larger" ? INFINITY : 0.0;
  for (size_t i = 0; i < data.size(); ++i) {
    if (!places[i]) continue;
    if (!data[i].is_known() || !shape[i].is_known() || data[i].is(0)) {
      for (size_t k = 0; k < data.size(); ++k) {
        if (places[k]) shape[k] = Dim();
      }
      return;
    }
    const double own = static_cast<double>(shape[i].value()) / static_cast<double>(data[i].value());
    scale = policy == "not_larger" ? std::min(scale, own) : std::max(scale, own);
  }
  for (size_t i = 0; i < data.size(); ++i) {
    if (places[i]) shape[i] = Dim(std::lround(scale * static_cast<double>(data[i].value())));
  }
}

void infer_resize(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  const Shape* data = c.shape(0);
  if (data == nullptr) return;
  c.set(0, type, unknown_dims(data->size()));
  const std::optional<std::vector<std::optional<size_t>>> places = read_axes(c, data->size());
  if (!places) return;
  const size_t count = c.ints("axes") != nullptr ? c.ints("axes")->size() : data->size();
  Shape shape = *data;
  const bool is_upsample = c.node().op_type() == "Upsample";
  const size_t scales_input = is_upsample || c.opset() < 11 ? 1 : 2;
  if (!is_upsample && c.opset() >= 11 && c.has_input(3)) {
    const std::optional<Shape> sizes = shape_from_input(c, 3);
    if (!sizes || sizes->empty()) {
      if (!sizes) return;
    } else {
      if (sizes->size() != count) {
        return c.fail("has " + std::to_string(sizes->size()) + " sizes for " + std::to_string(count) + " axes");
      }
      for (size_t i = 0; i < shape.size(); ++i) {
        if ((*places)[i]) shape[i] = (*sizes)[*(*places)[i]];
      }
      const std::string policy = c.string_or("keep_aspect_ratio_policy", "stretch");
      if (policy != "stretch") keep_aspect_ratio(*data, *places, policy, shape);
      return c.set(0, type, std::move(shape));
    }
  }
  std::optional<std::vector<double>> scales;
  if (is_upsample && c.opset() < 9) {
    if (const std::vector<float>* given = c.floats("scales")) scales.emplace(given->begin(), given->end());
    if (!scales && c.attribute("height_scale") != nullptr) {  // Upsample-1
      scales = {1, 1, static_cast<double>(c.float_or("height_scale", 1)),
                static_cast<double>(c.float_or("width_scale", 1))};
    }
  } else {
    scales = c.reals(scales_input);
  }
  if (!scales) return;
  if (scales->size() != count) {
    return c.fail("has " + std::to_string(scales->size()) + " scales for " + std::to_string(count) + " axes");
  }
  for (size_t i = 0; i < shape.size(); ++i) {
    if ((*places)[i]) shape[i] = scaled((*data)[i], (*scales)[*(*places)[i]]);
  }
  c.set(0, type, std::move(shape));
}

/// X [N, C, D1, ...], grid [N, O1, ..., r] -> [N, C, O1, ...]
void infer_grid_sample(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  if (c.rank(0)) c.set(0, type, unknown_dims(c.shape(0)->size()));
  const Shape* grid = c.shape(1);
  if (grid == nullptr || grid->size() < 3) return;
  if (c.rank(0) && !require_rank(c, 1, *c.rank(0), "grid")) return;
  Shape shape{require_equal(c, c.dim(0, 0), grid->front(), "batch sizes"), c.dim(0, 1)};
  shape.insert(shape.end(), grid->begin() + 1, grid->end() - 1);
  c.set(0, type, std::move(shape));
}

/// theta [N, r, r + 1], size [N, C, D1, ...] -> grid [N, D1, ..., r]
void infer_affine_grid(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  const std::optional<Shape> size = shape_from_input(c, 1);
  if (!size || size->size() < 4) return;
  Shape shape{size->front()};
  shape.insert(shape.end(), size->begin() + 2, size->end());
  shape.emplace_back(static_cast<int64_t>(size->size()) - 2);
  c.set(0, type, std::move(shape));
}

constexpr Operator kOperators[] = {
    {"AffineGrid", infer_affine_grid},
    {"GridSample", infer_grid_sample},
    {"Resize", infer_resize},
    {"Upsample", infer_resize},
};

}  // namespace

std::span<const Operator> resize_operators() { return kOperators; }

}  // namespace surgery::infer
