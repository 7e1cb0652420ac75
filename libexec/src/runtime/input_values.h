#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "surgery/tensor.h"
#include "surgery/type.h"

namespace exec {

/// Values for an input that nobody gave, from a counter-based generator (SplitMix64 of seed, name and element index),
/// so that they are the same on every machine and for any number of threads. Floating-point types: near to standard
/// normal (the sum of twelve uniform 16-bit numbers: exact arithmetic, no libm). Integers, booleans: 0 or 1, which
/// index, mask and count in almost any graph. Strings: "a" or "b". Complex: two normals. Throws Error(kUnsupported) for
/// types of less than 8 bits and when the tensor does not fit into memory.
/// With a range, floats are uniform in [first, second) and integers in [first, second]; Error(kUsage) where the type
/// cannot hold it.
surgery::Tensor seeded_values(std::string_view name, surgery::DataType type, std::vector<int64_t> dims, uint64_t seed,
                              const std::optional<std::pair<double, double>>& range = std::nullopt);

}  // namespace exec
