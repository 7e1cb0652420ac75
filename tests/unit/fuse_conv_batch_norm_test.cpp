#include <doctest/doctest.h>

#include "rewrite_testing.h"

namespace {

using rewrite_testing::after;
using rewrite_testing::reason;

constexpr std::string_view kMatching = R"(
  agraph (float[N,3,8,8] x) => (float[N,4,6,6] y)
  <float[4,3,3,3] w = fill(1), float[4] b = fill(2), float[4] s = fill(3, 0.5, 2), float[4] B = fill(4),
   float[4] mean = fill(5), float[4] var = fill(6, 0.5, 2)>
  {
    [conv] c = Conv (x, w, b)
    [bn] y = BatchNormalization <epsilon = 0.01> (c, s, B, mean, var)
  })";

TEST_CASE("FuseConvBatchNorm folds the batch-norm into the weights") {
  const auto model = graph_text::parse(kMatching);
  CHECK(after(*model, {"FuseConvBatchNorm"}) == "y = Conv (x, w_folded, b_folded)\n");
  CHECK(model->graph().first_node()->name() == "conv");
  CHECK(model->graph().initializers().size() == 2);
  CHECK(rewrite_testing::same_results(kMatching, *model));
}

TEST_CASE("FuseConvBatchNorm makes a bias where there was none") {
  constexpr std::string_view kText = R"(
    agraph (float[N,4,8,8] x) => (float[N,4,8,8] y)
    <float[4,1,3,3] w = fill(1), float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5),
     float[4] var = fill(6, 0.5, 2)>
    {
      c = Conv <group = 4, pads = [1,1,1,1]> (x, w)
      r = BatchNormalization (c, s, B, mean, var)
      y = Relu (r)
    })";
  const auto model = graph_text::parse(kText);
  CHECK(after(*model, {"FuseConvBatchNorm"}) ==
        "r = Conv <group = 4, pads = [1, 1, 1, 1]> (x, w_folded, w_bias)\ny = Relu (r)\n");
  CHECK(rewrite_testing::same_results(kText, *model));
}

TEST_CASE("FuseConvTransposeBatchNorm scales the columns of each group") {
  constexpr std::string_view kText = R"(
    agraph (float[N,4,5,5] x) => (float[...] y)
    <float[4,3,3,3] w = fill(1), float[6] b = fill(2), float[6] s = fill(3, 0.5, 2), float[6] B = fill(4),
     float[6] mean = fill(5), float[6] var = fill(6, 0.5, 2)>
    {
      c = ConvTranspose <group = 2, strides = [2,2]> (x, w, b)
      y = BatchNormalization (c, s, B, mean, var)
    })";
  const auto model = graph_text::parse(kText);
  CHECK(after(*model, {"FuseConvTransposeBatchNorm"}) ==
        "y = ConvTranspose <group = 2, strides = [2, 2]> (x, w_folded, b_folded)\n");
  CHECK(rewrite_testing::same_results(kText, *model));
}

TEST_CASE("FuseConvBatchNorm works in a subgraph on weights from outside") {
  constexpr std::string_view kText = R"(
    agraph (bool c, float[N,1,4,4] x) => (float[N,1,2,2] y)
    <float[1,1,3,3] w = fill(1), float[1] s = {2}, float[1] B = {1}, float[1] mean = {0.5}, float[1] var = {4}>
    {
      y = If (c) <
        then_branch = a () => (float[N,1,2,2] t) {
          u = Conv (x, w)
          t = BatchNormalization (u, s, B, mean, var)
        },
        else_branch = b () => (float[N,1,2,2] e) { e = Conv (x, w) }>
    })";
  // The weight is also read by the other branch, so the batch-norm stays there.
  const auto model = graph_text::parse(kText);
  CHECK(rewrite_testing::apply(*model, {"FuseConvBatchNorm"}).steps == 0);
}

struct Refusal {
  std::string_view name;
  std::string_view text;
  std::string_view reason;
};

