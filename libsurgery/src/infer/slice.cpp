#include <algorithm>
#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// Slice, Compress, CenterCropPad.
namespace surgery::infer {
namespace {

/// What one axis of a slice takes.
struct Range {
  Dim start;
  Dim end;
  Dim step = 1;
};

/// Positions this far out mean "to the end", whatever the size: exporters write INT32_MAX as often as INT64_MAX.
constexpr int64_t kFarAway = INT32_MAX;

/// A position counted from the end where it is negative, clamped to [low, high]; unknown when its sign is.
Dim clamped(const Dim& position, const Dim& size, const Dim& low, const Dim& high) {
  if (position.is_known() && position.value() >= kFarAway) return high;
  if (position.is_known() && position.value() <= -kFarAway) return low;
  Dim from_front;
  if (position.is_non_negative()) {
    from_front = position;
  } else if ((Dim(-1) - position).is_non_negative()) {
    from_front = position + size;
  } else {
    return {};
  }
  return max(min(from_front, high), low);
}

Dim sliced_size(const Dim& size, const Range& range) {
  if (!range.step.is_known()) return {};
  const int64_t step = range.step.value();
  if (step > 0) {
    const Dim start = clamped(range.start, size, 0, size);
    const Dim end = clamped(range.end, size, 0, size);
    return max(ceil_div(end - start, range.step), Dim(0));
  }
  const Dim last = size - Dim(1);
  const Dim start = clamped(range.start, size, 0, last);
  const Dim end = clamped(range.end, size, -1, last);
  // Of an empty axis nothing is taken, though its start is clamped to 0.
  return min(max(ceil_div(start - end, Dim(0) - range.step), Dim(0)), size);
}

/// The elements that a slice of a vector of known length takes.
std::optional<std::vector<Dim>> sliced_elements(const std::vector<Dim>& elements, const Range& range) {
  if (!range.start.is_known() || !range.end.is_known() || !range.step.is_known() || range.step.is(0)) {
    return std::nullopt;
  }
  const auto size = static_cast<int64_t>(elements.size());
  const int64_t step = range.step.value();
  const auto from_front = [&](int64_t position) {
    return position < 0 ? std::max(position, -size - 1) + size : position;
  };
  std::vector<Dim> taken;
  if (step > 0) {
    const int64_t end = std::clamp<int64_t>(from_front(range.end.value()), 0, size);
    for (int64_t i = std::clamp<int64_t>(from_front(range.start.value()), 0, size); i < end;
         i += std::min(step, size + 1)) {
      taken.push_back(elements[static_cast<size_t>(i)]);
    }
  } else if (size > 0) {
    const int64_t end = std::clamp<int64_t>(from_front(range.end.value()), -1, size - 1);
    for (int64_t i = std::clamp<int64_t>(from_front(range.start.value()), 0, size - 1); i > end;
         i += std::max(step, -size - 1)) {
      taken.push_back(elements[static_cast<size_t>(i)]);
    }
  }
  return taken;
}

/// The ranges per axis of the data; nothing where not even the axes are known.
std::optional<std::vector<std::optional<Range>>> read_ranges(InferContext& c, int64_t rank) {
  std::optional<Shape> starts;
  std::optional<Shape> ends;
  std::optional<std::vector<int64_t>> axes;
  std::optional<Shape> steps;
  if (c.opset() < 10) {
    const auto read = [&](std::string_view name) {
      const std::vector<int64_t>* values = c.ints(name);
      return values != nullptr ? std::optional(Shape(values->begin(), values->end())) : std::nullopt;
    };
    starts = read("starts");
    ends = read("ends");
    if (const std::vector<int64_t>* given = c.ints("axes")) axes = *given;
    if (!starts || !ends) {
      c.fail("attribute 'starts' or 'ends' is missing");
      return std::nullopt;
    }
  } else {
    starts = shape_from_input(c, 1);
    ends = shape_from_input(c, 2);
    if (c.has_input(3)) {
      axes = c.integers(3);
      if (!axes) return std::nullopt;
    }
    if (c.has_input(4)) steps = shape_from_input(c, 4);
    if (!starts && ends) starts = unknown_dims(ends->size());
    if (!ends && starts) ends = unknown_dims(starts->size());
    if (!starts && axes) starts = ends = unknown_dims(axes->size());
    if (!starts) return std::nullopt;
    if (c.has_input(4) && !steps) steps = unknown_dims(starts->size());
  }
  if (!axes) {
    axes.emplace();
    for (size_t i = 0; i < starts->size(); ++i) axes->push_back(static_cast<int64_t>(i));
  }
  if (starts->size() != ends->size() || starts->size() != axes->size() || (steps && steps->size() != starts->size())) {
    c.fail("starts, ends, axes and steps differ in length");
    return std::nullopt;
  }
  std::vector<std::optional<Range>> ranges(static_cast<size_t>(rank));
  for (size_t i = 0; i < axes->size(); ++i) {
    const std::optional<int64_t> axis = c.normalize_axis((*axes)[i], rank);
    if (!axis) return std::nullopt;
    const Dim step = steps ? (*steps)[i] : Dim(1);
    if (step.is(0)) {
      c.fail("a step is 0");
      return std::nullopt;
    }
    ranges[static_cast<size_t>(*axis)] = Range{(*starts)[i], (*ends)[i], step};
  }
  return ranges;
}

void infer_slice(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  const Shape* data = c.shape(0);
  if (data == nullptr) return;
  const auto ranges = read_ranges(c, static_cast<int64_t>(data->size()));
  if (c.failed()) return;
  if (!ranges) return c.set(0, type, unknown_dims(data->size()));
  Shape shape = *data;
  for (size_t i = 0; i < shape.size(); ++i) {
    if ((*ranges)[i]) shape[i] = sliced_size((*data)[i], *(*ranges)[i]);
  }
  c.set(0, type, std::move(shape));
  const std::vector<Dim>* content = c.content(0);
  if (content == nullptr) return;
  const std::optional<std::vector<int64_t>> dims = static_dims(*data);
  if (!dims) return;
  // Axis by axis: the axis to slice goes to the front, where its rows are taken whole.
  std::vector<Dim> elements = *content;
  std::vector<int64_t> sizes = *dims;
  for (size_t axis = 0; axis < sizes.size(); ++axis) {
    const std::optional<Range>& range = (*ranges)[axis];
    if (!range) continue;
    std::vector<Dim> positions;
    for (int64_t i = 0; i < sizes[axis]; ++i) positions.emplace_back(i);
    const std::optional<std::vector<Dim>> taken = sliced_elements(positions, *range);
    if (!taken) return;
    int64_t inner = 1;
    int64_t outer = 1;
    for (size_t i = 0; i < sizes.size(); ++i) (i < axis ? outer : inner) *= i == axis ? 1 : sizes[i];
    std::vector<Dim> next;
    for (int64_t o = 0; o < outer; ++o) {
      for (const Dim& position : *taken) {
        const auto first = elements.begin() + (o * sizes[axis] + position.value()) * inner;
        next.insert(next.end(), first, first + inner);
      }
    }
    elements = std::move(next);
    sizes[axis] = static_cast<int64_t>(taken->size());
  }
  c.set_content(0, std::move(elements));
}

/// Keeps the slices where `condition` holds: how many depends on the data.
void infer_compress(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type, Shape{Dim()});
  const std::vector<Dim>* condition = c.content(1);
  Dim kept;
  if (const std::optional<std::vector<int64_t>> flags = c.integers(1); condition != nullptr && flags) {
    kept = Dim(std::count_if(flags->begin(), flags->end(), [](int64_t flag) { return flag != 0; }));
  }
  if (c.attribute("axis") == nullptr) return c.set(0, type, Shape{kept});
  c.set(0, type);
  if (c.shape(0) == nullptr) return;
  Shape shape = *c.shape(0);
  const std::optional<int64_t> axis = c.normalize_axis(c.int_or("axis", 0), static_cast<int64_t>(shape.size()));
  if (!axis) return;
  shape[static_cast<size_t>(*axis)] = kept;
  c.set(0, type, std::move(shape));
}

void infer_center_crop_pad(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  if (c.shape(0) == nullptr) return;
  Shape shape = *c.shape(0);
  const auto rank = static_cast<int64_t>(shape.size());
  std::vector<int64_t> axes;
  if (const std::vector<int64_t>* given = c.ints("axes")) {
    axes = *given;
  } else {
    for (int64_t i = 0; i < rank; ++i) axes.push_back(i);
  }
  const std::optional<Shape> target = shape_from_input(c, 1);
  if (target && target->size() != axes.size()) {
    return c.fail("shape has " + std::to_string(target->size()) + " entries for " + std::to_string(axes.size()) +
                  " axes");
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    const std::optional<int64_t> axis = c.normalize_axis(axes[i], rank);
    if (!axis) return;
    shape[static_cast<size_t>(*axis)] = target ? (*target)[i] : Dim();
  }
  c.set(0, type, std::move(shape));
}

constexpr Operator kOperators[] = {
    {"CenterCropPad", infer_center_crop_pad},
    {"Compress", infer_compress},
    {"Slice", infer_slice},
};

}  // namespace

std::span<const Operator> slice_operators() { return kOperators; }

}  // namespace surgery::infer
