#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "batch_helpers.h"
#include "edit_helpers.h"
#include "exec/verify.h"
#include "graph_text.h"
#include "surgery/rewrite.h"

/// What --set-batch does at operators where the batch is in another operand than the data, in what follows from
/// constants, and in several copies one after the other; and operators that mix samples in ways of their own.
namespace {

using namespace surgery;

struct Trap {
  std::string_view name;
  std::string_view model;
  std::string_view note;  ///< part of what the edit says for batch 3
};

const Trap kTraps[] = {
    {"data that indices of each sample go into", R"(
g (float[4,6] x) => (float[4,1] y)
<float[4,6] c = {1,2,3,4,5,6,1,2,3,4,5,6,1,2,3,4,5,6,1,2,3,4,5,6}>
{ a = ArgMax <axis = 1> (x)  [g] y = GatherElements <axis = 1> (c, a) }
)",
     "node 'g' (GatherElements): constant 'c' [4, 6] -> [3, 6]"},
    {"what is scattered into", R"(
g (float[4,6] x) => (float[4,8] y)
<int64[4,1] i = {7,7,7,7}, float[4,8] zeros = {0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}>
{ m = ReduceMax <axes = [1]> (x)  [s] y = ScatterElements <axis = 1> (zeros, i, m) }
)",
     "node 's' (ScatterElements): constant 'zeros' [4, 8] -> [3, 8]"},
    {"rows that are written by their numbers", R"(
g (float[4,6] x) => (float[4,6] y)
<int64[4,1] i = {0,1,2,3}, int64[2] s = {4,6}>
{ zeros = ConstantOfShape <value = float[1] {0}> (s)  r = Relu (x)  [w] y = ScatterND (zeros, i, r) }
)",
     "node 'w' (ScatterND): constant 'i' [4, 1] -> [3, 1], it counted the samples of the old batch"},
    {"lengths of sequences", R"(
g (float[4,5,3] x) => (float[4,5,3] y)
<int64[4] l = {5,5,5,5}>
{ [r] y = ReverseSequence <batch_axis = 0, time_axis = 1> (x, l) }
)",
     "node 'r' (ReverseSequence): constant 'l' [4] -> [3]"},
    {"a term of an Einsum", R"(
g (float[4,2] x) => (float[4,3] y)
<float[4,2,3] c = {1,2,3,4,5,6,1,2,3,4,5,6,1,2,3,4,5,6,1,2,3,4,5,6}>
{ [e] y = Einsum <equation = "bi,bij->bj"> (x, c) }
)",
     "node 'e' (Einsum): constant 'c' [4, 2, 3] -> [3, 2, 3]"},
    {"an initial state that is cut from all of them", R"(
g (float[4,5,6] x) => (float[5,1,4,3] y)
<float[1,9,6] w = fill(1), float[1,9,3] r = fill(2), int64[3] s = {2,4,3}, int64[1] first = {0}, int64[1] end = {1}>
{ t = Transpose <perm = [1,0,2]> (x)  all = ConstantOfShape <value = float[1] {0.5}> (s)
  h = Slice (all, first, end, first)  y = GRU <hidden_size = 3> (t, w, r, , , h) }
)",
     "(ConstantOfShape): shape [2, 4, 3] -> [2, 3, 3], the literal 4 was the old batch"},
    {"queries that follow from constants", R"(
g (float[4,2,6] x) => (float[4,3,2] y)
<float[1,3,6] q = fill(1), int64[3] times = {4,1,1}, int64[3] s = {4,3,6}>
{ t = Tile (q, times)  u = Transpose <perm = [1,0,2]> (t)  v = Transpose <perm = [1,0,2]> (u)  k = Reshape (v, s)
  [n] m = Neg (k)  o = Transpose <perm = [0,2,1]> (x)  [mm] y = MatMul (m, o) }
)",
     "[4, 3, 6]"},
    {"relative positions that are repeated for each head", R"(
g (float[4,2,5] x) => (float[8,5] y)
<float[2,5] p = fill(1), int64[2] times = {4,1}, int64[2] s = {8,5}>
{ a = Reshape (x, s)  t = Tile (p, times)  [add] y = Add (a, t) }
)",
     "'t' [8, 5] -> [6, 5]"},
    {"two copies that are split again", R"(
g (float[4,6] x) => (float[4,6] y)
<int64[2] parts = {4,4}>
{ n = Neg (x)  both = Concat <axis = 0> (x, n)  t = Tanh (both)  [cut] a, b = Split <axis = 0> (t, parts)
  y = Sub (a, b) }
)",
     "node 'cut' (Split): split [4, 4] -> [3, 3], the literal 4 was the old batch"},
    {"two copies that are cut apart", R"(
g (float[4,6] x) => (float[4,6] y)
<int64[1] zero = {0}, int64[1] four = {4}, int64[1] end = {9223372036854775807}>
{ n = Neg (x)  both = Concat <axis = 0> (x, n)  t = Tanh (both)
  [first] a = Slice (t, zero, four, zero)  [second] b = Slice (t, four, end, zero)  y = Sub (a, b) }
)",
     "node 'second' (Slice): starts [4] -> [3], the literal 4 was the old batch"},
    {"copies by Tile, which come one after the other", R"(
g (float[4,6] x) => (float[2,4,6] y)
<int64[2] times = {2,1}, int64[3] s = {2,4,6}>
{ t = Tile (x, times)  [r] y = Reshape (t, s) }
)",
     "node 'r' (Reshape): shape [2, 4, 6] -> [2, 3, 6], the literal 4 was the old batch"},
    {"a constant batch beside the one of the data", R"(
g (float[4,6] x) => (float[4,6] y)
<float[4,6] c = {1,2,3,4,5,6,1,2,3,4,5,6,1,2,3,4,5,6,1,2,3,4,5,6}, int64[3] s = {2,4,6}>
{ [cat] both = Concat <axis = 0> (x, c)  t = Tanh (both)  r = Reshape (t, s)
  y = ReduceMean <axes = [0], keepdims = 0> (r) }
)",
     "node 'cat' (Concat): constant 'c' [4, 6] -> [3, 6]"},
    {"both branches of an If", R"(
g (float[4,2] x, bool c) => (float[4,2] y)
{ z = If (c) <then_branch = t () => (float[4,2] a) { a = Constant <value = float[4,2] {3,4,3,4,3,4,3,4}> () },
              else_branch = e () => (float[4,2] d) { d = Constant <value = float[4,2] {1,2,1,2,1,2,1,2}> () }>
  y = Add (x, z) }
)",
     "constant 'a' [4, 2] -> [3, 2], it held the same row for each sample of the old batch"},
    {"indices of samples beside computed positions, in one axis", R"(
g (float[4,6] x) => (float[4] y)
<int64[1] flat = {-1}, int64[4] b = {0,6,12,18}>
{ f = Reshape (x, flat)  p = ArgMax <axis = 1, keepdims = 0> (x)  [at] i = Add (p, b)  y = Gather (f, i) }
)",
     "node 'at' (Add): constant 'b' [4] -> [3], it counted the samples of the old batch"},
    {"what is behind a loop over the samples", R"(
g (float[4,6] x) => (float[8,3] y)
<int64 trips = {4}, bool go = {1}, int64[2] s = {8,3}>
{ rows = Loop (trips, go) <body = b (int64 i, bool c) => (bool k, float[6] o) {
    k = Identity (c)  row = Gather (x, i)  o = Relu (row) }>
  [r] y = Reshape (rows, s) }
)",
     "node 'r' (Reshape): shape [8, 3] -> [6, 3], the literal 8 held the old batch 4"},
    {"scales of each sample", R"(
g (uint8[4,6] x) => (float[4,6] y)
<float[4] s = {2,2,2,2}>
{ [d] y = DequantizeLinear <axis = 0> (x, s) }
)",
     "node 'd' (DequantizeLinear): constant 's' [4] -> [1]"},
};

