#include "report/cost_listing.h"

#include "report/print.h"
#include "report/table.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Dim;
using surgery::ModelCost;
using surgery::NodeCost;

constexpr size_t kNameWidth = 48;
constexpr size_t kExpressionWidth = 40;

std::string count_text(const Dim& count) {
  if (count.is_known()) return format_count(count.value());
  return shorten(surgery::escape(count.to_string(), 200), kExpressionWidth);
}

std::string bytes_text(const Dim& bytes) {
  if (bytes.is_known()) return surgery::format_bytes(static_cast<uint64_t>(bytes.value()));
  const std::string text = shorten(surgery::escape(bytes.to_string(), 200), kExpressionWidth);
  return bytes.is_unknown() ? text : text + " B";
}

/// "4.09 G"
std::string rounded_text(int64_t count) {
  constexpr std::string_view kPrefixes = " KMGTPE";
  auto value = static_cast<double>(count);
  size_t prefix = 0;
  for (; value >= 1000 && prefix + 1 < kPrefixes.size(); ++prefix) value /= 1000;
  return prefix == 0 ? std::to_string(count) : format_fixed(value, 2) + " " + kPrefixes[prefix];
}

Json to_json(const Dim& dim) {
  if (dim.is_known()) return dim.value();
  return dim.is_unknown() ? Json() : Json(dim.to_string());
}

}  // namespace

std::string to_text(const ModelCost& cost) {
  using enum Table::Align;
  Table table({kLeft, kLeft, kRight, kRight, kRight, kRight},
              {"type", "name", "MACs", "parameters", "results", "in memory"});
  for (const NodeCost& node : cost.nodes) {
    table.add({surgery::escape(node.node->op_type(), 60), shorten(surgery::escape(node.node->name(), 80), kNameWidth),
               count_text(node.macs), format_count(node.num_parameters), bytes_text(node.activation_bytes),
               bytes_text(node.live_bytes)});
  }
  std::string text = table.to_string();
  Table totals({kLeft, kLeft});
  std::string macs = count_text(cost.macs);
  if (cost.macs.is_known() && cost.macs.value() >= 1000) macs += " (" + rounded_text(cost.macs.value()) + ")";
  if (cost.num_unknown_macs > 0)
    macs += ", and those of " + plural(cost.num_unknown_macs, "node") + " of unknown shape";
  totals.add({"MACs", macs});
  totals.add({"parameters", format_count(cost.num_parameters) + ", " +
                                surgery::format_bytes(static_cast<uint64_t>(cost.parameter_bytes))});
  std::string results = bytes_text(cost.activation_bytes);
  if (cost.num_unknown_bytes > 0)
    results += ", and those of " + plural(cost.num_unknown_bytes, "node") + " of unknown size";
  totals.add({"results", results});
  totals.add({"peak memory", cost.peak == nullptr ? "depends on symbols: give them a size with --dim"
                                                  : bytes_text(cost.peak_bytes) + " at " + describe(*cost.peak) +
                                                        ", weights not counted"});
  return text + "\n" + totals.to_string();
}

Json to_json(const ModelCost& cost) {
  Json json{{"macs", to_json(cost.macs)},
            {"num_parameters", cost.num_parameters},
            {"parameter_bytes", cost.parameter_bytes},
            {"activation_bytes", to_json(cost.activation_bytes)},
            {"peak_bytes", to_json(cost.peak_bytes)},
            {"peak_node", cost.peak == nullptr ? Json() : Json(cost.peak->name())},
            {"num_unknown_macs", cost.num_unknown_macs},
            {"num_unknown_bytes", cost.num_unknown_bytes},
            {"nodes", Json::array()}};
  for (const NodeCost& node : cost.nodes) {
    json["nodes"].push_back({{"name", node.node->name()},
                             {"op_type", node.node->op_type()},
                             {"macs", to_json(node.macs)},
                             {"num_parameters", node.num_parameters},
                             {"parameter_bytes", node.parameter_bytes},
                             {"activation_bytes", to_json(node.activation_bytes)},
                             {"live_bytes", to_json(node.live_bytes)}});
  }
  return json;
}

}  // namespace app
