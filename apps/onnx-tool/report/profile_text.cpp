#include "report/profile_text.h"

#include <algorithm>
#include <map>

#include "report/print.h"
#include "report/table.h"
#include "surgery/text.h"

namespace app {
namespace {

constexpr size_t kMaxSlowest = 10;

struct OperatorTime {
  std::string name;
  int64_t num_nodes = 0;
  double seconds = 0;
};

std::string operator_name(const surgery::Node& node) {
  return (node.domain().empty() ? "" : std::string(node.domain()) + ".") + std::string(node.op_type());
}

/// Slowest first.
std::vector<OperatorTime> by_operator(const exec::Profile& profile) {
  std::map<std::string, OperatorTime> sums;
  for (const exec::NodeTime& each : profile.nodes) {
    OperatorTime& sum = sums[operator_name(*each.node)];
    sum.name = operator_name(*each.node);
    ++sum.num_nodes;
    sum.seconds += each.seconds;
  }
  std::vector<OperatorTime> list;
  for (auto& [name, sum] : sums) list.push_back(std::move(sum));
  std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.seconds > b.seconds; });
  return list;
}

double seconds_of_nodes(const exec::Profile& profile) {
  double sum = 0;
  for (const exec::NodeTime& each : profile.nodes) sum += each.seconds;
  return sum;
}

std::string milliseconds(double seconds) { return format_fixed(seconds * 1e3, 3); }

std::string share(double seconds, double all) { return format_fixed(all > 0 ? 100 * seconds / all : 0, 1) + "%"; }

}  // namespace

std::string timing_text(const exec::Profile& profile) {
  const auto [least, most] = std::minmax_element(profile.runs.begin(), profile.runs.end());
  return plural(static_cast<int64_t>(profile.runs.size()), "run") + " after a first one: median " +
         milliseconds(exec::median(profile.runs)) + " ms, " + milliseconds(*least) + " to " + milliseconds(*most) +
         " ms\n";
}

std::string profile_text(const exec::Profile& profile) {
  using enum Table::Align;
  const double all = seconds_of_nodes(profile);
  Table operators({kLeft, kRight, kRight, kRight}, {"operator", "nodes", "ms", "share"});
  for (const OperatorTime& each : by_operator(profile)) {
    operators.add({shorten(surgery::escape(each.name), 60), format_count(each.num_nodes), milliseconds(each.seconds),
                   share(each.seconds, all)});
  }
  std::vector<exec::NodeTime> slowest = profile.nodes;
  std::stable_sort(slowest.begin(), slowest.end(), [](const auto& a, const auto& b) { return a.seconds > b.seconds; });
  slowest.resize(std::min(slowest.size(), kMaxSlowest));
  Table nodes({kLeft, kRight, kRight}, {"slowest nodes", "ms", "share"});
  for (const exec::NodeTime& each : slowest) {
    nodes.add({shorten(surgery::escape(surgery::describe(*each.node)), 80), milliseconds(each.seconds),
               share(each.seconds, all)});
  }
  return operators.to_string() + "\n" + nodes.to_string();
}

Json profile_json(const exec::Profile& profile, bool with_nodes) {
  Json report = {{"seconds", profile.runs}, {"median", exec::median(profile.runs)}};
  if (!with_nodes) return report;
  report["operators"] = Json::array();
  for (const OperatorTime& each : by_operator(profile)) {
    report["operators"].push_back({{"operator", each.name}, {"num_nodes", each.num_nodes}, {"seconds", each.seconds}});
  }
  report["nodes"] = Json::array();
  for (const exec::NodeTime& each : profile.nodes) {
    report["nodes"].push_back(
        {{"name", each.node->name()}, {"op_type", operator_name(*each.node)}, {"seconds", each.seconds}});
  }
  return report;
}

}  // namespace app
