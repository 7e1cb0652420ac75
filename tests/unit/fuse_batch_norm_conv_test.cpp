#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

struct Case {
  std::string_view name;
  std::string_view before;
  std::string_view after;
};

const Case kCases[] = {
    {"without padding",
     R"(agraph (float[N,3,6,6] x) => (float[...] y) <float[4,3,3,3] w = fill(1), float[4] c = fill(2), float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = Conv (b, w, c) })",
     R"(y = Conv (x, w_folded, c_folded)
)"},
    {"groups, no bias, stride and dilation",
     R"(agraph (float[N,4,9,9] x) => (float[...] y) <float[6,2,3,3] w = fill(1), float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5), float[4] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = Conv <group = 2, strides = [2,2], dilations = [2,1]> (b, w) })",
     R"(y = Conv <dilations = [2, 1], group = 2, strides = [2, 2]> (x, w_folded, w_bias)
)"},
    {"padding, where nothing is added",
     R"(agraph (float[N,2,4,4] x) => (float[...] y) <float[3,2,3,3] w = fill(1), float[2] s = {2,3}, float[2] B = {0,0}, float[2] mean = {0,0}, float[2] var = {1,4}> { b = BatchNormalization (x, s, B, mean, var)  y = Conv <pads = [1,1,1,1]> (b, w) })",
     R"(y = Conv <pads = [1, 1, 1, 1]> (x, w_folded)
)"},
};

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"padding",
     R"(agraph (float[N,3,6,6] x) => (float[...] y) <float[4,3,3,3] w = fill(1), float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = Conv <pads = [1,1,1,1]> (b, w) })",
     "the convolution pads"},
    {"padding by auto_pad",
     R"(agraph (float[N,3,6,6] x) => (float[...] y) <float[4,3,3,3] w = fill(1), float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = Conv <auto_pad = "SAME_UPPER"> (b, w) })",
     "the convolution pads"},
    {"used elsewhere",
     R"(agraph (float[N,3,6,6] x) => (float[...] y, float[...] b) <float[4,3,3,3] w = fill(1), float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = Conv (b, w) })",
     "the batch-norm's result is used elsewhere"},
    {"a weight that is an input",
     R"(agraph (float[N,3,6,6] x, float[4,3,3,3] w) => (float[...] y) <float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = Conv (b, w) })",
     "the weight is not constant"},
    {"a shared weight",
     R"(agraph (float[N,3,6,6] x) => (float[...] y, float[...] z) <float[4,3,3,3] w = fill(1), float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { z = Conv (x, w)  b = BatchNormalization (x, s, B, mean, var)  y = Conv (b, w) })",
     "the weight is shared"},
    {"a bias that is an input",
     R"(agraph (float[N,3,6,6] x, float[4] c) => (float[...] y) <float[4,3,3,3] w = fill(1), float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = Conv (b, w, c) })",
     "the bias is not constant"},
    {"another number of channels",
     R"(agraph (float[N,3,6,6] x) => (float[...] y) <float[4,3,3,3] w = fill(1), float[3] s = fill(3, 0.5, 2), float[3] B = fill(4), float[3] mean = fill(5), float[3] var = fill(6, 0.5, 2)> { b = BatchNormalization (x, s, B, mean, var)  y = Conv <group = 2> (b, w) })",
     "the number of channels differs"},
};

TEST_CASE("FuseBatchNormConv makes of a graph what its comment says, and the results stay") {
  for (const Case& each : kCases) {
    CAPTURE(each.name);
    const auto model = graph_text::parse(each.before);
    CHECK(rewrite_testing::after(*model, {"FuseBatchNormConv"}) == each.after);
    CHECK(rewrite_testing::same_results(each.before, *model));
  }
}

TEST_CASE("FuseBatchNormConv leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(rewrite_testing::reason("FuseBatchNormConv", refusal.text) == refusal.reason);
  }
}

}  // namespace
