#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace exec {

/// The bytes of a regular file. Throws Error(kRead) naming the path.
std::vector<uint8_t> read_file_bytes(const std::filesystem::path& path);

}  // namespace exec