const Refusal kRefusals[] = {
    {"training form",
     R"(agraph (float[N,1,4,4] x) => (float[...] y)
        <float[1,1,1,1] w = {2}, float[1] s = {2}, float[1] B = {1}, float[1] mean = {0.5}, float[1] var = {4}>
        { c = Conv (x, w)  y = BatchNormalization <training_mode = 1> (c, s, B, mean, var) })",
     "the batch-norm is not in inference form"},
    {"training form by the number of outputs",
     R"(<ir_version: 7, opset_import: ["" : 12]> agraph (float[N,1,4,4] x) => (float[...] y)
        <float[1,1,1,1] w = {2}, float[1] s = {2}, float[1] B = {1}, float[1] mean = {0.5}, float[1] var = {4}>
        { c = Conv (x, w)  y, m, v = BatchNormalization (c, s, B, mean, var) })",
     "the batch-norm is not in inference form"},
    {"statistics per element",
     R"(<ir_version: 3, opset_import: ["" : 7]> agraph (float[N,1,4,4] x) => (float[...] y)
        <float[1,1,1,1] w = {2}, float[1] s = {2}, float[1] B = {1}, float[1] mean = {0.5}, float[1] var = {4}>
        { c = Conv (x, w)  y = BatchNormalization <spatial = 0> (c, s, B, mean, var) })",
     "the batch-norm is not in inference form"},
    {"a scale that a caller may override",
     R"(agraph (float[N,1,4,4] x, float[1] s = {2}) => (float[...] y)
        <float[1,1,1,1] w = {2}, float[1] B = {1}, float[1] mean = {0.5}, float[1] var = {4}>
        { c = Conv (x, w)  y = BatchNormalization (c, s, B, mean, var) })",
     "a parameter of the batch-norm is not constant"},
    {"a negative variance",
     R"(agraph (float[N,1,4,4] x) => (float[...] y)
        <float[1,1,1,1] w = {2}, float[1] s = {2}, float[1] B = {1}, float[1] mean = {0.5}, float[1] var = {-4}>
        { c = Conv (x, w)  y = BatchNormalization (c, s, B, mean, var) })",
     "a parameter of the batch-norm is not finite, or its variance is negative"},
    {"a weight that a caller may override",
     R"(agraph (float[N,1,4,4] x, float[1,1,1,1] w = {2}) => (float[...] y)
        <float[1] s = {2}, float[1] B = {1}, float[1] mean = {0.5}, float[1] var = {4}>
        { c = Conv (x, w)  y = BatchNormalization (c, s, B, mean, var) })",
     "the weight is not constant"},
    {"a computed bias",
     R"(agraph (float[N,1,4,4] x, float[1] b) => (float[...] y)
        <float[1,1,1,1] w = {2}, float[1] s = {2}, float[1] B = {1}, float[1] mean = {0.5}, float[1] var = {4}>
        { c = Conv (x, w, b)  y = BatchNormalization (c, s, B, mean, var) })",
     "the bias is not constant"},
    {"a second reader of the convolution",
     R"(agraph (float[N,1,4,4] x) => (float[...] y, float[...] z)
        <float[1,1,1,1] w = {2}, float[1] s = {2}, float[1] B = {1}, float[1] mean = {0.5}, float[1] var = {4}>
        { c = Conv (x, w)  y = BatchNormalization (c, s, B, mean, var)  z = Relu (c) })",
     "the result between the two is used elsewhere"},
    {"a convolution that is a graph output",
     R"(agraph (float[N,1,4,4] x) => (float[...] y, float[...] c)
        <float[1,1,1,1] w = {2}, float[1] s = {2}, float[1] B = {1}, float[1] mean = {0.5}, float[1] var = {4}>
        { c = Conv (x, w)  y = BatchNormalization (c, s, B, mean, var) })",
     "the result between the two is used elsewhere"},
    {"a shared weight",
     R"(agraph (float[N,1,4,4] x) => (float[...] y, float[...] z)
        <float[1,1,1,1] w = {2}, float[1] s = {2}, float[1] B = {1}, float[1] mean = {0.5}, float[1] var = {4}>
        { z = Conv (x, w)  c = Conv (z, w)  y = BatchNormalization (c, s, B, mean, var) })",
     "the weight is shared"},
    {"another number of channels",
     R"(agraph (float[N,1,4,4] x) => (float[...] y)
        <float[2,1,1,1] w = {2,3}, float[1] s = {2}, float[1] B = {1}, float[1] mean = {0.5}, float[1] var = {4}>
        { c = Conv (x, w)  y = BatchNormalization (c, s, B, mean, var) })",
     "the number of channels differs"},
    {"something else in between",
     R"(agraph (float[N,1,4,4] x) => (float[...] y)
        <float[1,1,1,1] w = {2}, float[1] s = {2}, float[1] B = {1}, float[1] mean = {0.5}, float[1] var = {4}>
        { c = Conv (x, w)  r = Relu (c)  y = BatchNormalization (r, s, B, mean, var) })",
     "no convolution of this kind feeds the batch-norm"},
    {"a half-precision weight that would overflow",
     R"(agraph (float16[N,1,4,4] x) => (float16[...] y)
        <float16[1,1,1,1] w = {60000}, float16[1] s = {2}, float16[1] B = {1}, float16[1] mean = {0}, float16[1] var = {1}>
        { c = Conv (x, w)  y = BatchNormalization (c, s, B, mean, var) })",
     "the folded weights do not fit their type"},
};

TEST_CASE("FuseConvBatchNorm leaves the graph alone when a precondition fails") {
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.name);
    CHECK(reason("FuseConvBatchNorm", refusal.text) == refusal.reason);
  }
}

}  // namespace
