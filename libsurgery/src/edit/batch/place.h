#pragma once

#include <optional>
#include <vector>

#include "surgery/dim.h"

namespace surgery::batch {

/// Where the batch lies in a tensor: in `axis`, whose size is outer * batch * inner, the batch being the middle one of
/// these three in row-major order. outer = inner = 1 where the axis is the batch alone.
struct Place {
  size_t axis = 0;
  Dim outer = 1;
  Dim inner = 1;

  bool is_plain() const { return outer.is(1) && inner.is(1); }
};

/// Elements between two neighbours along the batch.
Dim stride_of(const Place& place, const Shape& shape);

/// The places in a tensor of the shape `before` (with the fixed batch `size` in it) that have that stride: where a
/// batch can be after a Reshape, which keeps the order of the elements. For a size over 1 there is at most one; for 1,
/// axes of size 1 beside each other are all possible. Plain ones come first, otherwise in the order of the axes.
std::vector<Place> places_of(const Shape& before, int64_t size, const Dim& stride);

/// `before` with the batch put in at the place.
Shape with_batch(Shape before, const Place& place, const Dim& batch);

}  // namespace surgery::batch
