#include "edit/batch/place.h"

#include <algorithm>

namespace surgery::batch {

Dim stride_of(const Place& place, const Shape& shape) {
  Dim stride = place.inner;
  for (size_t i = place.axis + 1; i < shape.size(); ++i) stride = stride * shape[i];
  return stride;
}

std::vector<Place> places_of(const Shape& before, int64_t size, const Dim& stride) {
  std::vector<Place> places;
  Dim behind = 1;  // elements per step along the axis
  for (size_t axis = before.size(); axis-- > 0;) {
    const std::optional<Dim> inner = exact_div(stride, behind);
    const std::optional<Dim> outer = inner ? exact_div(before[axis], *inner * Dim(size)) : std::nullopt;
    if (outer && !outer->is_unknown()) places.push_back({axis, *outer, *inner});
    behind = behind * before[axis];
  }
  std::reverse(places.begin(), places.end());
  std::stable_partition(places.begin(), places.end(), [](const Place& place) { return place.is_plain(); });
  return places;
}

Shape with_batch(Shape before, const Place& place, const Dim& batch) {
  before[place.axis] = place.outer * batch * place.inner;
  return before;
}

}  // namespace surgery::batch