TEST_CASE("--set-batch mends other operands than the data") {
  for (const Trap& trap : kTraps) {
    CAPTURE(trap.name);
    for (const std::string_view batch : {"3", "1", "8", "N"}) {
      CAPTURE(batch);
      const EditReport report = check_sample_by_sample(trap.model, batch);
      CAPTURE(notes(report));
      if (batch == "3") CHECK(mentions(report, trap.note));
    }
  }
}

struct Single {
  std::string_view name;
  std::string_view model;
};

const Single kSingles[] = {
    {"a row that is squeezed to be broadcast", R"(
g (float[1,3] x, float[1,3] y) => (float[1,3] z) <int64[1] zero = {0}> { s = Squeeze (y, zero)  z = Add (x, s) }
)"},
    {"a row that is squeezed without saying where", R"(
g (float[1,3] x, float[1,3] y) => (float[1,3] z) { s = Squeeze (y)  z = Add (x, s) }
)"},
    {"a constant row that a Gemm adds the batch to", R"(
g (float[1,6] x) => (float[1,6] z)
<float[1,6] h = fill(1), float[6,6] u = fill(2)>
{ a = Tanh (x)  z = Gemm (h, u, a) }
)"},
    {"a -1 that is 1 beside the batch", R"(
g (float[1,6] x, float[1,3,6] w) => (float[1,3,6] y)
<int64[1] one = {1}, int64[3] s = {1,-1,6}>
{ u = Unsqueeze (x, one)  r = Reshape (u, s)  y = Add (w, r) }
)"},
    {"a step of 1 beside the batch, which is split into heads", R"(
g (float[1,1,16] x, float[1,2,5,8] past) => (float[1,2,6,8] y)
<int64[4] s = {1,-1,2,8}>
{ r = Reshape (x, s)  t = Transpose <perm = [0,2,1,3]> (r)  y = Concat <axis = 2> (past, t) }
)"},
    {"a mask that is merged into the heads", R"(
g (float[1,4,9,9] x, float[1,9] m) => (float[1,4,9,9] y)
<int64[4] s1 = {1,1,1,9}, int64[4] s2 = {1,4,1,9}, int64[3] s3 = {4,1,9}>
{ a = Reshape (m, s1)  b = Expand (a, s2)  c = Reshape (b, s3)  d = Reshape (c, s2)  y = Add (x, d) }
)"},
};

