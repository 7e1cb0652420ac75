#pragma once

#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "exec/parity.h"

/// The comparison of two runs that hold the same samples in batches of different sizes.
namespace exec {

/// The parts of both values that hold the same samples: of a tensor the rows along the first axis where that is the
/// batch on both sides, otherwise along the only one that differs; of a sequence with one element for each sample those
/// elements. Empty where the values are not made of samples. In an axis that holds a multiple of the batch the samples
/// may lie one after the other or one row of each in turn: both ways, for the caller to see whether one of them fits.
std::vector<std::pair<Datum, Datum>> shared_parts(const Datum& a, const Datum& b, const SharedSamples& samples);

/// The values of the main graph that depend on the sizes of the inputs and on constants alone. They count samples, and
/// are different where batches are.
std::unordered_set<const surgery::Value*> values_without_data(const surgery::Model& model);

}  // namespace exec
