#include "io/mapped_file.h"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <functional>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "surgery/error.h"

namespace surgery {
namespace {

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorCode::kRead, what); }

}  // namespace

std::string describe_errno(int error_number) {
  std::string text = std::generic_category().message(error_number);
  // "No such file or directory", but "RPC ..." stays.
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0) {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  return text;
}

MappedFile::MappedFile(const std::filesystem::path& path, Descriptor descriptor) {
  if (path.native().find('\0') != std::string::npos) fail("the path has a NUL character");
  // O_NONBLOCK: opening a FIFO that nobody writes to must not wait.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) fail(errno == ENOENT ? "no such file" : describe_errno(errno));
  struct stat status {};
  const auto refuse = [&](const std::string& what) {
    ::close(file);
    fail(what);
  };
  if (::fstat(file, &status) != 0) refuse(describe_errno(errno));
  if (S_ISDIR(status.st_mode)) refuse("is a directory");
  if (!S_ISREG(status.st_mode)) refuse("not a regular file (a pipe or a device?)");
  if (status.st_size == 0) refuse("empty file");
  void* const data = ::mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, file, 0);
  if (data == MAP_FAILED) refuse("cannot be mapped: " + describe_errno(errno));
  data_ = static_cast<const char*>(data);
  size_ = static_cast<size_t>(status.st_size);
  has_several_links_ = status.st_nlink > 1;
  if (descriptor == Descriptor::kKeep) {
    descriptor_ = file;
  } else {
    ::close(file);
  }
}

void MappedFile::release(std::string_view part) const {
  constexpr size_t kMinBytes = 64 * 1024;  // what the kernel maps around a fault; less is not worth a call
  if (part.size() < kMinBytes) return;
  const std::less_equal<> not_after;
  if (!not_after(data_, part.data()) || !not_after(part.data() + part.size(), data_ + size_)) return;
  static const auto kPage = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<uintptr_t>(part.data());
  const uintptr_t first = (address + kPage - 1) / kPage * kPage;
  const uintptr_t last = (address + part.size()) / kPage * kPage;
  if (first >= last) return;
  ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);  // NOLINT(performance-no-int-to-ptr)
}

MappedFile::~MappedFile() {
  ::munmap(const_cast<char*>(data_), size_);  // NOLINT(cppcoreguidelines-pro-type-const-cast): munmap's signature
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace surgery
