#include "exec/profile.h"

#include <algorithm>
#include <chrono>

namespace exec {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// One run; adds the time of each node to `nodes`, which an empty list gets first.
double run_measured(Session& session, const Values& inputs, std::vector<NodeTime>& nodes) {
  const bool is_first = nodes.empty();
  const Clock::time_point start = Clock::now();
  session.start(inputs);
  for (size_t i = 0; !session.is_done(); ++i) {
    if (is_first) nodes.push_back({&session.next(), 0});
    const Clock::time_point node_start = Clock::now();
    session.step();
    nodes[i].seconds += seconds_since(node_start);
  }
  session.take_outputs();
  return seconds_since(start);
}

}  // namespace

Profile profile(const surgery::Model& model, const Values& inputs, const RunOptions& options, int warm_ups,
                int repeats) {
  RunOptions repeated = options;
  repeated.keep_weights = true;
  Session session(model, repeated);
  for (int i = 0; i < warm_ups; ++i) session.run_values(inputs);
  Profile profile;
  for (int i = 0; i < std::max(repeats, 1); ++i) {
    profile.runs.push_back(run_measured(session, inputs, profile.nodes));
  }
  for (NodeTime& each : profile.nodes) each.seconds /= static_cast<double>(profile.runs.size());
  return profile;
}

double median(std::vector<double> seconds) {
  SURGERY_ASSERT(!seconds.empty(), "a median of something");
  std::sort(seconds.begin(), seconds.end());
  const size_t middle = seconds.size() / 2;
  return seconds.size() % 2 == 1 ? seconds[middle] : (seconds[middle - 1] + seconds[middle]) / 2;
}

}  // namespace exec
