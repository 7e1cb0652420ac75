#include "io/atomic_file.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "io_support.h"

namespace surgery {
namespace {

int fail_with_io_error() {
  errno = EIO;
  return -1;
}

FileCalls calls_with(void (*change)(FileCalls&)) {
  FileCalls calls = system_file_calls();
  change(calls);
  return calls;
}

/// One thing that goes wrong while a file is written.
struct Fault {
  std::string_view name;
  void (*inject)(FileCalls&);
  std::string_view reason;
};

constexpr Fault kFaults[] = {
    {"write fails",
     [](FileCalls& calls) { calls.write = [](int, const void*, size_t) -> ssize_t { return fail_with_io_error(); }; },
     "input/output error"},
    {"disk full",
     [](FileCalls& calls) {
       calls.write = [](int, const void*, size_t) -> ssize_t {
         errno = ENOSPC;
         return -1;
       };
     },
     "no space left on device"},
    {"write makes no progress",
     [](FileCalls& calls) { calls.write = [](int, const void*, size_t) -> ssize_t { return 0; }; },
     "no space left on device"},
    {"fsync fails", [](FileCalls& calls) { calls.fsync = [](int) { return fail_with_io_error(); }; },
     "input/output error"},
    {"close fails",
     [](FileCalls& calls) {
       calls.close = [](int file) {
         ::close(file);
         return fail_with_io_error();
       };
     },
     "input/output error"},
    {"rename fails",
     [](FileCalls& calls) { calls.rename = [](const char*, const char*) { return fail_with_io_error(); }; },
     "input/output error"},
};

void write_with(const std::filesystem::path& path, std::string_view bytes, const FileCalls& calls) {
  AtomicFile file(path, true, calls);
  file.write(bytes);
  file.commit();
}

TEST_CASE("a new file has its bytes and the mode that the process gives to new files") {
  const TempFolder folder;
  const mode_t mask = ::umask(027);
  write_file_atomically(folder / "f", "hello");
  ::umask(mask);
  CHECK(read_file(folder / "f") == "hello");
  struct stat status {};
  REQUIRE(::stat((folder / "f").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
  CHECK(folder.num_files() == 1);
}

TEST_CASE("a file that replaces another keeps its mode") {
  const TempFolder folder;
  write_file(folder / "f", "old");
  ::chmod((folder / "f").c_str(), 0754);
  write_file_atomically(folder / "f", "new");
  CHECK(read_file(folder / "f") == "new");
  struct stat status {};
  REQUIRE(::stat((folder / "f").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0754);
}

TEST_CASE("a file that is not committed leaves no trace") {
  const TempFolder folder;
  write_file(folder / "f", "old");
  {
    AtomicFile file(folder / "f");
    file.write(std::string(1 << 20, 'x'));
  }
  CHECK(read_file(folder / "f") == "old");
  CHECK(folder.num_files() == 1);
}

TEST_CASE("whatever fails, the old file stays as it was and nothing is left behind") {
  for (const Fault& fault : kFaults) {
    CAPTURE(fault.name);
    const TempFolder folder;
    write_file(folder / "f", "old");
    const FileCalls calls = calls_with(fault.inject);
    CHECK(error_of([&] { write_with(folder / "f", "new", calls); }) ==
          "cannot write '" + (folder / "f").native() + "': " + std::string(fault.reason));
    CHECK(read_file(folder / "f") == "old");
    CHECK(folder.num_files() == 1);
  }
}

TEST_CASE("a kill between the writing and the rename leaves the old file as it was") {
  const TempFolder folder;
  write_file(folder / "f", "old");
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    FileCalls calls = system_file_calls();
    calls.rename = [](const char* /*from*/, const char* /*to*/) {
      ::raise(SIGKILL);
      return 0;
    };
    write_with(folder / "f", std::string(100000, 'x'), calls);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(read_file(folder / "f") == "old");
  // What was written so far stays under its hidden name, and the next write goes through beside it.
  CHECK(folder.num_files() == 2);
  write_file_atomically(folder / "f", "new");
  CHECK(read_file(folder / "f") == "new");
}

TEST_CASE("short writes and interrupted ones are continued") {
  const TempFolder folder;
  FileCalls calls = system_file_calls();
  calls.write = [](int file, const void* data, size_t size) -> ssize_t {
    static int turn = 0;
    if (++turn % 3 == 0) {
      errno = EINTR;
      return -1;
    }
    return ::write(file, data, std::min<size_t>(size, 1000));
  };
  std::string text(300000, 'x');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i % 251);
  write_with(folder / "f", text, calls);
  CHECK(read_file(folder / "f") == text);
}

TEST_CASE("a copy from another file falls back to writing where the system cannot copy") {
  const TempFolder folder;
  std::string text(200000, 'x');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i % 253);
  write_file(folder / "source", text);
  std::FILE* const source = std::fopen((folder / "source").c_str(), "rb");
  REQUIRE(source != nullptr);
  FileCalls unsupported = system_file_calls();
  unsupported.copy_file_range = [](int, off64_t*, int, off64_t*, size_t, unsigned) -> ssize_t {
    errno = EXDEV;
    return -1;
  };
  FileCalls halting = system_file_calls();
  halting.copy_file_range = [](int from, off64_t* at, int to, off64_t* to_at, size_t size, unsigned flags) -> ssize_t {
    if (*at > 100000) {
      errno = EXDEV;
      return -1;
    }
    return ::copy_file_range(from, at, to, to_at, std::min<size_t>(size, 70000), flags);
  };
  for (const FileCalls* calls :
       {&system_file_calls(), static_cast<const FileCalls*>(&unsupported), static_cast<const FileCalls*>(&halting)}) {
    AtomicFile file(folder / "f", false, *calls);
    file.write("head ");
    file.copy(::fileno(source), 1000, std::string_view(text).substr(1000, 150000));
    file.write(" tail");
    file.commit();
    CHECK(read_file(folder / "f") == "head " + text.substr(1000, 150000) + " tail");
  }
  std::fclose(source);
}

TEST_CASE("a file over the size limit of the process is refused and the old one stays") {
  const TempFolder folder;
  write_file(folder / "f", "old");
  struct rlimit old {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = old;
  small.rlim_cur = 4096;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const std::string error = error_of([&] { write_file_atomically(folder / "f", std::string(100000, 'x')); });
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(error == "cannot write '" + (folder / "f").native() + "': file too large");
  CHECK(read_file(folder / "f") == "old");
  CHECK(folder.num_files() == 1);
}

TEST_CASE("a full disk is told, and a device is written to in place") {
  CHECK(error_of([] { write_file_atomically("/dev/full", "x"); }) ==
        "cannot write '/dev/full': no space left on device");
  CHECK_NOTHROW(write_file_atomically("/dev/null", "x"));
  CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("targets that are no files are refused") {
  const TempFolder folder;
  CHECK(error_of([&] { write_file_atomically(folder.path(), "x"); }) ==
        "cannot write '" + folder.path().native() + "': is a directory");
  CHECK(error_of([&] { write_file_atomically(folder / "none/f", "x"); }) ==
        "cannot write '" + (folder / "none/f").native() + "': no such file or directory");
  CHECK(error_of([&] { write_file_atomically("", "x"); }) == "cannot write '': no such file or directory");
}

TEST_CASE("a symbolic link is followed, not replaced") {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "d");
  write_file(folder / "d/real", "old");
  std::filesystem::create_symlink("d/real", folder / "link");
  write_file_atomically(folder / "link", "new");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(read_file(folder / "d/real") == "new");
}

TEST_CASE("a folder or file that may not be written to is refused") {
  if (::geteuid() == 0) return;  // root may write everywhere
  const TempFolder folder;
  write_file(folder / "f", "old");
  std::filesystem::permissions(folder / "f", std::filesystem::perms::owner_read);
  CHECK(error_of([&] { write_file_atomically(folder / "f", "x"); }) ==
        "cannot write '" + (folder / "f").native() + "': permission denied");
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  CHECK(error_of([&] { write_file_atomically(folder / "g", "x"); }) ==
        "cannot write '" + (folder / "g").native() + "': permission denied");
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace surgery
