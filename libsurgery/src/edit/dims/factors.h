#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "surgery/dim.h"

namespace surgery::dims {

/// What an axis is made of, in row-major order; the product is its size. [heads, N] and [N, heads] are one size and two
/// layouts. 1s are left out.
using Factors = std::vector<Dim>;

Dim product(const Factors& factors);

/// Where a factor of a tensor lies after a Reshape: in `axis`, whose size is outer * factor * inner.
struct Place {
  size_t axis = 0;
  Dim outer = 1;
  Dim inner = 1;

  bool is_plain() const { return outer.is(1) && inner.is(1); }
};

/// The places in a tensor of the shape `before` for a factor of the size `size` with `stride` elements between two
/// neighbours along it: where it can be after a Reshape, which keeps the order of the elements. For a size over 1 there
/// is at most one; for 1, axes of size 1 beside each other are all possible. Plain ones come first, otherwise in the
/// order of the axes.
std::vector<Place> places_of(const Shape& before, const Dim& size, const Dim& stride);

/// One factor put in its place.
struct Placed {
  Dim factor;
  Dim size;  ///< the number that it was
  Place place;
};

/// The factors of each axis of a tensor of the shape `before`, with the given ones (in row-major order) in it; nothing
/// where two of them overlap.
std::optional<std::vector<Factors>> with_factors(const Shape& before, const std::vector<Placed>& placed);

}  // namespace surgery::dims