TEST_CASE("--set-batch tells a batch of 1 from other axes of 1") {
  for (const Single& single : kSingles) {
    CAPTURE(single.name);
    for (const std::string_view batch : {"3", "N"}) {
      CAPTURE(batch);
      check_sample_by_sample(single.model, batch);
    }
  }
}

struct Mixing {
  std::string_view node;  ///< what the message begins with
  std::string_view model;
};

const Mixing kMixing[] = {
    {"node 'n' (Trilu): works along", "g (float[4,6] x) => (float[4,6] y) { [n] y = Trilu (x) }"},
    {"node 'n' (EyeLike): works along", "g (float[4,4] x) => (float[4,4] y) { [n] e = EyeLike (x)  y = Add (x, e) }"},
    {"node 'n' (DynamicQuantizeLinear): works along",
     "g (float[4,6] x) => (uint8[4,6] y) { [n] y, s, z = DynamicQuantizeLinear (x) }"},
    {"node 'n' (Unique): works along", "g (float[4,6] x) => (float[k,6] y) { [n] y = Unique <axis = 0> (x) }"},
    {"node 'n' (NonZero): works along", "g (float[4,6] x) => (int64[2,k] y) { [n] y = NonZero (x) }"},
    {"node 'n' (ReverseSequence): works along",
     "g (float[4,6] x) => (float[4,6] y) <int64[6] l = {4,4,4,4,4,4}> { [n] y = ReverseSequence <batch_axis = 1, "
     "time_axis = 0> (x, l) }"},
    {"node 'n' (BatchNormalization): works along",
     "g (float[4,3,5] x) => (float[4,3,5] y) <float[3] s = fill(1), float[3] b = fill(2), float[3] m = fill(3), "
     "float[3] v = {1,1,1}> { [n] y, rm, rv = BatchNormalization <training_mode = 1> (x, s, b, m, v) }"},
    {"node 'n' (Einsum): sums over 'b'",
     "g (float[4,6] x) => (float[6,6] y) { [n] y = Einsum <equation = \"bi,bj->ij\"> (x, x) }"},
    {"node 'n' (Einsum): makes [4, 4], which holds the batch in two axes",
     "g (float[4,6] x) => (float[4,4] y) { [n] y = Einsum <equation = \"bi,ci->bc\"> (x, x) }"},
    {"node 'n' (MatMul): makes [4, 4], which holds the batch in two axes",
     "g (float[4,6] x) => (float[4,4] y) { t = Transpose (x)  [n] y = MatMul (x, t) }"},
    {"node 'n' (Concat): puts together [4, 6] and [1, 6] along the batch",
     "g (float[4,6] x) => (float[5,6] y) <float[1,6] c = fill(1)> { [n] y = Concat <axis = 0> (x, c) }"},
    {"node 'n' (Add): puts together [8, 6] and [8, 6], where samples are in other orders",
     "g (float[4,2,6] x) => (float[8,6] y) <int64[2] s = {8,6}> { t = Transpose <perm = [1,0,2]> (x)  a = Reshape (t, "
     "s)  b = Reshape (x, s)  [n] y = Add (a, b) }"},
    {"node 'n' (Pad): works along",
     "g (float[4,6] x) => (float[5,6] y) <int64[4] p = {1,0,0,0}> { [n] y = Pad (x, p) }"},
    {"node 'n' (Resize): works along",
     "g (float[4,6] x) => (float[8,6] y) <float[2] s = {2,1}> { [n] y = Resize <mode = \"nearest\"> (x, , s) }"},
    {"node 'n' (CumSum): works along", "g (float[4,6] x, int64 a) => (float[4,6] y) { [n] y = CumSum (x, a) }"},
    {"node 'n' (Reshape): turns",
     "g (float[4,6] x) => (float[4,2,6] y) <int64[2] r = {2,1}, int64[3] s = {4,2,6}> { t = Tile (x, r)  [n] y = "
     "Reshape (t, s) }"},
    {"node 'n' (GatherElements): puts together",
     "g (float[4,6] x) => (float[2,2] y) <int64[2,2] i = {0,1,1,0}> { [n] y = GatherElements <axis = 1> (x, i) }"},
    {"node 'n' (SplitToSequence): works along",
     "g (float[4,6] x) => (float[1,6] y) <int64 i = {2}> { [n] s = SplitToSequence <axis = 0> (x)  y = SequenceAt (s, "
     "i) }"},
    {"node 'n' (SoftmaxCrossEntropyLoss): works along",
     "g (float[4,6] x, int64[4] l) => (float y) { [n] y = SoftmaxCrossEntropyLoss (x, l) }"},
    {"node 'n' (Slice): takes a part of the batch from where it is told at run time",
     "g (float[4,6] x, int64[1] i) => (float[k,6] y) <int64[1] one = {1}, int64[1] axes = {0}> { j = Add (i, one)  [n] "
     "y = Slice (x, i, j, axes) }"},
};

