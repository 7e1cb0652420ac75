#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

namespace surgery {

/// A regular file mapped for reading. The mapping outlives changes of the name: a file that is replaced stays readable
/// here, one that is cut short raises SIGBUS (see install_mapping_fault_handler()).
class MappedFile {
 public:
  enum class Descriptor { kClose, kKeep };

  /// Throws Error(kRead), its message without the path: "no such file", "is a directory", "not a regular file",
  /// "empty file", ... `kKeep` leaves the file open for copy_file_range().
  explicit MappedFile(const std::filesystem::path& path, Descriptor descriptor = Descriptor::kClose);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return {data_, size_}; }
  /// The open file, or -1.
  int descriptor() const { return descriptor_; }
  /// Says that `part` of bytes() is not about to be used, so that it does not count as memory in use.
  void release(std::string_view part) const;
  /// Further names of the same file; a data file with more than one may lie outside the model's folder too.
  bool has_several_links() const { return has_several_links_; }

 private:
  const char* data_ = nullptr;
  size_t size_ = 0;
  int descriptor_ = -1;
  bool has_several_links_ = false;
};

/// "No such file or directory" and the like, in lower case.
std::string describe_errno(int error_number);

}  // namespace surgery
