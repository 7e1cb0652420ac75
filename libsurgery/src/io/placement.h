#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "surgery/io.h"
#include "surgery/model.h"

namespace surgery {

/// Where the elements of a tensor go when that is another place than the one they come from.
struct Placement {
  bool is_inline = false;  ///< into the model itself; otherwise external, by the following
  std::string location{};
  int64_t offset = 0;
  int64_t length = 0;
};

/// By storage, which several tensors may share. Tensors that are not in here stay as they are.
using Placements = std::unordered_map<const TensorStorage*, Placement>;

/// One data file to write beside a model: tensors at their offsets, zeros between them.
struct DataFile {
  struct Part {
    int64_t offset;
    std::shared_ptr<const TensorStorage> storage;
  };
  std::string location{};
  std::vector<Part> parts{};
  int64_t size_bytes = 0;
};

/// Calls `visit(tensor)` for each tensor of the model: initializers and attributes, of subgraphs and functions too.
void for_each_tensor(const Model& model, const std::function<void(const Tensor&)>& visit);

/// Where everything goes that does not stay where it is.
struct PlacementPlan {
  Placements placements{};
  DataFile data{};
};

/// What must be placed anew when the model is written to `output` as `options` ask (see WeightPlace). Throws
/// Error(kRead) when a data file is missing, Error(kUsage) when the options cannot be met.
PlacementPlan place_for_output(const Model& model, const std::filesystem::path& output, const SaveOptions& options,
                               std::vector<std::string>& notes);

/// Moves every initializer of at least 1 KiB that lies in the model itself (after `plan`) to the plan's data file.
void move_to_data_file(const Model& model, PlacementPlan& plan);

}  // namespace surgery
