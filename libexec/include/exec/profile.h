#pragma once

#include <vector>

#include "exec/session.h"

namespace exec {

/// Time of one node of the main graph, with its subgraphs or the function that it calls.
struct NodeTime {
  const surgery::Node* node;
  double seconds;  ///< mean over the runs
};

/// Where the time of a model goes.
struct Profile {
  std::vector<double> runs;     ///< seconds of each run
  std::vector<NodeTime> nodes;  ///< in the order of execution
};

/// Runs the model `warm_ups` times unmeasured, then `repeats` times (at least once). `inputs` as Session::start() takes
/// them. Throws what a run throws.
Profile profile(const surgery::Model& model, const Values& inputs, const RunOptions& options, int warm_ups,
                int repeats);

/// Of the middle run, or half-way between the two in the middle. Requires at least one.
double median(std::vector<double> seconds);

}  // namespace exec
