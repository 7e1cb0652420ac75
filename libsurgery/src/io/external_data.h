#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace surgery {

/// TensorProto.external_data, understood: where a tensor's elements lie in another file.
struct ExternalData {
  std::string_view location{};
  int64_t offset = 0;
  std::optional<int64_t> length{};  ///< absent: as much as the dims need
};

/// Reads the entries strictly: offset and length in decimal, no key twice, a location. Unknown keys are ignored.
/// Throws Error(kRead), its message to follow the tensor's name.
ExternalData parse_external_data(const std::vector<std::pair<std::string_view, std::string_view>>& entries);

/// Throws Error(kRead) when `location` is not one that the standard allows, whatever exists: empty, absolute, with
/// "..", a drive letter or a NUL, or the tag that one runtime takes for a memory address.
void require_allowed_location(std::string_view location);

/// The real path of the data file of the model at `model_path`. Throws Error(kRead) when the location is not allowed,
/// does not exist, or, after symbolic links, lies neither in the folder that holds the model's name nor in the one that
/// holds the real file (model caches link both from elsewhere).
std::filesystem::path resolve_location(const std::filesystem::path& model_path, std::string_view location);

}  // namespace surgery
