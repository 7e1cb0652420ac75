#include "runtime/expansion.h"

#include <doctest/doctest.h>

#include "graph_text.h"
#include "surgery/error.h"

namespace {

/// f0 is one node; each fN calls the one before twice. The model calls the last.
std::string doubling_chain(int length) {
  std::string text = R"(<opset_import: ["" : 17, "local" : 1]> g (float[2] x) => (float[2] y) { y = local.f)" +
                     std::to_string(length) +
                     " (x) } <domain: \"local\", opset_import: [\"\" : 17]> f0 (a) => (r) { r = Neg (a) }";
  for (int i = 1; i <= length; ++i) {
    const std::string before = "local.f" + std::to_string(i - 1);
    text += " <domain: \"local\", opset_import: [\"\" : 17, \"local\" : 1]> f" + std::to_string(i) +
            " (a) => (r) { b = " + before + " (a) r = " + before + " (b) }";
  }
  return text;
}

}  // namespace

TEST_CASE("a call counts as itself and the nodes of its function") {
  const auto model = graph_text::parse(doubling_chain(2));
  // f0 call: 2; f1 call: 1 + 2*2 = 5; f2 call: 1 + 2*5 = 11
  CHECK_NOTHROW(exec::require_bounded_expansion(*model, 11));
  CHECK_THROWS_WITH_AS(exec::require_bounded_expansion(*model, 10),
                       "function 'f2' expands to over 10 nodes through the functions it calls", surgery::Error);
}

TEST_CASE("a chain of functions that double is refused without walking what it expands to") {
  const auto model = graph_text::parse(doubling_chain(60));
  CHECK_THROWS_AS(exec::require_bounded_expansion(*model), surgery::Error);
}
