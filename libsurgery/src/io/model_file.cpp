#include "io/model_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <functional>

#include "io/external_data.h"

namespace surgery {

ModelFile::ModelFile(const std::filesystem::path& path)
    : path_(path),
      mapping_(std::make_unique<const MappedFile>(path, MappedFile::Descriptor::kKeep)),
      bytes_(mapping_->bytes()) {}

void ModelFile::release(std::string_view payload) const {
  constexpr size_t kMinBytes = 1024 * 1024;
  if (mapping_ == nullptr || payload.size() < kMinBytes) return;
  const std::less_equal<> not_after;
  if (!not_after(bytes_.data(), payload.data()) ||
      !not_after(payload.data() + payload.size(), bytes_.data() + bytes_.size())) {
    return;  // kept beside the file
  }
  static const auto kPage = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<uintptr_t>(payload.data());
  const uintptr_t first = (address + kPage - 1) / kPage * kPage;
  const uintptr_t last = (address + payload.size()) / kPage * kPage;
  ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);  // NOLINT(performance-no-int-to-ptr)
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
