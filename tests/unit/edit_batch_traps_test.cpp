#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "batch_helpers.h"
#include "edit_helpers.h"
#include "graph_text.h"

/// Models that fix a batch in places where tools overlook it. Each is given another batch and run: the new model on
/// batch N against the old one on the same samples, in groups of its own batch.
namespace {

using namespace surgery;

struct Trap {
  std::string_view name;
  std::string_view model;
  std::string_view note;  ///< part of what the edit says for batch 3, "" for nothing mended
};

const Trap kTraps[] = {
    {"a literal batch in a Reshape", R"(
g (float[4,6] x) => (float[4,2,3] y)
<int64[3] s = {4,2,3}>
{ [r] y = Reshape (x, s) }
)",
     "node 'r' (Reshape): shape [4, 2, 3] -> [3, 2, 3], the literal 4 was the old batch"},
    {"in the middle of a factor", R"(
g (float[4,2,6] x) => (float[4,12] y)
<int64[2] s1 = {8,6}, int64[3] s2 = {4,2,6}, int64[2] s3 = {4,12}>
{ [r1] a = Reshape (x, s1)  b = Relu (a)  [r2] c = Reshape (b, s2)  [r3] y = Reshape (c, s3) }
)",
     "node 'r1' (Reshape): shape [8, 6] -> [6, 6], the literal 8 held the old batch 4"},
    {"between other factors", R"(
g (float[4,2,5] x) => (float[2,4,5] y)
<int64[2] s1 = {8,5}, int64[3] s2 = {2,4,5}>
{ t = Transpose <perm = [1,0,2]> (x)  [r1] a = Reshape (t, s1)  b = Relu (a)  [r2] y = Reshape (b, s2) }
)",
     "node 'r2' (Reshape): shape [2, 4, 5] -> [2, 3, 5], the literal 4 was the old batch"},
    {"in an Expand", R"(
g (float[4,2,6] x) => (float[4,5,6] y)
<float[1,3,6] token = fill(1), int64[3] s = {4,3,6}>
{ [e] t = Expand (token, s)  y = Concat <axis = 1> (t, x) }
)",
     "node 'e' (Expand): shape [4, 3, 6] -> [3, 3, 6], the literal 4 was the old batch"},
    {"in a Constant inside an If branch", R"(
g (float[4,6] x, bool c) => (float[4,2,3] y)
{ y = If (c) <then_branch = t () => (float[4,2,3] a) { s = Constant <value = int64[3] {4,2,3}> ()  [r] a = Reshape (x, s) },
              else_branch = e () => (float[4,2,3] d) { q = Constant <value = int64[3] {-1,2,3}> ()  n = Neg (x)  d = Reshape (n, q) }> }
)",
     "node 'r' (Reshape): shape [4, 2, 3] -> [3, 2, 3], the literal 4 was the old batch"},
    {"in a result that is a Constant inside an If branch", R"(
g (float[4,2] x, bool c) => (float[4,2] y)
{ z = If (c) <then_branch = t () => (float[4,2] a) { a = Relu (x) },
              else_branch = e () => (float[4,2] d) { d = Constant <value = float[4,2] {1,2,1,2,1,2,1,2}> () }>
  y = Add (x, z) }
)",
     "constant 'd' [4, 2] -> [3, 2], it held the same row for each sample of the old batch"},
    {"hidden states as initializers", R"(
g (float[4,5,6] x) => (float[5,1,4,3] y)
<float[1,9,6] w = fill(1), float[1,9,3] r = fill(2), float[1,4,3] h = {1,2,3,1,2,3,1,2,3,1,2,3}>
{ t = Transpose <perm = [1,0,2]> (x)  [gru] y = GRU <hidden_size = 3> (t, w, r, , , h) }
)",
     "node 'gru' (GRU): constant 'h' [1, 4, 3] -> [1, 3, 3], it held the same row for each sample of the old batch"},
    {"channels that equal the batch", R"(
g (float[4,196] x) => (float[4,4,7,7] y)
<int64[4] s = {-1,4,7,7}>
{ [r] y = Reshape (x, s) }
)",
     ""},
    {"Flatten with axis 0 and back", R"(
g (float[4,6] x) => (float[4,6] y)
<int64[2] s = {4,6}>
{ f = Flatten <axis = 0> (x)  n = Neg (f)  [r] y = Reshape (n, s) }
)",
     "node 'r' (Reshape): shape [4, 6] -> [3, 6], the literal 4 was the old batch"},
    {"a Gemm with a constant left operand of equal rows", R"(
g (float[4,6] x) => (float[4,5] y)
<float[4,3] a = {1,2,3,1,2,3,1,2,3,1,2,3}, float[3,5] b = fill(1), float[6,5] w = fill(2)>
{ [k] k = Gemm (a, b)  m = MatMul (x, w)  [sum] y = Add (k, m) }
)",
     "node 'k' (Gemm): constant 'a' [4, 3] -> [1, 3], it held the same row for each sample of the old batch"},
    {"in a trip count", R"(
g (float[4,6] x) => (float[4,6] y)
<int64 trips = {4}, bool go = {1}>
{ [loop] y = Loop (trips, go) <body = b (int64 i, bool c) => (bool k, float[6] s) {
    k = Identity (c)  row = Gather (x, i)  s = Relu (row) }> }
)",
     "node 'loop' (Loop): trip count [4] -> [3], the literal 4 was the old batch"},
    {"in what a loop carries", R"(
g (float[4,2] x) => (float[4,2] y)
<int64 trips = {3}, bool go = {1}, int64[2] s = {4,2}>
{ zero = ConstantOfShape <value = float[1] {0}> (s)
  [loop] y = Loop (trips, go, zero) <body = b (int64 i, bool c, float[4,2] v) => (bool k, float[4,2] o) {
    k = Identity (c)  o = Add (v, x) }> }
)",
     "(ConstantOfShape): shape [4, 2] -> [3, 2], the literal 4 was the old batch"},
    {"in what a loop carries, where it meets the batch in the body", R"(
g (float[4,2] h0) => (float[4,2] y)
<int64 trips = {3}, bool go = {1}, int64[4] first = {1,1,1,1}, float[2,3] table = fill(1), float[5,2] w = fill(2)>
{ [loop] y, last = Loop (trips, go, h0, first) <body = b (int64 i, bool c, float[4,2] h, int64[4] token) => (bool k, float[4,2] next, int64[4] chosen) {
    k = Identity (c)  e = Gather (table, token)  joined = Concat <axis = 1> (e, h)
    m = MatMul (joined, w)  next = Tanh (m)  chosen = ArgMax <axis = 1, keepdims = 0> (next) }> }
)",
     "node 'loop' (Loop): constant 'first' [4] -> [3], it held the same row for each sample of the old batch"},
    {"in a Slice that takes all", R"(
g (float[4,6] x) => (float[4,6] y)
<int64[1] starts = {0}, int64[1] ends = {4}, int64[1] axes = {0}>
{ [s] y = Slice (x, starts, ends, axes) }
)",
     "node 's' (Slice): end 4 in axis 0 -> to the end, it was the old batch"},
    {"in a Tile", R"(
g (float[4,6] x) => (float[4,6] y)
<float[1,6] row = fill(1), int64[2] times = {4,1}>
{ [t] rows = Tile (row, times)  y = Mul (x, rows) }
)",
     "node 't' (Tile): repeats [4, 1] -> [3, 1], the literal 4 was the old batch"},
    {"in indices into samples that are flattened", R"(
g (float[4,6] x) => (float[4,5] y)
<int64[1] flat = {-1}, int64[4,1] b = {0,1,2,3}, int64 length = {6}, int64[5] p = {0,1,2,3,5}>
{ f = Reshape (x, flat)  [m] n = Mul (b, length)  i = Add (n, p)  y = Gather (f, i) }
)",
     "node 'm' (Mul): constant 'b' [4, 1] -> [3, 1], it counted the samples of the old batch"},
    {"in indices that are one constant", R"(
g (float[4,6] x) => (float[4,2] y)
<int64[1] flat = {-1}, int64[4,2] i = {0,5,6,11,12,17,18,23}>
{ f = Reshape (x, flat)  [g] y = Gather (f, i) }
)",
     "node 'g' (Gather): constant 'i' [4, 2] -> [3, 2], it counted the samples of the old batch"},
    {"in a table of samples and positions", R"(
g (float[4,6] x) => (float[4,2] y)
<int32[4,2,2] i = {0,1,0,3,1,1,1,3,2,1,2,3,3,1,3,3}>
{ j = Cast <to = 7> (i)  [g] y = GatherND (x, j) }
)",
     "constant 'i' [4, 2, 2] -> [3, 2, 2], it counted the samples of the old batch"},
    {"in numbers of samples beside computed positions", R"(
g (float[4,6] x) => (float[4] y)
<int64[4] b = {0,1,2,3}, int64[2] s = {4,1}>
{ [r] c = Reshape (b, s)  a = ArgMax <axis = 1> (x)  i = Concat <axis = 1> (c, a)  y = GatherND (x, i) }
)",
     "node 'r' (Reshape): constant 'b' [4] -> [3], it counted the samples of the old batch"},
    {"in numbers of samples that are expanded", R"(
g (float[4,6] x) => (float[4,2] y)
<int64[4,1,1] b = {0,1,2,3}, int64[3] s = {4,2,1}, int64[1,2,1] p = {0,4}>
{ [eb] c = Expand (b, s)  [ep] q = Expand (p, s)  i = Concat <axis = -1> (c, q)  y = GatherND (x, i) }
)",
     "node 'ep' (Expand): shape [4, 2, 1] -> [3, 2, 1], the literal 4 was the old batch"},
    {"in what is scattered", R"(
g (float[4,6] x) => (float[4,6] y)
<int64[4,1,2] i = {0,5,1,5,2,5,3,5}, float[4,1] u = {2,2,2,2}>
{ [s] y = ScatterND (x, i, u) }
)",
     "node 's' (ScatterND): constant 'u' [4, 1] -> [3, 1], it held the same row for each sample of the old batch"},
    {"in another input, at another axis", R"(
g (float[4,6] x, float[2,6,4] z) => (float[2,4,6] y)
{ t = Transpose <perm = [0,2,1]> (z)  [add] y = Add (x, t) }
)",
     "input 'z': axis 2 4 -> 3 too, since node"},
};

