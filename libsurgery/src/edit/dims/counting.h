#pragma once

#include <map>
#include <optional>

#include "edit/dims/mender.h"

namespace surgery::dims {

/// How the elements of an integer tensor count along axes: element = step * position + what is the same at every
/// position and never negative. By axis; a step of 0 is an axis along which all is the same.
using Steps = std::map<size_t, Dim>;

/// The axes of the freed size `batch` (its symbol, or the old number where that is not mended yet) along which the
/// elements count: of Range over it, of a constant whose rows are 0, 1, 2, ..., and of what is added to it and
/// multiplied with. Nothing where an element may be negative or nothing is known.
std::optional<Steps> steps_of(const Value& value, const Dim& batch, const Mender& mender);

/// The same of element `component` along the last axis, which is left out.
std::optional<Steps> steps_of_component(const Value& value, int64_t component, const Dim& batch, const Mender& mender);

/// Whether the value is used for nothing but indices of Gather, GatherND and ScatterND (and its shape): whether rows
/// that count may go on counting is decided there.
bool is_index_only(const Value& value);

/// A constant int32 or int64 tensor whose rows along one axis are first + i * step; dims[axis] is 1.
struct Progression {
  std::vector<int64_t> dims;
  std::vector<int64_t> first;
  std::vector<int64_t> step;
};

/// Nothing for less than two rows, and where they differ otherwise.
std::optional<Progression> progression_of(const Tensor& tensor, size_t axis);

/// The progression with a row for each of a freed size, in front of `node`.
Value& add_progression(Node& node, Mender& mender, const Progression& progression, DataType type, size_t axis,
                       const Dim& freed, const std::string& base);

}  // namespace surgery::dims
