#include "report/weight_listing.h"

#include <algorithm>
#include <array>

#include "report/print.h"
#include "report/table.h"
#include "report/tensor_text.h"
#include "surgery/error.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Graph;
using surgery::Tensor;
using surgery::TensorStatistics;
using surgery::Value;

constexpr size_t kNameWidth = 60;

void fill_statistics(std::vector<ListedWeight>& weights) {
  std::vector<const Tensor*> tensors;
  tensors.reserve(weights.size());
  for (const ListedWeight& weight : weights) tensors.push_back(&weight.tensor);
  std::vector<std::optional<TensorStatistics>> statistics = surgery::statistics_of(tensors);
  for (size_t i = 0; i < weights.size(); ++i) weights[i].statistics = statistics[i];
}

/// "12,345 NaN, 3 Inf"
std::string oddities_text(const TensorStatistics& statistics) {
  std::vector<std::string> parts;
  if (statistics.num_nan > 0) parts.push_back(format_count(statistics.num_nan) + " NaN");
  if (statistics.num_inf > 0) parts.push_back(format_count(statistics.num_inf) + " Inf");
  return join(parts, ", ");
}

}  // namespace

std::vector<ListedWeight> list_weights(const surgery::Model& model, std::string_view glob) {
  std::vector<ListedWeight> weights;
  const auto collect = [&](const Graph& graph) {
    for (const Value* value : graph.initializers()) {
      if (!glob.empty() && !surgery::matches_glob(glob, value->name())) continue;
      weights.push_back({value->name(), *value->initializer(), std::nullopt});
    }
  };
  surgery::for_each_graph(model.graph(), collect);
  for (const surgery::Function& function : model.functions()) {
    surgery::for_each_graph(std::as_const(*function.body), collect);
  }
  if (weights.empty() && !glob.empty()) {
    throw surgery::Error(surgery::ErrorCode::kUsage, "no weight matches " + surgery::quote(glob));
  }
  fill_statistics(weights);
  return weights;
}

std::vector<ListedWeight> list_tensors(const std::vector<std::pair<std::string, Tensor>>& tensors) {
  std::vector<ListedWeight> listed;
  listed.reserve(tensors.size());
  for (const auto& [name, tensor] : tensors) listed.push_back({name, tensor, std::nullopt});
  fill_statistics(listed);
  return listed;
}

std::string histogram_text(const TensorStatistics& statistics) {
  constexpr std::array<std::string_view, 9> kBars{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const int64_t most = *std::max_element(statistics.histogram.begin(), statistics.histogram.end());
  std::string text;
  for (const int64_t count : statistics.histogram) {
    // Rounded up: what is there at all is seen.
    const double share = most > 0 ? static_cast<double>(count) / static_cast<double>(most) * 8 : 0;
    text += kBars[static_cast<size_t>(std::min(8.0, share + (count > 0 ? 0.9999 : 0)))];
  }
  return text;
}

std::string to_text(const std::vector<ListedWeight>& weights) {
  using enum Table::Align;
  Table table({kLeft, kLeft, kRight, kRight, kRight, kRight, kRight, kLeft, kLeft},
              {"weight", "type", "min", "max", "mean", "std", "zeros", "histogram", ""});
  for (const ListedWeight& weight : weights) {
    std::vector<std::string> cells{shorten(surgery::escape(weight.name, 120), kNameWidth), type_text(weight.tensor)};
    if (weight.statistics && weight.statistics->num_finite() > 0) {
      const TensorStatistics& all = *weight.statistics;
      for (const double number : {all.min, all.max, all.mean, all.stddev}) cells.push_back(format_small(number));
      cells.push_back(format_count(all.num_zeros));
      cells.push_back(histogram_text(all));
      cells.push_back(oddities_text(all));
    } else {
      cells.insert(cells.end(), 6, "");
      cells.push_back(weight.statistics ? oddities_text(*weight.statistics) : "");
    }
    table.add(std::move(cells));
  }
  return table.to_string();
}

Json to_json(const TensorStatistics& statistics, surgery::DataType type) {
  Json json;
  const bool any = statistics.num_finite() > 0;
  json["min"] = any ? element_json(statistics.min, type) : Json();
  json["max"] = any ? element_json(statistics.max, type) : Json();
  json["mean"] = any ? Json(statistics.mean) : Json();
  json["std"] = any ? Json(statistics.stddev) : Json();
  json["num_zeros"] = statistics.num_zeros;
  json["num_nan"] = statistics.num_nan;
  json["num_inf"] = statistics.num_inf;
  json["histogram"] = statistics.histogram;
  return json;
}

Json to_json(const std::vector<ListedWeight>& weights) {
  Json array = Json::array();
  for (const ListedWeight& weight : weights) {
    const Tensor& tensor = weight.tensor;
    Json json{{"name", weight.name},
              {"type", surgery::to_string(tensor.type())},
              {"shape", tensor.dims()},
              {"size_bytes", surgery::packed_size_bytes(tensor.type(), tensor.num_elements()).value_or(0)}};
    if (weight.statistics) json.update(to_json(*weight.statistics, tensor.type()));
    array.push_back(std::move(json));
  }
  return array;
}

}  // namespace app
