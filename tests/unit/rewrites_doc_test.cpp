#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "surgery/rewrite.h"

namespace {

TEST_CASE("docs/rewrites.md describes every rewrite, in their order (scripts/generate_rewrites_doc.py writes it)") {
  std::ifstream file(TESTDATA_DIR "/../docs/rewrites.md");
  REQUIRE(file.is_open());
  std::stringstream text;
  text << file.rdbuf();
  std::string expected;
  std::string found;
  const auto expect = [&](std::string_view name, std::string_view description) {
    expected += std::string("### ").append(name).append("\n\n").append(description).append("\n");
  };
  for (const surgery::Rewrite* rewrite : surgery::all_rewrites()) expect(rewrite->name(), rewrite->description());
  for (const surgery::GraphRewrite* rewrite : surgery::all_graph_rewrites()) {
    expect(rewrite->name(), rewrite->description());
  }
  std::string line;
  while (std::getline(text, line)) {
    if (!line.starts_with("### ")) continue;
    std::string empty;
    std::string description;
    std::getline(text, empty);
    std::getline(text, description);
    found.append(line).append("\n").append(empty).append("\n").append(description).append("\n");
  }
  CHECK(found == expected);
}

}  // namespace
