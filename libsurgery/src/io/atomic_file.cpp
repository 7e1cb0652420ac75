#include "io/atomic_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <random>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/mapped_file.h"
#include "io/unfinished_files.h"
#include "surgery/error.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace surgery {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBufferBytes = 256 * 1024;
constexpr size_t kMaxCopyBytes = size_t{1} << 30;  // one call moves at most about 2 GiB

int open_retrying(const char* path, int flags, mode_t mode) {
  int file = -1;
  do {
    file = ::open(path, flags, mode);  // NOLINT(cppcoreguidelines-pro-type-vararg)
  } while (file < 0 && errno == EINTR);
  return file;
}

/// A hidden name in the target's folder that no other process picks.
std::string temporary_name(const fs::path& target) {
  constexpr size_t kMaxStem = 200;  // names end at 255 bytes
  static std::random_device device;
  std::array<char, 32> suffix{};
  std::snprintf(suffix.data(), suffix.size(), ".%d-%08x.tmp", static_cast<int>(::getpid()), device());
  return target.parent_path() / ("." + target.filename().native().substr(0, kMaxStem) + suffix.data());
}

bool is_copy_unsupported(int error_number) {
  switch (error_number) {
    case EXDEV:
    case EINVAL:
    case ENOSYS:
    case EOPNOTSUPP:
    case EBADF:
    case EPERM:
      return true;
    default:
      return false;
  }
}

}  // namespace

const FileCalls& system_file_calls() {
  static constexpr FileCalls kCalls{&::write, &::copy_file_range, &::fsync, &::close, &::rename};
  return kCalls;
}

AtomicFile::AtomicFile(const fs::path& path, bool fsync, const FileCalls& calls)
    : label_(quote(path.native())), calls_(calls), fsync_(fsync) {
  if (path.empty() || path.native().find('\0') != std::string::npos) fail(ENOENT);
  target_ = path;
  std::error_code error;
  if (fs::is_symlink(path, error)) target_ = fs::weakly_canonical(path, error);
  if (error && error.value() != ENOENT) fail(error.value());
  struct stat status {};
  const bool exists = ::stat(target_.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) fail(EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    is_direct_ = true;
    file_ = open_retrying(target_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY, 0);
    if (file_ < 0) fail(errno);
    return;
  }
  // A file that may not be written to is not replaced either, although the folder would allow it.
  if (exists && ::access(target_.c_str(), W_OK) != 0) fail(errno);
  open_temporary(target_);
  if (exists) {
    fsync_ = true;
    if (::fchmod(file_, status.st_mode & 07777) != 0) fail(errno);
  }
}

void AtomicFile::open_temporary(const fs::path& target) {
  constexpr int kAttempts = 16;
  for (int attempt = 0; file_ < 0; ++attempt) {
    temporary_ = temporary_name(target);
    file_ = open_retrying(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_ >= 0) break;
    const int error_number = errno;
    temporary_.clear();
    if (error_number != EEXIST || attempt == kAttempts) fail(error_number);
  }
  slot_ = register_unfinished_file(temporary_);
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  forget_unfinished_file(slot_);
}

void AtomicFile::fail(int error_number) const {
  throw Error(ErrorCode::kWrite, "cannot write " + label_ + ": " + describe_errno(error_number));
}

void AtomicFile::write(std::string_view bytes) {
  if (bytes.size() >= kBufferBytes) {
    flush();
    write_through(bytes);
    return;
  }
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  buffer_ += bytes;
}

void AtomicFile::flush() {
  write_through(buffer_);
  buffer_.clear();
}

void AtomicFile::write_through(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = calls_.write(file_, bytes.data(), std::min(bytes.size(), kMaxCopyBytes));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    if (written == 0) fail(ENOSPC);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

void AtomicFile::copy(int from, int64_t offset, std::string_view bytes) {
  flush();
  off64_t at = offset;
  while (!bytes.empty()) {
    const ssize_t copied = calls_.copy_file_range(from, &at, file_, nullptr, std::min(bytes.size(), kMaxCopyBytes), 0);
    if (copied < 0 && errno == EINTR) continue;
    if (copied < 0 && !is_copy_unsupported(errno)) fail(errno);
    if (copied <= 0) break;
    bytes.remove_prefix(static_cast<size_t>(copied));
  }
  if (bytes.empty()) return;
  struct stat status {};
  if (::fstat(from, &status) == 0 && status.st_size < at + static_cast<int64_t>(bytes.size())) {
    throw Error(ErrorCode::kRead, "the input became shorter while it was copied to " + label_);
  }
  write_through(bytes);
}

void AtomicFile::commit() {
  flush();
  if (fsync_ && !is_direct_ && calls_.fsync(file_) != 0) fail(errno);
  const int file = file_;
  file_ = -1;
  if (calls_.close(file) != 0) fail(errno);
  if (is_direct_) return;
  if (calls_.rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
  temporary_.clear();
  forget_unfinished_file(slot_);
  slot_ = -1;
  if (fsync_) sync_folder();
}

void AtomicFile::sync_folder() const {
  const fs::path folder = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  const int file = open_retrying(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (file < 0) return;  // a folder that may be written to but not read: its owner's choice
  const int result = calls_.fsync(file);
  const int error_number = errno;
  ::close(file);
  // EINVAL, EROFS: a file system that has no such thing.
  if (result != 0 && error_number != EINVAL && error_number != EROFS) fail(error_number);
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace surgery
