#include "analysis/compare_weights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "analysis/element_blocks.h"

namespace surgery::analysis {
namespace {

std::vector<const Value*> weights_of(const Model& model) {
  std::vector<const Value*> weights;
  const auto collect = [&](const Graph& graph) {
    weights.insert(weights.end(), graph.initializers().begin(), graph.initializers().end());
  };
  for_each_graph(model.graph(), collect);
  for (const Function& function : model.functions()) for_each_graph(std::as_const(*function.body), collect);
  return weights;
}

/// Of type, dims and elements, eight bytes at a time.
uint64_t content_hash(const Tensor& tensor) {
  uint64_t hash = static_cast<uint64_t>(tensor.type());
  const auto mix = [&](uint64_t number) {
    hash = (hash ^ number) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 32U;
  };
  for (const int64_t dim : tensor.dims()) mix(static_cast<uint64_t>(dim));
  if (tensor.type() == DataType::kString) {
    for (const std::string& text : tensor.strings()) mix(std::hash<std::string>{}(text));
    return hash;
  }
  const std::span<const std::byte> bytes = tensor.bytes();
  size_t i = 0;
  for (; i + sizeof(uint64_t) <= bytes.size(); i += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    mix(word);
  }
  for (; i < bytes.size(); ++i) mix(std::to_integer<uint64_t>(bytes[i]));
  return hash;
}

template <typename Number>
void compare_elements(const Tensor& a, const Tensor& b, WeightDifference& difference) {
  std::array<Number, kBlock> left;   // NOLINT(cppcoreguidelines-pro-type-member-init): read_block() fills it
  std::array<Number, kBlock> right;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  double most = 0;
  for (int64_t first = 0; first < a.num_elements(); first += kBlock) {
    const int64_t count = std::min(kBlock, a.num_elements() - first);
    read_block(a.type(), a.bytes(), first, count, left.data());
    read_block(b.type(), b.bytes(), first, count, right.data());
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      const bool are_nan = std::isnan(left[i]) && std::isnan(right[i]);
      if (left[i] == right[i] || are_nan) continue;
      ++difference.num_different;
      const double distance = std::fabs(static_cast<double>(left[i]) - static_cast<double>(right[i]));
      most = std::isnan(distance) || std::isnan(most) ? std::numeric_limits<double>::quiet_NaN()
                                                      : std::max(most, distance);
    }
  }
  difference.max_abs = most;
}

WeightDifference difference_of(const Value& a, const Value& b) {
  WeightDifference difference{&a, &b};
  const Tensor& left = *a.initializer();
  const Tensor& right = *b.initializer();
  if (left.type() != right.type() || left.dims() != right.dims() || !has_numbers(left.type())) return difference;
  if (needs_double(left.type())) {
    compare_elements<double>(left, right, difference);
  } else {
    compare_elements<float>(left, right, difference);
  }
  return difference;
}

}  // namespace

void compare_weights(const Model& a, const Model& b, ModelDiff& diff) {
  std::unordered_multimap<std::string_view, const Value*> by_name;
  for (const Value* value : weights_of(b)) by_name.emplace(value->name(), value);
  std::vector<const Value*> only_a;
  for (const Value* value : weights_of(a)) {
    const auto found = by_name.find(value->name());
    if (found == by_name.end()) {
      only_a.push_back(value);
      continue;
    }
    const Value& other = *found->second;
    by_name.erase(found);
    if (identical(*value->initializer(), *other.initializer())) {
      ++diff.num_equal_weights;
    } else {
      diff.weights.push_back(difference_of(*value, other));
    }
  }
  std::unordered_multimap<uint64_t, const Value*> by_content;
  std::unordered_set<const Value*> left;
  for (const auto& [name, value] : by_name) {
    left.insert(value);
    if (!only_a.empty()) by_content.emplace(content_hash(*value->initializer()), value);
  }
  for (const Value* value : only_a) {
    const auto [first, last] = by_content.empty() ? std::pair(by_content.end(), by_content.end())
                                                  : by_content.equal_range(content_hash(*value->initializer()));
    const auto found = std::find_if(
        first, last, [&](const auto& entry) { return identical(*entry.second->initializer(), *value->initializer()); });
    diff.weights.push_back({value, found == last ? nullptr : found->second});
    if (found == last) continue;
    left.erase(found->second);
    by_content.erase(found);
  }
  for (const Value* value : weights_of(b)) {
    if (left.contains(value)) diff.weights.push_back({nullptr, value});
  }
}

}  // namespace surgery::analysis
