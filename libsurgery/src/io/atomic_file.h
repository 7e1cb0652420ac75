#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace surgery {

/// The system calls that writing depends on, so that tests can let each of them fail.
struct FileCalls {
  ssize_t (*write)(int file, const void* data, size_t size);
  ssize_t (*copy_file_range)(int from, off64_t* offset, int to, off64_t* to_offset, size_t size, unsigned flags);
  int (*fsync)(int file);
  int (*close)(int file);
  int (*rename)(const char* from, const char* to);
};
const FileCalls& system_file_calls();

/// A file that appears under its name whole or not at all. It is written under a hidden name in the same folder and
/// renamed by commit(); what stood under the name before is untouched until then, and keeps its mode. A symbolic link
/// is followed; a device or pipe is written to directly. Everything throws Error(kWrite): "cannot write 'x': ...".
class AtomicFile {
 public:
  /// Waits for the disk where `fsync`, and always where an existing file is replaced.
  explicit AtomicFile(const std::filesystem::path& path, bool fsync = false,
                      const FileCalls& calls = system_file_calls());
  /// Removes what was not committed.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  /// Appends `bytes`, which are those of the open file `from` at `offset`, without taking them through this process
  /// where the system can do that.
  void copy(int from, int64_t offset, std::string_view bytes);
  void commit();

 private:
  [[noreturn]] void fail(int error_number) const;
  void open_temporary(const std::filesystem::path& target);
  void flush();
  void write_through(std::string_view bytes);
  void sync_folder() const;

  std::string label_;  // the path as the caller gave it
  const FileCalls& calls_;
  bool fsync_;
  bool is_direct_ = false;  // a device or pipe
  std::filesystem::path target_;
  std::string temporary_;  // empty once renamed
  int slot_ = -1;          // in the register of unfinished files
  int file_ = -1;
  std::string buffer_;
};

}  // namespace surgery
