#include "report/tensor_text.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/print.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Tensor;

constexpr size_t kTypeWidth = 120;
constexpr int64_t kRowsShown = 16;
constexpr int64_t kElementsShown = 16;
constexpr int64_t kElementsInJson = 4096;

struct Range {
  double min = 0;
  double max = 0;
  double mean = 0;
  int64_t num_nan = 0;
};

Range range_of(const std::vector<double>& values) {
  Range range;
  double sum = 0;
  bool first = true;
  for (const double value : values) {
    if (std::isnan(value)) {
      ++range.num_nan;
      continue;
    }
    range.min = first ? value : std::min(range.min, value);
    range.max = first ? value : std::max(range.max, value);
    sum += value;
    first = false;
  }
  const auto count = static_cast<double>(values.size()) - static_cast<double>(range.num_nan);
  range.mean = count > 0 ? sum / count : 0;
  return range;
}

std::string strings_text(const Tensor& tensor) {
  std::vector<std::string> parts;
  for (const std::string& text : tensor.strings()) {
    if (parts.size() == static_cast<size_t>(kElementsShown)) break;
    parts.push_back(surgery::quote(text));
  }
  return join(parts, ", ") + (tensor.num_elements() > kElementsShown ? ", ..." : "");
}

std::string ranking_text(const std::vector<Ranking>& rankings) {
  std::string text;
  for (size_t row = 0; row < rankings.size() && row < static_cast<size_t>(kRowsShown); ++row) {
    std::vector<std::string> classes;
    for (const RankedClass& each : rankings[row]) {
      classes.push_back("class " + std::to_string(each.index) + " (" + format_small(each.score) + ")");
    }
    text +=
        "  " + (rankings.size() > 1 ? "row " + std::to_string(row) + ": " : std::string()) + join(classes, ", ") + "\n";
  }
  if (rankings.size() > static_cast<size_t>(kRowsShown))
    text += "  ... " + plural(static_cast<int64_t>(rankings.size()), "row") + " in all\n";
  return text;
}

}  // namespace

std::vector<Ranking> rank_classes(const Tensor& scores, int64_t count) {
  const bool is_score = surgery::is_float(scores.type()) && (scores.rank() == 1 || scores.rank() == 2);
  if (!is_score || scores.num_elements() == 0 || count <= 0) return {};
  const auto values = scores.to_doubles();
  if (!values) return {};
  const int64_t classes = scores.dims().back();
  std::vector<Ranking> rankings;
  std::vector<int64_t> order(static_cast<size_t>(classes));
  for (auto row = values->begin(); row != values->end(); row += classes) {
    std::iota(order.begin(), order.end(), 0);
    const auto end = order.begin() + std::min(count, classes);
    // A NaN is worse than any number, so that the order is strict.
    const auto key = [&](int64_t i) { return std::isnan(row[i]) ? -HUGE_VAL : row[i]; };
    std::partial_sort(order.begin(), end, order.end(),
                      [&](int64_t a, int64_t b) { return key(a) != key(b) ? key(a) > key(b) : a < b; });
    Ranking ranking;
    for (auto it = order.begin(); it != end; ++it) ranking.push_back({*it, row[*it]});
    rankings.push_back(std::move(ranking));
  }
  return rankings;
}

std::string type_text(const Tensor& tensor) {
  return std::string(surgery::to_string(tensor.type())) +
         surgery::to_string(surgery::Shape(tensor.dims().begin(), tensor.dims().end()));
}

std::string type_text(const surgery::Type& type) {
  return shorten(surgery::escape(surgery::to_string(type), 400), kTypeWidth);
}

std::string elements_text(const Tensor& tensor) {
  if (tensor.num_elements() > kElementsShown) return "";
  if (tensor.type() == surgery::DataType::kString) return strings_text(tensor);
  std::vector<std::string> parts;
  for (const double value : tensor.to_doubles().value_or(std::vector<double>())) parts.push_back(format_small(value));
  return join(parts, ", ");
}

std::string tensor_text(const std::string& name, const Tensor& tensor, int64_t top) {
  std::string text = surgery::escape(name, 100) + "  " + type_text(tensor);
  if (tensor.type() == surgery::DataType::kString) return text + "\n  " + strings_text(tensor) + "\n";
  const auto values = tensor.to_doubles();
  if (!values || values->empty()) return text + "\n";
  const Range range = range_of(*values);
  text +=
      "  min " + format_small(range.min) + ", max " + format_small(range.max) + ", mean " + format_small(range.mean);
  if (range.num_nan > 0) text += ", " + format_count(range.num_nan) + " NaN";
  text += "\n";
  const std::vector<Ranking> rankings = rank_classes(tensor, top);
  if (!rankings.empty()) return text + ranking_text(rankings);
  return tensor.num_elements() <= kElementsShown ? text + "  " + elements_text(tensor) + "\n" : text;
}

Json element_json(double value, surgery::DataType type) {
  if (!surgery::is_integer(type) && type != surgery::DataType::kBool) return value;
  // 2^63 and 2^64 as doubles are what the largest integers are rounded to.
  if (value >= 0x1p64) return UINT64_MAX;
  if (value >= 0x1p63) return type == surgery::DataType::kInt64 ? Json(INT64_MAX) : Json(static_cast<uint64_t>(value));
  return static_cast<int64_t>(value);
}

Json tensor_json(const std::string& name, const Tensor& tensor, int64_t top) {
  Json json{{"name", name}, {"type", surgery::to_string(tensor.type())}, {"shape", tensor.dims()}};
  if (tensor.type() == surgery::DataType::kString) {
    if (tensor.num_elements() <= kElementsInJson) {
      json["values"] = std::vector<std::string>(tensor.strings().begin(), tensor.strings().end());
    }
    return json;
  }
  const auto values = tensor.to_doubles();
  if (!values) return json;
  const Range range = range_of(*values);
  json["min"] = element_json(range.min, tensor.type());
  json["max"] = element_json(range.max, tensor.type());
  json["mean"] = range.mean;
  json["num_nan"] = range.num_nan;
  const bool shows_values = tensor.num_elements() <= kElementsInJson;
  // What int64 holds beyond 2^53 is no double.
  const auto integers = tensor.type() == surgery::DataType::kInt64 ? tensor.to_int64s(INT64_MAX) : std::nullopt;
  if (integers) {
    if (!integers->empty()) {
      json["min"] = *std::min_element(integers->begin(), integers->end());
      json["max"] = *std::max_element(integers->begin(), integers->end());
    }
    if (shows_values) json["values"] = *integers;
  } else if (shows_values) {
    json["values"] = Json::array();
    for (const double value : *values) json["values"].push_back(element_json(value, tensor.type()));
  }
  Json rows = Json::array();
  for (const Ranking& ranking : rank_classes(tensor, top)) {
    Json row = Json::array();
    for (const RankedClass& each : ranking) row.push_back({{"class", each.index}, {"score", each.score}});
    rows.push_back(std::move(row));
  }
  if (!rows.empty()) json["top"] = std::move(rows);
  return json;
}

}  // namespace app
