#ifdef HAVE_ONNX_PROTO

#include <filesystem>
#include <vector>

#include "../fuzz/targets.h"
#include "io_support.h"

namespace surgery {
namespace {

TEST_CASE("what fuzzing once found does no harm any more") {
  google::protobuf::SetLogHandler(nullptr);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(TESTDATA_DIR) + "/../tests/fuzz/found")) {
    files.push_back(entry.path());
  }
  CHECK_FALSE(files.empty());
  for (const std::filesystem::path& file : files) {
    CAPTURE(file.filename().native());
    const std::string bytes = read_file(file);
    for (auto* target : {&fuzz::reader, &fuzz::writer, &fuzz::text, &fuzz::checker, &fuzz::inference}) {
      CHECK_NOTHROW(target(bytes));
    }
  }
}

}  // namespace
}  // namespace surgery

#endif
