#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "kernels/cpu/dims.h"

namespace exec::cpu {

/// The equation of Einsum-12, axes named. A label is a letter's code, or -1, -2, ... for the axes of an ellipsis,
/// counted from its last one.
struct EinsumEquation {
  std::vector<std::vector<int>> inputs;  ///< per operand, a label per axis; a repeated one is a diagonal
  std::vector<int> output;
  std::map<int, int64_t> extents;  ///< of each label; 1 where all operands have 1 there

  bool is_in_output(int label) const;
};

/// Reads the equation as numpy.einsum does: without "->", the output has the ellipsis axes, then the letters that occur
/// once, in order (capitals first). Fails for anything that is no equation or does not fit the inputs' shapes.
EinsumEquation read_einsum_equation(const KernelContext& context);

}  // namespace exec::cpu
