#include "io/mapped_file.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "io/atomic_file.h"
#include "io_support.h"

namespace surgery {
namespace {

std::string refusal(const std::filesystem::path& path) {
  return error_of([&] { const MappedFile file(path); });
}

TEST_CASE("a mapped file shows its bytes, and keeps them when the name goes") {
  const TempFolder folder;
  write_file(folder / "f", "hello");
  const MappedFile file(folder / "f");
  std::filesystem::remove(folder / "f");
  CHECK(file.bytes() == "hello");
  CHECK(file.descriptor() == -1);
  CHECK_FALSE(file.has_several_links());
}

TEST_CASE("the descriptor stays open on demand") {
  const TempFolder folder;
  write_file(folder / "f", "hello");
  std::filesystem::create_hard_link(folder / "f", folder / "g");
  const MappedFile file(folder / "f", MappedFile::Descriptor::kKeep);
  CHECK(file.descriptor() >= 0);
  CHECK(file.has_several_links());
}

TEST_CASE("what is no regular file with bytes in it is not mapped") {
  const TempFolder folder;
  CHECK(refusal(folder / "none") == "no such file");
  CHECK(refusal(folder.path()) == "is a directory");
  write_file(folder / "empty", "");
  CHECK(refusal(folder / "empty") == "empty file");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(refusal(folder / "pipe") == "not a regular file (a pipe or a device?)");
  CHECK(refusal("/dev/zero") == "not a regular file (a pipe or a device?)");
  CHECK(refusal(folder / "empty" / "below") == "not a directory");
  CHECK(refusal(std::string("a\0b", 3)) == "the path has a NUL character");
  if (::geteuid() != 0) {
    write_file(folder / "secret", "x");
    std::filesystem::permissions(folder / "secret", std::filesystem::perms::none);
    CHECK(refusal(folder / "secret") == "permission denied");
  }
}

TEST_CASE("a file that shrinks while it is mapped ends the process with code 3 and leaves no unfinished output") {
  const TempFolder folder;
  write_file(folder / "f", std::string(8192, 'x'));
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(STDERR_FILENO);
    install_mapping_fault_handler();
    const MappedFile file(folder / "f");
    AtomicFile out(folder / "out");
    out.write("unfinished");
    std::filesystem::resize_file(folder / "f", 0);
    const volatile char byte = file.bytes()[5000];
    ::_exit(byte == 'x' ? 100 : 101);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 3);
  CHECK(folder.num_files() == 1);
}

}  // namespace
}  // namespace surgery