TEST_CASE("--set-batch refuses operators that mix samples in ways of their own") {
  for (const Mixing& m : kMixing) {
    CAPTURE(m.node);
    for (const std::string_view batch : {"3", "1", "N"}) {
      CAPTURE(batch);
      const auto model = graph_text::parse(m.model);
      const std::string message = refusal(*model, "--set-batch", batch);
      CHECK(message.starts_with("1: --set-batch: " + std::string(m.node)));
      CHECK(message.ends_with("no batch other than 4 is right"));
    }
  }
}

TEST_CASE("the proof sample by sample sees results that depend on the place in the batch") {
  constexpr std::string_view kBefore =
      "g (float[4,2] x) => (float[4,2] y) <float[4,1] p = {0,1,2,3}> { y = Add (x, p) }";
  struct Case {
    std::string_view after;
    bool equal;
  };
  const Case cases[] = {
      {"g (float[3,2] x) => (float[3,2] y) <float[3,1] p = {0,1,2}> { y = Add (x, p) }", false},
      {"g (float[1,2] x) => (float[1,2] y) <float[1,1] p = {0}> { y = Add (x, p) }", false},
  };
  for (const Case& c : cases) {
    const auto before = graph_text::parse(kBefore);
    const auto after = graph_text::parse(c.after);
    const exec::VerifyResult proof = exec::verify(*before, *after, Meaning::kPerSample, {});
    CHECK(proof.ran);
    CHECK(proof.equal == c.equal);
  }
}

TEST_CASE("the proof sample by sample sees a row that is broadcast to the old batch") {
  const std::string_view body = " => (float[2,3] y) <float[2,3] c = {1,2,3,1,2,3}> { y = Add (x, c) }";
  const auto before = graph_text::parse("g (float[2,3] x)" + std::string(body));
  const auto after = graph_text::parse("g (float[1,3] x)" + std::string(body));
  const exec::VerifyResult proof = exec::verify(*before, *after, Meaning::kPerSample, {});
  CHECK(proof.ran);
  CHECK_FALSE(proof.equal);
}

TEST_CASE("a proof fills up a group beside inputs that are no batch, and of sizes that it cannot join") {
  const std::string_view body =
      ", seq(float[2]) s) => (float[...] y, int64 n) { y = Relu (x)  n = SequenceLength (s) }";
  const auto model_of = [&](std::string_view input) {
    return graph_text::parse("g (" + std::string(input) + " x" + std::string(body));
  };
  const auto before = model_of("float[4,5]");
  CHECK(exec::verify(*before, *model_of("float[3,5]"), Meaning::kPerSample, {}).equal);
  CHECK_FALSE(exec::verify(*before, *model_of("float[3,6]"), Meaning::kPerSample, {}).equal);
}

