#include "edit/dims/factors.h"

#include <algorithm>

namespace surgery::dims {

Dim product(const Factors& factors) {
  Dim size = 1;
  for (const Dim& factor : factors) size = size * factor;
  return size;
}

std::vector<Place> places_of(const Shape& before, const Dim& size, const Dim& stride) {
  std::vector<Place> places;
  Dim behind = 1;  // elements per step along the axis
  for (size_t axis = before.size(); axis-- > 0;) {
    const std::optional<Dim> inner = exact_div(stride, behind);
    const std::optional<Dim> outer = inner ? exact_div(before[axis], *inner * size) : std::nullopt;
    if (outer && !outer->is_unknown()) places.push_back({axis, *outer, *inner});
    behind = behind * before[axis];
  }
  std::reverse(places.begin(), places.end());
  std::stable_partition(places.begin(), places.end(), [](const Place& place) { return place.is_plain(); });
  return places;
}

std::optional<std::vector<Factors>> with_factors(const Shape& before, const std::vector<Placed>& placed) {
  std::vector<Factors> layout(before.size());
  for (size_t axis = 0; axis < before.size(); ++axis) {
    Dim left = before[axis];  // what is behind the last factor that was put in
    for (const Placed& each : placed) {
      if (each.place.axis != axis) continue;
      const std::optional<Dim> gap = exact_div(left, each.size * each.place.inner);
      if (!gap || gap->is_unknown()) return std::nullopt;
      if (!gap->is(1)) layout[axis].push_back(*gap);
      layout[axis].push_back(each.factor);
      left = each.place.inner;
    }
    if (!left.is(1)) layout[axis].push_back(left);
  }
  return layout;
}

}  // namespace surgery::dims
