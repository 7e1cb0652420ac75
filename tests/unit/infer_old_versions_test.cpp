#include "infer_testing.h"

namespace infer_testing {
namespace {

TEST_CASE("operators of old versions, whose shapes and axes are attributes") {
  const InferCase cases[] = {
      {"Reshape-1", 4, "float[2,6] x", "", "y = Reshape <shape = [3,-1]> (x)", "float[3, 4]"},
      {"Reshape-1 that copies", 4, "float[N,6] x", "", "y = Reshape <shape = [0,2,3]> (x)", "float[N, 2, 3]"},
      {"Squeeze-1", 12, "float[N,1,3] x", "", "y = Squeeze <axes = [1]> (x)", "float[N, 3]"},
      {"Unsqueeze-1", 12, "float[N,3] x", "", "y = Unsqueeze <axes = [0,2]> (x)", "float[1, N, 1, 3]"},
      {"Slice-1", 9, "float[N,8] x", "", "y = Slice <axes = [1], starts = [2], ends = [-1]> (x)", "float[N, 5]"},
      {"Slice-1 of the first axes", 9, "float[9,8] x", "", "y = Slice <starts = [2,1], ends = [100,3]> (x)",
       "float[7, 2]"},
      {"Pad-1", 1, "float[N,8] x", "", "y = Pad <paddings = [0,1,0,2]> (x)", "float[N, 11]"},
      {"Pad-2", 10, "float[N,8] x", "", "y = Pad <pads = [0,-1,0,2]> (x)", "float[N, 9]"},
      {"Split-1 with sizes", 1, "float[N,8] x", "", "a, b = Split <axis = 1, split = [3,5]> (x)",
       "float[N, 3] ; float[N, 5]"},
      {"Split-2 in equal parts", 12, "float[N,8] x", "", "a, b = Split <axis = 1> (x)", "float[N, 4] ; float[N, 4]"},
      {"ReduceSum-1", 12, "float[N,8,3] x", "", "y = ReduceSum <axes = [1], keepdims = 0> (x)", "float[N, 3]"},
      {"ReduceMax-1 of all", 12, "float[N,8] x", "", "y = ReduceMax (x)", "float[1, 1]"},
      {"TopK-1", 9, "float[N,8] x", "", "v, i = TopK <k = 3> (x)", "float[N, 3] ; int64[N, 3]"},
      {"TopK-10", 10, "float[N,8] x", "int64[1] k = {3}", "v, i = TopK (x, k)", "float[N, 3] ; int64[N, 3]"},
      {"Upsample-7", 7, "float[N,3,H,W] x", "", "y = Upsample <scales = [1.0,1.0,2.0,2.0]> (x)",
       "float[N, 3, 2*H, 2*W]"},
      {"Upsample-9", 9, "float[N,3,H,W] x", "float[4] s = {1,1,2,2}", "y = Upsample (x, s)", "float[N, 3, 2*H, 2*W]"},
      {"Resize-10", 10, "float[N,3,4,4] x", "float[4] s = {1,1,2,0.5}", "y = Resize (x, s)", "float[N, 3, 8, 2]"},
      {"Tile-1", 5, "float[N,3] x", "int64 t = {2}, int64 a = {1}", "y = Tile (x, t, a)", "float[N, 6]"},
      {"Expand-8", 8, "float[N,1] x", "int64[2] s = {1,5}", "y = Expand (x, s)", "float[N, 5]"},
  };
  check_cases(cases);
}

TEST_CASE("operators of old versions that mean something else") {
  const InferCase cases[] = {
      {"Add-1 along an axis", 6, "float[N,3,H,W] x, float[3] b", "", "y = Add <broadcast = 1, axis = 1> (x, b)",
       "float[N, 3, H, W]"},
      {"Mul-6 of a row", 6, "float[N,3] x, float[3] b", "", "y = Mul <broadcast = 1> (x, b)", "float[N, 3]"},
      {"PRelu-6 along the channels", 6, "float[N,3,H] x, float[3] s", "", "y = PRelu (x, s)", "float[N, 3, H]"},
      {"Gemm-6 with a row", 6, "float[N,4] a, float[4,5] b, float[5] c", "", "y = Gemm <broadcast = 1> (a, b, c)",
       "float[N, 5]"},
      {"Flatten-1", 8, "float[N,3,4] x", "", "y = Flatten (x)", "float[N, 12]"},
      {"Softmax-1 keeps the shape", 12, "float[N,3,4] x", "", "y = Softmax <axis = 1> (x)", "float[N, 3, 4]"},
      {"BatchNormalization-7 that trains", 8, "float[N,3,H] x, float[3] s, float[3] b, float[3] m, float[3] v", "",
       "y, a, c, d, e = BatchNormalization (x, s, b, m, v)",
       "float[N, 3, H] ; float[3] ; float[3] ; float[3] ; float[3]"},
      {"Dropout-7 with its mask", 9, "float[N,3] x", "", "y, m = Dropout (x)", "float[N, 3] ; float[N, 3]"},
      {"Dropout-10 with its mask", 10, "float[N,3] x", "", "y, m = Dropout (x)", "float[N, 3] ; bool[N, 3]"},
      {"Cast-1 to a name", 5, "float[N,3] x", "", R"(y = Cast <to = "INT64"> (x))", "int64[N, 3]"},
      {"Scatter-9", 10, "float[N,3] x, int64[N,1] i, float[N,1] u", "", "y = Scatter <axis = 1> (x, i, u)",
       "float[N, 3]"},
      {"Clip-6", 10, "float[N,3] x", "", "y = Clip <min = 0.0, max = 6.0> (x)", "float[N, 3]"},
      {"AveragePool-1", 6, "float[N,3,9,9] x", "", "y = AveragePool <kernel_shape = [3,3], strides = [2,2]> (x)",
       "float[N, 3, 4, 4]"},
      {"ConvTranspose-1 with an output_shape", 10, "float[N,3,4,4] x, float[3,5,3,3] w", "",
       "y = ConvTranspose <output_shape = [9,9], strides = [2,2]> (x, w)", "float[N, 5, 9, 9]"},
      {"Max-1 of one shape", 7, "float[N,3] x, float[N,3] z", "", "y = Max (x, z)", "float[N, 3]"},
  };
  check_cases(cases);
}

TEST_CASE("optionals and sequences in branches and loops") {
  const InferCase cases[] = {
      {"an optional of either branch", 16, "bool c, float[N,3] x, float[N,4] z", "",
       R"(o = If (c) <then_branch = t () => (optional(float[...]) a) { a = Optional (x) },
                   else_branch = e () => (optional(float[...]) b) { b = Optional (z) }>
          y = OptionalGetElement (o))",
       "float[N, y.1]"},
      {"a sequence that a loop carries", 16, "float[N,3] x", "int64 trips = {4}",
       R"(s = SequenceEmpty <dtype = 1> ()
          y = Loop (trips, , s) <body = l (int64 i, bool c, seq(float[...]) p) => (bool d, seq(float[...]) q) {
            d = Identity (c)  q = SequenceInsert (p, x) }>)",
       "sequence(float[...])"},
      {"branches of different ranks", 13, "bool c, float[N,3] x", "",
       R"(y = If (c) <then_branch = t () => (float[...] a) { a = Relu (x) },
                   else_branch = e () => (float[...] b) { b = ReduceSum <keepdims = 0> (x) }>)",
       "float[...]"},
      {"a loop that grows two axes", 13, "float[1,1] x", "int64 trips = {4}",
       R"(y = Loop (trips, , x) <body = l (int64 i, bool c, float[...] p) => (bool d, float[...] q) {
            d = Identity (c)  w = Concat <axis = 0> (p, p)  q = Concat <axis = 1> (w, w) }>)",
       "float[y.0, y.1]"},
      {"a loop in a loop", 13, "float[N,3] x", "int64 trips = {4}",
       R"(y = Loop (trips, ) <body = l (int64 i, bool c) => (bool d, float[...] o) {
            d = Identity (c)
            o = Loop (trips, ) <body = m (int64 j, bool g) => (bool h, float[...] r) {
              h = Identity (g)  r = Relu (x) }> }>)",
       "float[4, 4, N, 3]"},
      {"a Scan of two inputs, one backwards", 13, "float[T,2] a, float[T,3] b", "",
       R"(y = Scan (a, b) <num_scan_inputs = 2, scan_input_directions = [0,1],
            body = s (float[...] p, float[...] q) => (float[...] o) { o = Concat <axis = 0> (p, q) }>)",
       "float[T, 5]"},
  };
  check_cases(cases);
}

}  // namespace
}  // namespace infer_testing