TEST_CASE("--set-batch mends every trap, and the new model agrees with the old one sample by sample") {
  for (const Trap& trap : kTraps) {
    CAPTURE(trap.name);
    for (const std::string_view batch : {"3", "1", "8", "N"}) {
      CAPTURE(batch);
      const EditReport report = check_sample_by_sample(trap.model, batch);
      if (batch == "3") {
        CAPTURE(notes(report));
        CHECK(trap.note.empty() == (report.notes.size() == 1));
        CHECK(mentions(report, trap.note));
      }
    }
  }
}

struct Refusal {
  std::string_view name;
  std::string_view model;
  std::string_view message;
};

/// Why each of them is refused: "1: --set-batch: <message>, which holds the batch; no batch other than 4 is right".
const Refusal kMixing[] = {
    {"a batch that is summed over", R"(
g (float[4,6] x) => (float[1,6] y)
{ [sum] y = ReduceMean <axes = [0]> (x) }
)",
     "node 'sum' (ReduceMean): works along axis 0 of its input [4, 6]"},
    {"Flatten with axis 0 before a Gemm", R"(
g (float[4,6] x) => (float[1,2] y)
<float[24,2] w = fill(1)>
{ f = Flatten <axis = 0> (x)  [gemm] y = Gemm (f, w) }
)",
     "node 'gemm' (Gemm): sums over axis 1 of its input [1, 24]"},
    {"a Gemm with a constant left operand over the batch", R"(
g (float[4,6] x) => (float[5,6] y)
<float[5,4] a = fill(1)>
{ [gemm] y = Gemm (a, x) }
)",
     "node 'gemm' (Gemm): sums over axis 0 of its input [4, 6]"},
    {"indices that do not count", R"(
g (float[4,6] x) => (float[4,6] y)
<int64[4] i = {0,2,1,3}>
{ [gather] y = Gather (x, i) }
)",
     "node 'gather' (Gather): works along axis 0 of its input [4, 6]"},
    {"indices that count by more than the length of a sample", R"(
g (float[4,6] x) => (float[4] y)
<int64[1] flat = {-1}, int64[4] i = {0,7,14,21}>
{ f = Reshape (x, flat)  [gather] y = Gather (f, i) }
)",
     "node 'gather' (Gather): works along axis 0 of its input [24]"},
    {"positions that may be negative, which is the sample before", R"(
g (float[4,6] x, int64[1] p) => (float[4] y)
<int64[1] flat = {-1}, int64[4] b = {0,6,12,18}>
{ f = Reshape (x, flat)  i = Add (b, p)  [gather] y = Gather (f, i) }
)",
     "node 'gather' (Gather): works along axis 0 of its input [24]"},
};

