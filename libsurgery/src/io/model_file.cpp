#include "io/model_file.h"

#include "io/external_data.h"

namespace surgery {

ModelFile::ModelFile(const std::filesystem::path& path)
    : path_(path),
      mapping_(std::make_unique<const MappedFile>(path, MappedFile::Descriptor::kKeep)),
      bytes_(mapping_->bytes()) {}

void ModelFile::release(std::string_view payload) const {
  if (mapping_ != nullptr) mapping_->release(payload);
}

std::shared_ptr<const MappedFile> ModelFile::data_file(std::string_view location) const {
  const std::lock_guard lock(mutex_);
  auto found = data_files_.find(location);
  if (found == data_files_.end()) {
    auto file = std::make_shared<const MappedFile>(resolve_location(path_, location));
    found = data_files_.emplace(location, std::move(file)).first;
  }
  return found->second;
}

}  // namespace surgery
