#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "batch_helpers.h"
#include "edit_helpers.h"
#include "graph_text.h"

/// Models that fix a batch of 1, where what moves the batch or takes from the only sample no longer says so.
namespace {

using namespace surgery;

struct Single {
  std::string_view name;
  std::string_view model;
  std::string_view note;  ///< part of what the edit says for batch 3
};

const Single kSingles[] = {
    {"a Transpose that became a Reshape, before a recurrence", R"(
g (float[1,5,4] x) => (float[5,1,1,3] y)
<float[1,9,4] w = fill(1), float[1,9,3] r = fill(2), int64[3] s = {5,1,4}>
{ [t] t = Reshape (x, s)  y = GRU <hidden_size = 3> (t, w, r) }
)",
     "node 't' (Reshape): [1, 5, 4] -> [5, 1, 4] moved the batch, which was 1, as only a Transpose does for more"},
    {"there and back, with an open length", R"(
g (float[1,L,4] x) => (float[1,L,6] y)
<float[4,6] w = fill(1), int64[3] s = {-1,1,4}, int64[3] u = {1,-1,6}>
{ [t] t = Reshape (x, s)  m = MatMul (t, w)  [b] y = Reshape (m, u) }
)",
     "node 'b' (Reshape): [L, 1, 6] -> [1, L, 6] moved the batch"},
    {"merged with the axis in front of it, and apart again", R"(
g (float[1,5,8] x) => (float[1,5,8] y)
<float[8,8] w = fill(1), int64[3] s = {5,1,8}, int64[2] u = {5,8}, int64[3] v = {1,5,8}>
{ t = Reshape (x, s)  [m] m = Reshape (t, u)  a = Gemm (m, w)  [b] y = Reshape (a, v) }
)",
     "node 'm' (Reshape): shape [5, 8] -> [15, 8]"},
    {"moved and merged at once", R"(
g (float[1,5,2,4] x) => (float[5,1,8] y)
<int64[3] s = {5,1,8}>
{ [t] y = Reshape (x, s) }
)",
     "node 't' (Reshape): [1, 5, 2, 4] -> [5, 1, 8] moved the batch"},
    {"channels taken for a batch, which a Conv needs in axis 0", R"(
g (float[1,4,6] x) => (float[1,4,4] y)
<float[1,1,3] w = fill(1), int64[3] s = {4,1,6}, int64[3] u = {1,4,4}>
{ [r] t = Reshape (x, s)  c = Conv (t, w)  [b] y = Reshape (c, u) }
)",
     "node 'r' (Reshape): shape [4, 1, 6] -> [12, 1, 6], the literal 4 held the old batch 1"},
    {"indices into the only sample, flattened", R"(
g (float[1,6] x) => (float[1,3] y)
<int64[1] flat = {-1}, int32[1,3] i = {0,2,5}>
{ f = Reshape (x, flat)  [g] y = Gather (f, i) }
)",
     "node 'g' (Gather): its indices [1, 3] into the only sample get the number of the sample added"},
    {"a table of indices into the only sample", R"(
g (float[1,6] x) => (float[1,2] y)
<int64[1,2,2] i = {0,1,0,4}>
{ [g] y = GatherND (x, i) }
)",
     "node 'g' (GatherND): its indices [1, 2, 2] into the only sample get the number of the sample added"},
};

TEST_CASE("--set-batch frees a batch of 1, and the new model agrees with the old one sample by sample") {
  for (const Single& single : kSingles) {
    CAPTURE(single.name);
    for (const std::string_view batch : {"3", "N"}) {
      CAPTURE(batch);
      const EditReport report = check_sample_by_sample(single.model, batch);
      CAPTURE(notes(report));
      if (batch == "3") CHECK(mentions(report, single.note));
    }
  }
}

struct Refusal {
  std::string_view name;
  std::string_view model;
  std::string_view message;
};

const Refusal kRefusals[] = {
    {"a moved batch that is worked along", R"(
g (float[1,5,4] x) => (float[5,1,4] y)
<int64[3] s = {5,1,4}>
{ t = Reshape (x, s)  [soft] y = Softmax <axis = 1> (t) }
)",
     "1: --set-batch: node 'soft' (Softmax): works along axis 1 of its input [5, 1, 4], which holds the batch; no "
     "batch "
     "other than 1 is right"},
    {"the only sample taken by a scalar", R"(
g (float[1,4] x) => (float[4] y)
<int64 i = {0}>
{ [take] y = Gather (x, i) }
)",
     "1: --set-batch: node 'take' (Gather): works along axis 0 of its input [1, 4], which holds the batch; no batch "
     "other than 1 is right"},
    {"the last sample of one", R"(
g (float[1,4] x) => (float[1,4] y)
<int64[1] i = {-1}>
{ [take] y = Gather (x, i) }
)",
     "1: --set-batch: node 'take' (Gather): works along axis 0 of its input [1, 4], which holds the batch; no batch "
     "other than 1 is right"},
};

TEST_CASE("--set-batch refuses to free a batch of 1 that has a use of its own") {
  for (const Refusal& r : kRefusals) {
    CAPTURE(r.name);
    const auto model = graph_text::parse(r.model);
    CHECK(refusal(*model, "--set-batch", "3") == r.message);
  }
}

}  // namespace
