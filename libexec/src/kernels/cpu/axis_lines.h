#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/cpu/dims.h"
#include "runtime/threads.h"

namespace exec::cpu {

/// A tensor as lines along one axis: element i of a line lies at offset + i * stride.
struct AxisLines {
  int64_t count = 0;   ///< lines; 0 for a tensor without elements
  int64_t length = 0;  ///< elements of a line
  int64_t stride = 1;

  AxisLines(const Dims& dims, int64_t axis)
      : count(product(dims) == 0 ? 0 : product(dims) / dims[static_cast<size_t>(axis)]),
        length(dims[static_cast<size_t>(axis)]),
        stride(product(dims, axis + 1, static_cast<int64_t>(dims.size()))) {}

  /// Where line `line` begins; `other_length` is the length of the axis where that differs (in an output).
  int64_t offset(int64_t line, int64_t other_length) const {
    return line / stride * other_length * stride + line % stride;
  }
  int64_t offset(int64_t line) const { return offset(line, length); }

  /// Calls visit(line) for every line, spread over threads.
  template <typename Visit>
  void for_each_parallel(Visit&& visit) const {
    parallel_for(count, std::max<int64_t>(1, 16384 / std::max<int64_t>(1, length)), [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; ++line) visit(line);
    });
  }
};

}  // namespace exec::cpu