TEST_CASE("a proof runs both branches that an input chooses") {
  const auto model_of = [](std::string_view in_then, std::string_view in_else) {
    return graph_text::parse(
        "g (float[4,2] x, bool c) => (float[4,2] y) { y = If (c) <then_branch = t () => (float[4,2] "
        "a) { a = " +
        std::string(in_then) + " (x) }, else_branch = e () => (float[4,2] b) { b = " + std::string(in_else) +
        " (x) }> }");
  };
  const auto before = model_of("Relu", "Neg");
  for (const auto& [in_then, in_else] : {std::pair("Abs", "Neg"), std::pair("Relu", "Abs")}) {
    const auto after = model_of(in_then, in_else);
    const exec::VerifyResult proof = exec::verify(*before, *after, Meaning::kKept, {});
    CHECK(proof.ran);
    CHECK_FALSE(proof.equal);
  }
  CHECK(exec::verify(*before, *model_of("Relu", "Neg"), Meaning::kKept, {}).equal);
}

TEST_CASE("a proof pairs an output with the output of its name, whatever took its place") {
  constexpr std::string_view kModel = "g (float[2,4] x) => (float[2,4] y) { r = Relu (x)  y = Identity (r) }";
  const auto before = graph_text::parse(kModel);
  const auto after = graph_text::parse(kModel);
  simplify(*after, nullptr, {});
  CHECK(after->graph().num_nodes() == 1);
  const exec::VerifyResult proof = exec::verify(*before, *after, Meaning::kKept, {});
  CAPTURE(proof.message);
  CHECK(proof.equal);
}

TEST_CASE("the proof for an open batch runs more samples than the old batch held") {
  const auto before = graph_text::parse("g (float[4,2] x) => (float[4,2] y) { y = Relu (x) }");
  // Right for up to four samples.
  const auto after = graph_text::parse(
      "g (float[N,2] x) => (float[N,2] y) <int64[1] s = {0}, int64[1] e = {4}> { r = Relu (x)  y = Slice (r, s, e, s) "
      "}");
  const exec::VerifyResult proof = exec::verify(*before, *after, Meaning::kPerSample, {});
  CHECK_FALSE(proof.equal);
}

TEST_CASE("the proof sample by sample takes a sequence with one element for each of them") {
  const auto parse = [](std::string_view text) {
    auto model = graph_text::parse(text);
    model->graph().set_type(*model->graph().find("y"), Type());
    return model;
  };
  constexpr std::string_view kHead = R"(<ir_version: 8, opset_import: ["" : 13, "ai.onnx.ml" : 1]> )";
  constexpr std::string_view kBody = "{ s = Softmax (x)  y = ai.onnx.ml.ZipMap <classlabels_int64s = [0,1]> (s) }";
  const auto before = parse(std::string(kHead) + "g (float[4,2] x) => (float[...] y) " + std::string(kBody));
  for (const std::string size : {"3", "9", "N"}) {
    CAPTURE(size);
    const auto after =
        parse(std::string(kHead) + "g (float[" + size + ",2] x) => (float[...] y) " + std::string(kBody));
    const exec::VerifyResult proof = exec::verify(*before, *after, Meaning::kPerSample, {});
    CAPTURE(proof.message);
    CHECK(proof.equal);
  }
}

TEST_CASE("the proof sample by sample takes sizes in any type, and outputs that hold a multiple of the batch") {
  const std::string_view models[] = {
      "g (float[4,3,2] x) => (float[12,2] y) <int64[2] s = {-1,2}> { y = Reshape (x, s) }",
      "g (float[4,3,2] x) => (float[12,2] y) <int64[2] s = {-1,2}> { t = Transpose <perm = [1,0,2]> (x)  y = Reshape "
      "(t, s) }",
      "g (float[4,6] x) => (float[4,6] y) { s = Shape (x)  i = Cast <to = 6> (s)  f = Cast <to = 1> (i)  j = Cast <to "
      "= 7> (f)  n = Neg (x)  y = Reshape (n, j) }",
  };
  for (const std::string_view model : models) {
    CAPTURE(model);
    for (const std::string_view batch : {"3", "9", "N"}) check_sample_by_sample(model, batch);
  }
}

TEST_CASE("--set-batch takes inputs along that have names of their own for the batch") {
  const auto model = graph_text::parse(
      "g (float[unk_1,2] x, float[unk_2,2] y, float[steps,2] z) => (float[unk_3,2] a, float[steps,2] b) { a = Add (x, "
      "y)  b = Neg (z) }");
  const EditReport report = apply(*model, "--set-batch", "3");
  CHECK(mentions(report, "batch unk_1 -> 3 at input 'x', 'y'"));
  CHECK(mentions(report, "input 'z' [steps, 2] does not carry the batch and was left alone; --batch-axis z=0"));
  CHECK(to_string(model->graph().find("a")->type()) == "float[3, 2]");
}

}  // namespace
