#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "edit_helpers.h"
#include "exec/verify.h"
#include "graph_text.h"

namespace {

using namespace surgery;

std::string type_of(Model& model, std::string_view name) { return to_string(model.graph().find(name)->type()); }

// ---- Dimensions that are numbers ------------------------------------------------------------------------------------

/// A model whose input x has the side 8, and the edits that give it another one.
struct Freed {
  std::string_view name;
  std::string_view model;
  std::string_view shape;    ///< for --set-shape: side 12
  std::string_view dynamic;  ///< for --make-dynamic, S for the side
  std::string_view note;     ///< what both say of the mend: the start of it
};

const Freed kFreed[] = {
    {"spatial axes that are merged", R"(
g (float[1,3,8,8] x) => (float[1,2,64] y)
<float[2,3,3,3] w = fill(1), int64[3] s = {1,2,64}>
{ c = Conv <pads = [1,1,1,1]> (x, w)  [r] y = Reshape (c, s) }
)",
     "x:1,3,12,12", "x:2=S,3=S", "node 'r' (Reshape): shape [1, 2, 64] -> "},
    {"one that follows from the old size", R"(
g (float[1,1,8,6] x) => (float[1,12] y)
<int64[2] s = {1,12}>
{ p = MaxPool <kernel_shape = [2,2], strides = [2,2]> (x)  [r] y = Reshape (p, s) }
)",
     "x:1,1,12,6", "x:2=S", "node 'r' (Reshape): shape [1, 12] -> "},
    {"merged and split again", R"(
g (float[1,2,8,8] x) => (float[1,2,8,8] y)
<int64[3] s1 = {1,2,64}, int64[4] s2 = {1,2,8,8}>
{ [r1] a = Reshape (x, s1)  b = Softmax <axis = 2> (a)  [r2] y = Reshape (b, s2) }
)",
     "x:1,2,12,12", "x:2=S,3=S", "node 'r2' (Reshape): shape [1, 2, 8, 8] -> "},
    {"sizes of a Resize that meets a skip connection", R"(
g (float[1,2,8,8] x) => (float[1,4,8,8] y)
<int64[4] s = {1,2,8,8}>
{ p = MaxPool <kernel_shape = [2,2], strides = [2,2]> (x)
  [up] u = Resize <mode = "nearest"> (p, , , s)  y = Concat <axis = 1> (x, u) }
)",
     "x:1,2,12,12", "x:2=S,3=S", "node 'up' (Resize): sizes [1, 2, 8, 8] -> "},
    {"position ids that are cut from a table", R"(
g (float[1,8,4] x) => (float[1,8,4] y)
<float[16,4] table = fill(1), int64[1,16] ids = {0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15}, int64[1] starts = {0}, int64[1] ends = {8}, int64[1] axes = {1}>
{ [cut] i = Slice (ids, starts, ends, axes)  e = Gather (table, i)  y = Add (x, e) }
)",
     "x:1,12,4", "x:1=S", "node 'cut' (Slice): ends [8] -> "},
    {"a Range of positions", R"(
g (float[1,8,4] x) => (float[1,8,4] y)
<float[16,4] table = fill(1), int64 zero = {0}, int64 limit = {8}, int64 one = {1}>
{ [range] i = Range (zero, limit, one)  e = Gather (table, i)  y = Add (x, e) }
)",
     "x:1,12,4", "x:1=S", "node 'range' (Range): limit [8] -> "},
    {"a mask of zeros", R"(
g (float[1,8,4] x) => (float[1,8,8] y)
<int64[3] s = {1,8,8}>
{ t = Transpose <perm = [0,2,1]> (x)  m = MatMul (x, t)
  [mask] z = ConstantOfShape <value = float[1] {0}> (s)  y = Add (m, z) }
)",
     "x:1,12,4", "x:1=S", "node 'mask' (ConstantOfShape): shape [1, 8, 8] -> "},
    {"a constant with the same row everywhere", R"(
g (float[1,8,2] x) => (float[1,8,2] y)
<float[1,8,2] c = {1,2,1,2,1,2,1,2,1,2,1,2,1,2,1,2}>
{ [add] y = Add (x, c) }
)",
     "x:1,12,2", "x:1=S",
     "node 'add' (Add): constant 'c' [1, 8, 2] -> [1, 1, 2], it held the same row at each position"},
    {"an end of a Slice", R"(
g (float[1,8,2] x) => (float[1,7,2] y)
<int64[1] starts = {1}, int64[1] ends = {8}, int64[1] axes = {1}>
{ [cut] y = Slice (x, starts, ends, axes) }
)",
     "x:1,12,2", "x:1=S", "node 'cut' (Slice): end 8 in axis 1 -> to the end, it was the old size"},
    {"another input of the same length", R"(
g (float[1,8,2] x, float[1,8] mask) => (float[1,8,2] y)
<int64[1] axes = {2}>
{ u = Unsqueeze (mask, axes)  [mul] y = Mul (x, u) }
)",
     "x:1,12,2", "x:1=S", "input 'mask': axis 1 8 -> "},
};

