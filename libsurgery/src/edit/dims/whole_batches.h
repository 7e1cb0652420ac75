#pragma once

#include <optional>

#include "edit/dims/mender.h"

namespace surgery::dims {

/// An axis of several batches one after the other, as Concat and Tile make them: `count` times the batch.
struct WholeBatches {
  int64_t count = 0;
  Dim batch;         ///< the symbol
  int64_t size = 0;  ///< the number that one batch was

  /// What a number of rows is now: whole batches; nothing where it is a part of one.
  std::optional<Dim> rows(int64_t number) const {
    return number % size == 0 ? std::optional(Dim(number / size) * batch) : std::nullopt;
  }
  Factors factors(int64_t number) const { return number == size ? Factors{batch} : Factors{Dim(number / size), batch}; }
};

/// nothing for other axes.
std::optional<WholeBatches> whole_batches(const Value& value, size_t axis, const Mender& mender);

}  // namespace surgery::dims
