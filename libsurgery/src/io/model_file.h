#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "io/mapped_file.h"

namespace surgery {

/// The bytes that a model was read from, and what its tensors need of the files around it. Shared by the model and by
/// every tensor that views it, so that a tensor outlives its model.
class ModelFile {
 public:
  /// Maps the file. Throws Error(kRead) as MappedFile does.
  explicit ModelFile(const std::filesystem::path& path);
  /// Views `bytes`, which must outlive this object; `path` says where external data is looked up.
  ModelFile(std::string_view bytes, std::filesystem::path path) : path_(std::move(path)), bytes_(bytes) {}
  /// Owns the model that the text at `path` stands for.
  static std::shared_ptr<ModelFile> of_text(std::string encoded, std::filesystem::path path) {
    auto file = std::make_shared<ModelFile>(std::string_view(), std::move(path));
    file->bytes_ = file->keep(std::move(encoded));
    return file;
  }

  const std::filesystem::path& path() const { return path_; }
  std::string_view bytes() const { return bytes_; }
  /// The open file that bytes() maps, or -1; byte n of it is bytes()[n].
  int descriptor() const { return mapping_ != nullptr ? mapping_->descriptor() : -1; }

  /// Stores bytes that views into the model need and the file does not have in one piece.
  std::string_view keep(std::string bytes) { return kept_.emplace_back(std::move(bytes)); }

  /// Says that a large payload in the file is not about to be used. Looking at the few bytes around it may have mapped
  /// megabytes of it (kernels from 6.18 on map whole folios at a time), which would count as memory in use.
  void release(std::string_view payload) const;

  /// The external data file that a tensor's `location` names, mapped on first use. Thread-safe.
  /// Throws Error(kRead) when the location is not allowed (see external_data.h) or the file cannot be mapped.
  std::shared_ptr<const MappedFile> data_file(std::string_view location) const;

 private:
  std::filesystem::path path_;
  std::unique_ptr<const MappedFile> mapping_;
  std::string_view bytes_;
  std::deque<std::string> kept_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<const MappedFile>, std::less<>> data_files_;  // by location
};

}  // namespace surgery
