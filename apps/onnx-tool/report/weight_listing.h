#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/json.h"
#include "surgery/model.h"
#include "surgery/statistics.h"

namespace app {

/// A stored tensor and what its elements are like.
struct ListedWeight {
  std::string name;
  surgery::Tensor tensor;
  std::optional<surgery::TensorStatistics> statistics;  ///< nothing for strings and complex numbers
};

/// The initializers, subgraphs and functions included, whose name matches `glob` (empty: all), in the order of the
/// file. Reads them. Throws Error(kUsage) when none matches.
std::vector<ListedWeight> list_weights(const surgery::Model& model, std::string_view glob);

/// The same for tensors from a data file.
std::vector<ListedWeight> list_tensors(const std::vector<std::pair<std::string, surgery::Tensor>>& tensors);

std::string to_text(const std::vector<ListedWeight>& weights);
Json to_json(const std::vector<ListedWeight>& weights);

/// Of any tensor: {"min", "max", "mean", "std", "num_zeros", "num_nan", "num_inf", "histogram"}.
Json to_json(const surgery::TensorStatistics& statistics, surgery::DataType type);

/// Eight characters, the higher the more elements: "▁▂▅█▆▂▁▁".
std::string histogram_text(const surgery::TensorStatistics& statistics);

}  // namespace app
