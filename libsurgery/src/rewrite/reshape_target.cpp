#include "rewrite/reshape_target.h"

#include <algorithm>

namespace surgery {

std::optional<std::vector<int64_t>> reshape_target(const Shape& from, const Shape& to,
                                                   const std::vector<Dim>* present) {
  std::vector<int64_t> target;
  bool inferred_already = true;  // whether the -1 stands where the model has one
  for (size_t i = 0; i < to.size(); ++i) {
    if (to[i].is_known() && to[i].value() != 0) {
      target.push_back(to[i].value());
    } else if (i < from.size() && from[i] == to[i]) {
      target.push_back(0);
    } else if (to[i].is_known()) {
      return std::nullopt;  // a new dim of size 0 can only be asked for with allowzero
    } else {
      target.push_back(-1);
      inferred_already = present != nullptr && i < present->size() && (*present)[i].is(-1);
    }
  }
  const auto count = std::count(target.begin(), target.end(), -1);
  if (count > 1) return std::nullopt;
  const bool may_be_empty = std::find(target.begin(), target.end(), 0) != target.end();
  if (count == 1 && may_be_empty && !inferred_already) return std::nullopt;
  return target;
}

std::optional<int64_t> flatten_axis(const Shape& from, const Shape& to) {
  if (to.size() != 2) return std::nullopt;
  for (size_t axis = 0; axis <= from.size(); ++axis) {
    const auto middle = from.begin() + static_cast<std::ptrdiff_t>(axis);
    if (num_elements(Shape(from.begin(), middle)) == to[0] && num_elements(Shape(middle, from.end())) == to[1]) {
      return static_cast<int64_t>(axis);
    }
  }
  return std::nullopt;
}

}  // namespace surgery
