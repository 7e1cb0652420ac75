#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"into a Conv with pads of its own",
     R"(agraph (float[N,2,4,4] x) => (float[...] y) <float[3,2,3,3] w = fill(1), int64[8] p = {0,0,1,0,0,0,2,1}> { a = Pad (x, p)  y = Conv <pads = [1,1,1,1]> (a, w) })",
     R"(y = Conv <pads = [2, 1, 3, 2]> (x, w)
)"},
    {"opset 10, by attributes, into auto_pad VALID",
     R"(<ir_version: 5, opset_import: ["" : 10]> agraph (float[N,2,4,4] x) => (float[...] y) <float[3,2,3,3] w = fill(1)> { a = Pad <pads = [0,0,1,1,0,0,1,1]> (x)  y = Conv <auto_pad = "VALID"> (a, w) })",
     R"(y = Conv <pads = [1, 1, 1, 1]> (x, w)
)"},
    {"given axes",
     R"(<ir_version: 8, opset_import: ["" : 18]> agraph (float[N,2,4,4] x) => (float[...] y) <float[3,2,3,3] w = fill(1), int64[4] p = {1,2,3,0}, int64[2] a = {-1,2}> { b = Pad (x, p, , a)  y = Conv (b, w) })",
     R"(y = Conv <pads = [2, 1, 0, 3]> (x, w)
)"},
    {"into an AveragePool",
     R"(agraph (float[N,2,4,4] x) => (float[...] y) <int64[8] p = {0,0,1,1,0,0,1,1}> { a = Pad (x, p)  y = AveragePool <kernel_shape = [3,3]> (a) })",
     R"(y = AveragePool <count_include_pad = 1, kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (x)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"another mode",
     R"(agraph (float[N,2,4,4] x) => (float[...] y) <float[3,2,3,3] w = fill(1), int64[8] p = {0,0,1,0,0,0,2,1}> { a = Pad <mode = "reflect"> (x, p)  y = Conv (a, w) })",
     "the Pad is not of constant mode"},
    {"another value",
     R"(agraph (float[N,2,4,4] x) => (float[...] y) <float[3,2,3,3] w = fill(1), int64[8] p = {0,0,1,0,0,0,2,1}, float v = {1}> { a = Pad (x, p, v)  y = Conv (a, w) })",
     "the Pad is not known to add zeros"},
    {"a value that is an input",
     R"(agraph (float[N,2,4,4] x, float v) => (float[...] y) <float[3,2,3,3] w = fill(1), int64[8] p = {0,0,1,0,0,0,2,1}> { a = Pad (x, p, v)  y = Conv (a, w) })",
     "the Pad is not known to add zeros"},
    {"negative pads",
     R"(agraph (float[N,2,4,4] x) => (float[...] y) <float[3,2,3,3] w = fill(1), int64[8] p = {0,0,-1,0,0,0,2,1}> { a = Pad (x, p)  y = Conv (a, w) })",
     "the pads are not constant, or negative"},
    {"pads that are an input",
     R"(agraph (float[N,2,4,4] x, int64[8] p) => (float[...] y) <float[3,2,3,3] w = fill(1)> { a = Pad (x, p)  y = Conv (a, w) })",
     "the pads are not constant, or negative"},
    {"new channels",
     R"(agraph (float[N,1,4,4] x) => (float[...] y) <float[3,2,3,3] w = fill(1), int64[8] p = {0,1,0,0,0,0,0,0}> { a = Pad (x, p)  y = Conv (a, w) })",
     "the Pad adds samples or channels"},
    {"auto_pad SAME",
     R"(agraph (float[N,2,4,4] x) => (float[...] y) <float[3,2,3,3] w = fill(1), int64[8] p = {0,0,1,0,0,0,2,1}> { a = Pad (x, p)  y = Conv <auto_pad = "SAME_LOWER"> (a, w) })",
     "the node's own pads depend on the size"},
    {"used elsewhere",
     R"(agraph (float[N,2,4,4] x) => (float[...] y, float[...] a) <float[3,2,3,3] w = fill(1), int64[8] p = {0,0,1,0,0,0,2,1}> { a = Pad (x, p)  y = Conv (a, w) })",
     "the padded tensor is used elsewhere"},
    {"a pool that does not count its padding",
     R"(agraph (float[N,2,4,4] x) => (float[...] y) <int64[8] p = {0,0,1,1,0,0,1,1}> { a = Pad (x, p)  y = AveragePool <kernel_shape = [3,3], pads = [1,1,1,1]> (a) })",
     "the pool does not count its own padding"},
    {"a pool that rounds up",
     R"(agraph (float[N,2,4,4] x) => (float[...] y) <int64[8] p = {0,0,1,1,0,0,1,1}> { a = Pad (x, p)  y = AveragePool <kernel_shape = [3,3], ceil_mode = 1> (a) })",
     "the pool rounds its size up"},
    {"a pool smaller than the pads",
     R"(agraph (float[N,2,4,4] x) => (float[...] y) <int64[8] p = {0,0,2,2,0,0,2,2}> { a = Pad (x, p)  y = AveragePool <kernel_shape = [2,2]> (a) })",
     "the pads are as large as the kernel"},
};

TEST_CASE("FusePad makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"FusePad"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("FusePad leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("FusePad", refusal.text) == refusal.reason);
  }
}

}  // namespace