TEST_CASE("--set-shape and --make-dynamic mend what holds the old size") {
  for (const Freed& f : kFreed) {
    CAPTURE(f.name);
    const auto before = graph_text::parse(f.model);
    const auto fixed = graph_text::parse(f.model);
    const EditReport fixing = apply(*fixed, "--set-shape", f.shape);
    CAPTURE(notes(fixing));
    CHECK(mentions(fixing, f.note));
    const auto dynamic = graph_text::parse(f.model);
    const EditReport freeing = apply(*dynamic, "--make-dynamic", f.dynamic);
    CAPTURE(notes(freeing));
    CHECK(mentions(freeing, f.note));

    // At the old size the freed model is the one before; at the new size it is the one that was given that size.
    exec::VerifyOptions options;
    options.inputs.dims = {{"S", 8}};
    const exec::VerifyResult same = exec::verify(*before, *dynamic, Meaning::kInterface, options);
    CAPTURE(same.message);
    CHECK(same.ran);
    CHECK(same.equal);
    const exec::VerifyResult other = exec::verify(*dynamic, *fixed, Meaning::kInterface, {});
    CAPTURE(other.message);
    CHECK(other.ran);
    CHECK(other.equal);
  }
}

TEST_CASE("edits of dimensions claim no more than they keep") {
  const std::string_view mixing = "g (float[4,8] x) => (float[4,1] y) { y = ReduceMean <axes = [1]> (x) }";
  struct Case {
    std::string_view option;
    std::string_view argument;
    Meaning meaning;
  };
  const Case cases[] = {
      {"--set-shape", "x:4,8", Meaning::kKept},
      {"--set-shape", "x:2,8", Meaning::kPerPlace},
      {"--set-shape", "x:4,6", Meaning::kChanged},
      {"--set-shape", "x:2,6", Meaning::kChanged},
      {"--set-shape", "x:N,8", Meaning::kPerPlace},
      {"--set-shape", "x:4,L", Meaning::kInterface},
      {"--make-dynamic", "x:0=N", Meaning::kPerPlace},
      {"--make-dynamic", "x:1=L", Meaning::kInterface},
      {"--make-dynamic", "x:0=N,1=L", Meaning::kInterface},
  };
  for (const Case& c : cases) {
    CAPTURE(c.argument);
    const auto model = graph_text::parse(mixing);
    const EditReport report = apply(*model, c.option, c.argument);
    CHECK(report.meaning == c.meaning);
    CHECK(report.old_sizes.empty() == (c.meaning != Meaning::kInterface));
  }
}

struct Refusal {
  std::string_view name;
  std::string_view model;
  std::string_view option;
  std::string_view argument;
  std::string_view message;
};

constexpr std::string_view kRelu = "g (float[4] x) => (float[4] y) { y = Relu (x) }";

