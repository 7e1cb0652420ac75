#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"along two axes",
     R"(agraph (float[N,5,6] x) => (float[...] y) <int64[1] one = {1}, int64[1] two = {2}, int64[1] zero = {0}, int64[1] last = {-1}, int64[1] end = {100}> { a = Slice (x, one, last, one)  y = Slice (a, zero, end, last, two) })",
     R"(y = Slice (x, y_starts, y_ends, y_axes, y_steps)
)"},
    {"of one cut, two others",
     R"(agraph (float[N,5,6] x) => (float[...] y, float[...] z) <int64[1] one = {1}, int64[1] two = {2}, int64[1] zero = {0}, int64[1] last = {-1}, int64[1] end = {100}> { a = Slice (x, one, last, one)  y = Slice (a, zero, end, two, two)  z = Slice (a, one, end, two) })",
     R"(y = Slice (x, y_starts, y_ends, y_axes, y_steps)
z = Slice (x, z_starts, z_ends, z_axes, z_steps)
)"},
    {"without axes",
     R"(agraph (float[7,5] x) => (float[...] y) <int64[1] one = {1}, int64[1] two = {2}, int64[1] zero = {0}, int64[1] last = {-1}, int64[1] end = {100}> { a = Slice (x, one, last)  y = Slice (a, one, last, one) })",
     R"(y = Slice (x, y_starts, y_ends, y_axes, y_steps)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"the same axis",
     R"(agraph (float[N,5,6] x) => (float[...] y) <int64[1] one = {1}, int64[1] two = {2}, int64[1] zero = {0}, int64[1] last = {-1}, int64[1] end = {100}> { a = Slice (x, one, last, two)  y = Slice (a, zero, end, last) })",
     "both slice the same axis"},
    {"a cut that something else reads",
     R"(agraph (float[N,5,6] x) => (float[...] y, float[...] z) <int64[1] one = {1}, int64[1] two = {2}, int64[1] zero = {0}, int64[1] last = {-1}, int64[1] end = {100}> { a = Slice (x, one, last, one)  y = Slice (a, zero, end, two)  z = Neg (a) })",
     "the tensor in between is used elsewhere"},
    {"a cut that is a graph output",
     R"(agraph (float[N,5,6] x) => (float[...] y, float[...] a) <int64[1] one = {1}, int64[1] two = {2}, int64[1] zero = {0}, int64[1] last = {-1}, int64[1] end = {100}> { a = Slice (x, one, last, one)  y = Slice (a, zero, end, two) })",
     "the tensor in between is used elsewhere"},
    {"starts that are an input",
     R"(agraph (float[N,5,6] x, int64[1] s) => (float[...] y) <int64[1] one = {1}, int64[1] two = {2}, int64[1] zero = {0}, int64[1] last = {-1}, int64[1] end = {100}> { a = Slice (x, s, last, one)  y = Slice (a, zero, end, two) })",
     "the range is not constant"},
    {"an unknown rank",
     R"(agraph (float[...] x) => (float[...] y) <int64[1] one = {1}, int64[1] two = {2}, int64[1] zero = {0}, int64[1] last = {-1}, int64[1] end = {100}> { a = Slice (x, one, last, one)  y = Slice (a, zero, end, two) })",
     "the rank is not known"},
    {"nothing before",
     R"(agraph (float[N,5] x) => (float[...] y) <int64[1] one = {1}, int64[1] two = {2}, int64[1] zero = {0}, int64[1] last = {-1}, int64[1] end = {100}> { y = Slice (x, zero, end, one) })",
     "no Slice comes before"},
    {"opset 9",
     R"(<ir_version: 4, opset_import: ["" : 9]> agraph (float[N,4] x) => (float[...] y) { a = Slice <starts = [0], ends = [1]> (x)  y = Slice <starts = [0], ends = [1]> (a) })",
     "the ends are an attribute"},
};

TEST_CASE("MergeSlices makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"MergeSlices"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("MergeSlices leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("MergeSlices", refusal.text) == refusal.reason);
  }
}

}  // namespace
