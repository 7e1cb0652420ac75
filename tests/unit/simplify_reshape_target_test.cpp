#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"the batch from the shape",
     R"(       agraph (float[N,8,4,4] x) => (float[...] y) <int64[1] i = {0}, int64[1] r = {-1}> {
         s = Shape (x)  n = Gather (s, i)  t = Concat <axis = 0> (n, r)  y = Reshape (x, t) })",
     R"(y = Reshape (x, y_shape)
)"},
    {"dims that change places with known ones",
     R"(       agraph (float[N,S,12] x) => (float[N,S,3,4] y) <int64[2] i = {0,1}, int64[2] r = {3,4}> {
         s = Shape (x)  n = Gather (s, i)  t = Concat <axis = 0> (n, r)  y = Reshape (x, t) })",
     R"(y = Reshape (x, y_shape)
)"},
    {"a product that Flatten makes",
     R"(       agraph (float[N,S,12] x) => (float[...] y) <int64 i = {0}, int64 j = {1}, int64[1] a = {0}, int64[1] r = {12}> {
         s = Shape (x)  n = Gather (s, i)  m = Gather (s, j)  p = Mul (n, m)  q = Unsqueeze (p, a)
         t = Concat <axis = 0> (q, r)  z = Reshape (x, t)  y = Neg (z) })",
     R"(z = Reshape (x, z_shape)
y = Neg (z)
)"},
    {"both dims products",
     R"(       agraph (float[N,S,H,W] x) => (float[...] y) <int64[1] i = {0}, int64[1] j = {1}, int64[1] k = {2}, int64[1] l = {3}> {
         s = Shape (x)  a = Gather (s, i)  b = Gather (s, j)  c = Gather (s, k)  d = Gather (s, l)
         p = Mul (a, b)  q = Mul (c, d)  t = Concat <axis = 0> (p, q)  y = Reshape (x, t) })",
     R"(y = Flatten <axis = 2> (x)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"a constant target", R"(agraph (float[N,4] x) => (float[...] y) <int64[1] t = {-1}> { y = Reshape (x, t) })",
     "the target is constant already"},
    {"a target that is an input", R"(agraph (float[N,4] x, int64[2] t) => (float[...] y) { y = Reshape (x, t) })",
     "no constant target is right for every size"},
    {"opset 4",
     R"(<ir_version: 3, opset_import: ["" : 4]> agraph (float[N,4] x) => (float[...] y) { y = Reshape <shape = [-1]> (x) })",
     "the target is an attribute"},
    {"a dim that -1 cannot give when another is 0",
     R"(       agraph (float[N,S,T,2] x) => (float[...] y) <int64[1] i = {0}, int64[1] j = {1}, int64[1] k = {2}, int64[1] two = {2}> {
         s = Shape (x)  a = Gather (s, i)  b = Gather (s, j)  c = Gather (s, k)  p = Mul (b, c)
         t = Concat <axis = 0> (a, p, two)  y = Reshape (x, t) })",
     "no constant target is right for every size"},
};

TEST_CASE("SimplifyReshapeTarget makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"SimplifyReshapeTarget"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("SimplifyReshapeTarget leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("SimplifyReshapeTarget", refusal.text) == refusal.reason);
  }
}

}  // namespace