const Refusal kRefusals[] = {
    {"positions that are learned",
     "g (float[1,8,2] x) => (float[1,8,2] y) <float[1,8,2] p = fill(1)> { [add] y = Add (x, p) }", "--make-dynamic",
     "x:1=L",
     "1: --make-dynamic: node 'add' (Add): its constant input 'p' [1, 8, 2] holds other elements for each of the 8 "
     "positions of the old size, and none for another one"},
    {"channels that weights fix",
     "g (float[1,3,8,8] x) => (float[1,2,6,6] y) <float[2,3,3,3] w = fill(1)> { [conv] y = Conv (x, w) }",
     "--make-dynamic", "x:1=C", "1: --make-dynamic: node 'conv' (Conv): "},
    {"features that weights fix",
     "g (float[1,8] x) => (float[1,2] y) <float[8,2] w = fill(1)> { [m] y = MatMul (x, w) }", "--set-shape", "x:1,9",
     "2: --set-shape: node 'm' (MatMul): its constant input 'w' [8, 2] holds other elements for each of the 8 "
     "positions of the old size, and none for another one"},
    {"a dimension that is split", R"(
g (float[1,8,2] x) => (float[1,2,4,2] y) <int64[4] s = {1,2,4,2}> { [r] y = Reshape (x, s) }
)",
     "--make-dynamic", "x:1=L",
     "1: --make-dynamic: node 'r' (Reshape): turns [1, 8, 2] into [1, 2, 4, 2], where what was freed is split or "
     "merged "
     "otherwise; no other size is right"},
    {"parts of fixed sizes", R"(
g (float[1,8] x) => (float[1,4] y, float[1,4] z) <int64[2] s = {4,4}> { [split] y, z = Split <axis = 1> (x, s) }
)",
     "--make-dynamic", "x:1=L", "1: --make-dynamic: node 'split' (Split): "},
    {"a loop that counts through it", R"(
g (float[2,5,3] x) => (float[2,3] y)
<int64 trips = {5}, bool go = {1}, int64 one = {1}, int64 zero = {0}>
{ first = Gather <axis = 1> (x, zero)
  [loop] y, last = Loop (trips, go, first, zero) <body = b (int64 i, bool c, float[2,3] h, int64 j) => (bool k, float[2,3] n, int64 m) {
    k = Identity (c)  [pick] s = Gather <axis = 1> (x, j)  n = Add (h, s)  m = Add (j, one) }> }
)",
     "--make-dynamic", "x:1=T",
     "4: --make-dynamic: node 'pick' (Gather): takes one place after the other along axis 1, which was freed, and "
     "nothing in node 'loop' (Loop) says how many there are"},
    {"an unknown input", kRelu, "--make-dynamic", "xx:0=N",
     "2: --make-dynamic: there is no input 'xx'; did you mean 'x'?"},
    {"an axis out of range", kRelu, "--make-dynamic", "x:1=N",
     "2: --make-dynamic: axis 1 is out of range for input 'x' [4]"},
    {"an axis that is named twice", kRelu, "--make-dynamic", "x:0=N,-1=M", "2: --make-dynamic: axis 0 is named twice"},
    {"an axis that is dynamic", "g (float[N] x) => (float[N] y) { y = Relu (x) }", "--make-dynamic", "x:0=M",
     "2: --make-dynamic: axis 0 of input 'x' is dynamic already: 'N'; --set-dim renames it"},
    {"a number for a name", kRelu, "--make-dynamic", "x:0=3",
     "2: --make-dynamic: expected a name for axis 0, found '3'"},
    {"nothing behind the colon", kRelu, "--make-dynamic",
     "x:", "2: --make-dynamic: expected INPUT:AXIS=NAME,..., found 'x:'"},
    {"two numbers for one name", "g (float[4,5] x) => (float[4,5] y) { y = Relu (x) }", "--make-dynamic", "x:0=N,1=N",
     "2: --make-dynamic: dimension 'N' cannot be both 4 and 5"},
    {"a symbol that nobody has", "g (float[height] x) => (float[height] y) { y = Relu (x) }", "--set-dim", "heigth=3",
     "2: --set-dim: the model has no dimension 'heigth'; did you mean 'height'?"},
    {"no value", "g (float[H] x) => (float[H] y) { y = Relu (x) }", "--set-dim", "H",
     "2: --set-dim: expected NAME=N or NAME=OTHER, found 'H'"},
    {"a value that a node cannot take",
     "g (float[1,H] x) => (float[1,2] y) <float[8,2] w = fill(1)> { [m] y = MatMul (x, w) }", "--set-dim", "H=9",
     "2: --set-dim: node 'm' (MatMul): "},
};

TEST_CASE("edits of dimensions refuse what cannot be, and name it") {
  for (const Refusal& r : kRefusals) {
    CAPTURE(r.name);
    const auto model = graph_text::parse(r.model);
    const std::string message = refusal(*model, r.option, r.argument);
    CAPTURE(message);
    CHECK(message.starts_with(r.message));
  }
}