const Refusal kRefusals[] = {
    {"hidden states that differ", R"(
g (float[4,5,6] x) => (float[5,1,4,3] y)
<float[1,9,6] w = fill(1), float[1,9,3] r = fill(2), float[1,4,3] h = fill(3)>
{ t = Transpose <perm = [1,0,2]> (x)  [gru] y = GRU <hidden_size = 3> (t, w, r, , , h) }
)",
     "1: --set-batch: node 'gru' (GRU): its constant input 'h' [1, 4, 3] holds other elements for each of the 4 "
     "samples of the old batch, and none for another one"},
    {"a sequence as input", R"(
g (seq(float[4,6]) x) => (float[...] y)
<int64 i = {0}>
{ y = SequenceAt (x, i) }
)",
     "4: --set-batch: input 'x' is a sequence(float[4, 6]); which of its axes holds the batch is not known"},
};

TEST_CASE("--set-batch refuses where samples are mixed, and names the node") {
  for (const Refusal& r : kMixing) {
    CAPTURE(r.name);
    const auto model = graph_text::parse(r.model);
    const std::string why = ", which holds the batch; no batch other than 4 is right";
    CHECK(refusal(*model, "--set-batch", "3") == "1: --set-batch: " + std::string(r.message) + why);
  }
}

TEST_CASE("--set-batch refuses what it cannot know") {
  for (const Refusal& r : kRefusals) {
    CAPTURE(r.name);
    const auto model = graph_text::parse(r.model);
    CHECK(refusal(*model, "--set-batch", "3") == r.message);
  }
}

}  // namespace
