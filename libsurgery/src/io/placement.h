#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

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

/// What must be placed anew for the external tensors of a model that is written to `output`: nothing when it stays in
/// its folder; another location where the data file lies inside the new folder; otherwise the tensor moves into the
/// model. Throws Error(kRead) when a data file is missing.
Placements place_for_output(const Model& model, const std::filesystem::path& output, std::vector<std::string>& notes);

/// Moves every initializer of at least 1 KiB that lies in the model itself (after `placements`) to one data file beside
/// `output`.
DataFile move_to_data_file(const Model& model, const std::filesystem::path& output, Placements& placements);

}  // namespace surgery