TEST_CASE("--force leaves what cannot be mended as it is, with a warning") {
  const auto model =
      graph_text::parse("g (float[1,8,2] x) => (float[1,8,2] y) <float[1,8,2] p = fill(1)> { [add] y = Add (x, p) }");
  const EditReport report = apply(*model, "--set-shape", "x:1,9,2", {.force = true});
  CHECK(mentions(report, "warning: node 'add' (Add): its constant input 'p' [1, 8, 2] holds other elements"));
  CHECK(type_of(*model, "x") == "float[1, 9, 2]");
}

// ---- Symbols --------------------------------------------------------------------------------------------------------

constexpr std::string_view kSymbols = R"(
g (float[N,H] x, float[N,W] z) => (float[N,?] y)
<float[N,H] r>
{ r = Relu (x)  y = Concat <axis = 1> (r, z) }
)";

TEST_CASE("--set-dim gives a symbol a value, or another name, everywhere") {
  const auto valued = graph_text::parse(kSymbols);
  const EditReport report = apply(*valued, "--set-dim", "H=5");
  CHECK(report.meaning == Meaning::kInterface);
  CHECK(notes(report) == "dimension 'H' -> 5");
  CHECK(type_of(*valued, "x") == "float[N, 5]");
  CHECK(type_of(*valued, "r") == "float[N, 5]");
  CHECK(notes(apply(*valued, "--set-dim", "H=5")) == "dimension 'H' is 5 already");
  CHECK(refusal(*valued, "--set-dim", "H=6") == "2: --set-dim: dimension 'H' was set to 5 before, and cannot be 6 too");
  apply(*valued, "--set-dim", "W=2");
  CHECK(type_of(*valued, "y") == "float[N, 7]");

  const auto renamed = graph_text::parse(kSymbols);
  CHECK(notes(apply(*renamed, "--set-dim", "H=height")) == "dimension 'H' -> height");
  CHECK(type_of(*renamed, "r") == "float[N, height]");

  const auto joined = graph_text::parse(kSymbols);
  CHECK(notes(apply(*joined, "--set-dim", "W=H")) ==
        "dimension 'W' -> H, which the model had already: the two are one now");
  CHECK(type_of(*joined, "z") == "float[N, H]");
}

TEST_CASE("--set-dim to 1 names the axes of a Squeeze that would drop it") {
  const auto model = graph_text::parse("g (float[N,6,1] x) => (float[N,6] y) { [s] y = Squeeze (x) }");
  CHECK(mentions(apply(*model, "--set-dim", "N=1"), "node 's' (Squeeze): the axes of size 1 are named now"));
  CHECK(type_of(*model, "y") == "float[1, 6]");
}

// ---- Where the batch is ---------------------------------------------------------------------------------------------

constexpr std::string_view kSequenceFirst = R"(
g (float[5,4,6] x, float[4] scale) => (float[5,4,3] y)
<float[6,3] w = fill(1), int64[2] s = {20,6}, int64[3] back = {5,4,3}, int64[2] axes = {0,2}>
{ [r1] f = Reshape (x, s)  m = MatMul (f, w)  [r2] b = Reshape (m, back)
  u = Unsqueeze (scale, axes)  y = Mul (b, u) }
)";

TEST_CASE("--batch-axis says which axis of an input is the batch") {
  for (const std::string_view batch : {"2", "7", "N"}) {
    CAPTURE(batch);
    const auto before = graph_text::parse(kSequenceFirst);
    const auto after = graph_text::parse(kSequenceFirst);
    const EditReport report = apply(*after, "--set-batch", batch, {.batch_axes = {"x=1"}});
    CHECK(mentions(report, "batch 4 -> " + std::string(batch) + " at input 'x' axis 1, 'scale'"));
    CHECK(mentions(report, "node 'r1' (Reshape): shape [20, 6] -> "));
    CHECK(type_of(*after, "y") == "float[5, " + std::string(batch) + ", 3]");
    const exec::VerifyResult proof = exec::verify(*before, *after, Meaning::kPerSample, {});
    CAPTURE(proof.message);
    CHECK(proof.ran);
    CHECK(proof.equal);
  }
}

