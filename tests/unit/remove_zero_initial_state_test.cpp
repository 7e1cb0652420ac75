#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"both states of an LSTM, sized by the batch",
     R"(       agraph (float[S,N,3] x) => (float[...] y) <float[1,8,3] w = fill(1), float[1,8,2] r = fill(2), int64[1] i = {1}, int64[1] one = {1}, int64[1] two = {2}> {
         s = Shape (x)  n = Gather (s, i)  t = Concat <axis = 0> (one, n, two)  z = ConstantOfShape (t)
         y = LSTM <hidden_size = 2> (x, w, r, , , z, z) })",
     R"(y = LSTM <hidden_size = 2> (x, w, r)
)"},
    {"a constant one of a GRU",
     R"(agraph (float[S,2,3] x) => (float[...] y) <float[1,6,3] w = fill(1), float[1,6,2] r = fill(2), float[1,2,2] z = {0,0,0,0}> { y = GRU <hidden_size = 2> (x, w, r, , , z) })",
     R"(y = GRU <hidden_size = 2> (x, w, r)
)"},
    {"only one of the two",
     R"(agraph (float[S,1,3] x, float[1,1,2] h) => (float[...] y) <float[1,8,3] w = fill(1), float[1,8,2] r = fill(2), float[1,1,2] z = {0,0}> { y = LSTM <hidden_size = 2> (x, w, r, , , h, z) })",
     R"(y = LSTM <hidden_size = 2> (x, w, r, , , h)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"another number",
     R"(agraph (float[S,1,3] x) => (float[...] y) <float[1,6,3] w = fill(1), float[1,6,2] r = fill(2), float[1,1,2] z = {0,1}> { y = GRU <hidden_size = 2> (x, w, r, , , z) })",
     "no initial state is known to be zero"},
    {"ConstantOfShape of ones",
     R"(agraph (float[S,1,3] x) => (float[...] y) <float[1,6,3] w = fill(1), float[1,6,2] r = fill(2), int64[3] t = {1,1,2}> { z = ConstantOfShape <value = float[1] {1}> (t)  y = GRU <hidden_size = 2> (x, w, r, , , z) })",
     "no initial state is known to be zero"},
    {"a state that is an input",
     R"(agraph (float[S,1,3] x, float[1,1,2] z) => (float[...] y) <float[1,6,3] w = fill(1), float[1,6,2] r = fill(2)> { y = GRU <hidden_size = 2> (x, w, r, , , z) })",
     "no initial state is known to be zero"},
};

TEST_CASE("RemoveZeroInitialState makes of a graph what its comment says") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"RemoveZeroInitialState"}) == each.after);
  }
}

TEST_CASE("RemoveZeroInitialState leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("RemoveZeroInitialState", refusal.text) == refusal.reason);
  }
}

}  // namespace