TEST_CASE("--batch-axis refuses what is no axis of the batch") {
  struct Case {
    std::string_view argument;
    std::string_view message;
  };
  const Case cases[] = {
      {"x=3", "2: --set-batch: axis 3 is out of range for input 'x' [5, 4, 6]"},
      {"w=0", "2: --set-batch: there is no input 'w'; did you mean 'x'?"},
      {"x", "2: --set-batch: expected --batch-axis INPUT=AXIS, found 'x'"},
      {"x=a", "2: --set-batch: expected an axis behind --batch-axis x=, found 'a'"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.argument);
    const auto model = graph_text::parse(kSequenceFirst);
    CHECK(refusal(*model, "--set-batch", "2", {.batch_axes = {std::string(c.argument)}}).starts_with(c.message));
  }
  const auto model = graph_text::parse(kSequenceFirst);
  CHECK(refusal(*model, "--set-batch", "2", {.batch_axes = {"x=0", "scale=0"}}) ==
        "2: --set-batch: input 'scale' has 4 where input 'x' has the batch 5");
}

TEST_CASE("--make-dynamic frees several inputs at once") {
  const auto model = graph_text::parse(
      "g (float[2,5] x, float[3,5] z) => (float[5,5] y) { t = Concat <axis = 0> (x, z)  y = Relu (t) }");
  const EditReport report = apply(*model, "--make-dynamic", "x:1=T,0=A; z:1=T");
  CHECK(mentions(report, "input 'x': axis 1 5 -> T, axis 0 2 -> A"));
  CHECK(mentions(report, "input 'z': axis 1 5 -> T"));
  CHECK(type_of(*model, "z") == "float[3, T]");
  CHECK(type_of(*model, "y").ends_with(", T]"));
  CHECK(refusal(*model, "--make-dynamic", "x:1=T;") == "2: --make-dynamic: expected INPUT:AXIS=NAME,..., found ''");
}

TEST_CASE("a constant of arithmetic that equals an old size is named and stays") {
  const auto model = graph_text::parse(R"(
g (float[1,8] x) => (float[1,1] y)
<float n = {8}, float two = {2}>
{ s = ReduceL1 <axes = [1]> (x)  [d] m = Div (s, n)  y = Mul (m, two) }
)");
  const EditReport report = apply(*model, "--set-shape", "x:1,12");
  CHECK(mentions(report, "node 'd' (Div): calculates with the constant 8, which equals an old size; it stays"));
  CHECK_FALSE(mentions(report, "(Mul)"));
}

TEST_CASE("an edit of dimensions does not take back what another one said") {
  struct Case {
    std::vector<std::pair<std::string_view, std::string_view>> before;  ///< options and arguments
    std::pair<std::string_view, std::string_view> last;
    std::string_view message;  ///< "" where it is done
  };
  const Case cases[] = {
      {{{"--set-shape", "x:2,5"}},
       {"--set-shape", "z:3,6"},
       "2: --set-shape: dimension 'N' was set to 2 before, and cannot be 3 too (axis 0 of input 'x')"},
      {{{"--set-dim", "N=2"}},
       {"--set-batch", "3"},
       "2: --set-batch: dimension 'N' was set to 2 before, and cannot be 3 too (axis 0 of input 'x')"},
      {{{"--set-batch", "2"}, {"--set-batch", "B"}}, {"--set-batch", "2"}, ""},
      {{{"--set-batch", "2"}, {"--set-dim", "H=5"}}, {"--set-shape", "x:2,5"}, ""},
      {{{"--set-dim", "N=B"}, {"--set-dim", "B=2"}},
       {"--set-shape", "x:3,5"},
       "2: --set-shape: dimension 'B' was set to 2 before, and cannot be 3 too (axis 0 of input 'x')"},
      {{{"--set-dim", "N=B"}},
       {"--set-dim", "N=C"},
       "2: --set-dim: dimension 'N' was set to B before, and cannot be C "
       "too"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.message);
    const auto model = graph_text::parse(kSymbols);
    for (const auto& [option, argument] : c.before) apply(*model, option, argument);
    CHECK(refusal(*model, c.last.first, c.last.second) == c.message);
  }
}

TEST_CASE("--set-shape does not take back what it said of another input") {
  const auto model = graph_text::parse("g (float[2,7] a, float[2,7] b) => (float[2,7] y) { y = Add (a, b) }");
  apply(*model, "--set-shape", "a:3,7");
  CHECK(refusal(*model, "--set-shape", "b:4,7") ==
        "2: --set-shape: axis 0 of input 'a' was set to 3 before, and would be 4 now");
}

}  // namespace
