#include "infer_testing.h"

namespace infer_testing {
namespace {

TEST_CASE("Shape, Size and what is made from nothing") {
  const InferCase cases[] = {
      {"Shape", 13, "float[N,3] x", "", "y = Shape (x)", "int64[2]{N, 3}"},
      {"a part of it", 15, "float[N,3,H,W] x", "", "y = Shape <start = 1, end = -1> (x)", "int64[2]{3, H}"},
      {"beyond the end", 15, "float[N,3] x", "", "y = Shape <start = -9, end = 9> (x)", "int64[2]{N, 3}"},
      {"back to front", 15, "float[N,3] x", "", "y = Shape <start = 2, end = 1> (x)", "int64[0]{}"},
      {"without rank", 13, "float[...] x", "", "y = Shape (x)", "int64[y.0]"},
      {"Size", 13, "float[N,3] x", "", "y = Size (x)", "int64[]{3*N}"},
      {"ConstantOfShape", 9, "float[N,3] x", "", "s = Shape (x)\n y = ConstantOfShape (s)", "float[N, 3]"},
      {"of small integers", 9, "", "int64[1] s = {3}", "y = ConstantOfShape <value = int64[1] {7}> (s)",
       "int64[3]{7, 7, 7}"},
      {"of a negative dim", 9, "", "int64[1] s = {-3}", "y = ConstantOfShape (s)", "error: asks for a dim of -3"},
      {"Constant", 13, "", "", "y = Constant <value_ints = [4, 5]> ()", "int64[2]{4, 5}"},
      {"Range", 11, "float[N] x", "int64 zero = {0}, int64 two = {2}, int64 i = {0}",
       "s = Shape (x)\n n = Gather (s, i)\n y = Range (zero, n, two)", "int64[floor((N + 1)/2)]"},
      {"Range of constants", 11, "", "int64 a = {5}, int64 b = {0}, int64 c = {-2}", "y = Range (a, b, c)",
       "int64[3]{5, 3, 1}"},
      {"Range of floats", 11, "", "float a = {0}, float b = {1}, float c = {0.25}", "y = Range (a, b, c)", "float[4]"},
      {"Range that stands still", 11, "", "int64 a = {5}, int64 b = {0}, int64 c = {0}", "y = Range (a, b, c)",
       "error: delta is 0"},
      {"OneHot", 11, "int64[N,M] i, float[2] v", "int64 depth = {10}", "y = OneHot <axis = 1> (i, depth, v)",
       "float[N, 10, M]"},
      {"RandomNormal", 1, "", "", "y = RandomNormal <shape = [2, 3]> ()", "float[2, 3]"},
      {"Multinomial", 7, "float[N,9] x", "", "y = Multinomial <sample_size = 4> (x)", "int32[N, 4]"},
  };
  check_cases(cases);
}

TEST_CASE("Reshape resolves 0 and -1 symbolically") {
  const std::string_view x = "float[N,C,H,W] x";
  const InferCase cases[] = {
      {"-1", 14, x, "int64[2] s = {0, -1}", "y = Reshape (x, s)", "float[N, C*H*W]"},
      {"-1 in front", 14, "float[N,4,H] x", "int64[2] s = {-1, 2}", "y = Reshape (x, s)", "float[2*H*N, 2]"},
      {"from a shape", 14, "float[N,6,H] x", "int64[1] k = {-1}, int64 i = {0}, int64[1] a = {0}",
       "s = Shape (x)\n n = Gather (s, i)\n u = Unsqueeze (n, a)\n t = Concat <axis = 0> (u, k)\n y = Reshape (x, t)",
       "float[N, 6*H]"},
      {"groups of channels", 14, "float[N,6,H] x",
       "int64 i = {0}, int64 j = {1}, int64 two = {2}, int64[1] a = {0}, int64[1] m = {-1}",
       "s = Shape (x)\n n = Gather (s, i)\n c = Gather (s, j)\n h = Div (c, two)\n u = Unsqueeze (n, a)\n v = "
       "Unsqueeze (h, a)\n"
       "t = Concat <axis = 0> (u, v, m)\n y = Reshape (x, t)",
       "float[N, 3, 2*H]"},
      {"an unknown dim follows from the others", 14, "float[2,6] x, int64[1] k", "int64[1] q = {3}",
       "t = Concat <axis = 0> (q, k)\n y = Reshape (x, t)", "float[3, 4]"},
      {"what is left over is a fraction", 14, "float[N,6] x", "int64[2] s = {-1, 4}", "y = Reshape (x, s)",
       "float[N + floor(N/2), 4]"},
      {"an unknown target gives the rank", 14, "float[N,6] x, int64[3] t", "", "y = Reshape (x, t)",
       "float[y.0, y.1, y.2]"},
      {"allowzero", 14, "float[0,6] x", "int64[2] s = {0, 9}", "y = Reshape <allowzero = 1> (x, s)", "float[0, 9]"},
      {"Reshape-1", 1, "float[N,6] x", "", "y = Reshape <shape = [-1, 3]> (x)", "float[2*N, 3]"},
      {"elements go along", 14, "float[N,6] x", "int64[2] s = {2, 1}", "t = Shape (x)\n y = Reshape (t, s)",
       "int64[2, 1]{N, 6}"},
      {"other numbers of elements", 14, "float[4,6] x", "int64[2] s = {5, 5}", "y = Reshape (x, s)",
       "error: cannot reshape [4, 6] into [5, 5]"},
      {"rows that do not divide", 14, "float[4,6] x", "int64[2] s = {-1, 5}", "y = Reshape (x, s)",
       "error: cannot reshape 24 elements into rows of 5"},
      {"two wildcards", 14, "float[4,6] x", "int64[2] s = {-1, -1}", "y = Reshape (x, s)",
       "error: the target has more than one -1"},
      {"a negative", 14, "float[4,6] x", "int64[2] s = {-4, 6}", "y = Reshape (x, s)", "error: the target holds -4"},
      {"a copy past the end", 14, "float[4] x", "int64[2] s = {4, 0}", "y = Reshape (x, s)",
       "error: the target copies dim 1 of an input of rank 1"},
  };
  check_cases(cases);
}

TEST_CASE("operators that rearrange dims") {
  const std::string_view x = "float[N,3,H,W] x";
  const InferCase cases[] = {
      {"Flatten", 13, x, "", "y = Flatten (x)", "float[N, 3*H*W]"},
      {"Flatten at 0", 13, x, "", "y = Flatten <axis = 0> (x)", "float[1, 3*H*N*W]"},
      {"Flatten out of range", 13, x, "", "y = Flatten <axis = 5> (x)", "error: axis 5 is out of range for rank 4"},
      {"Squeeze", 13, "float[N,1,1] x", "int64[1] a = {-1}", "y = Squeeze (x, a)", "float[N, 1]"},
      {"Squeeze-1", 1, "float[N,1,1] x", "", "y = Squeeze <axes = [1, 2]> (x)", "float[N]"},
      {"Squeeze of all ones", 13, "float[3,1,1] x", "", "y = Squeeze (x)", "float[3]"},
      {"which a symbol may be", 13, "float[N,1,1] x", "", "y = Squeeze (x)", "float[...]"},
      {"Squeeze of no one", 13, "float[N,3] x", "int64[1] a = {1}", "y = Squeeze (x, a)",
       "error: axis 1 of [N, 3] is not 1"},
      {"Unsqueeze", 13, "float[N,3] x", "int64[2] a = {0, -1}", "y = Unsqueeze (x, a)", "float[1, N, 3, 1]"},
      {"Unsqueeze-1", 11, "float[N,3] x", "", "y = Unsqueeze <axes = [1]> (x)", "float[N, 1, 3]"},
      {"Unsqueeze at one axis twice", 13, "float[N,3] x", "int64[2] a = {0, 0}", "y = Unsqueeze (x, a)",
       "error: axis 0 is given twice"},
      {"Unsqueeze at unknown axes", 13, "float[N,3] x, int64[1] a", "", "y = Unsqueeze (x, a)", "float[y.0, y.1, y.2]"},
      {"Transpose", 13, x, "", "y = Transpose <perm = [0,2,3,1]> (x)", "float[N, H, W, 3]"},
      {"Transpose by default", 13, "float[N,3] x", "", "y = Transpose (x)", "float[3, N]"},
      {"Transpose of elements", 13, "", "int64[2,2] x = {1,2,3,4}", "y = Transpose (x)", "int64[2, 2]{1, 3, 2, 4}"},
      {"Transpose by no permutation", 13, "float[N,3] x", "", "y = Transpose <perm = [0,0]> (x)",
       "error: perm is no permutation of 2 axes"},
      {"DepthToSpace", 13, "float[N,12,H,W] x", "", "y = DepthToSpace <blocksize = 2> (x)", "float[N, 3, 2*H, 2*W]"},
      {"DepthToSpace of a remainder", 13, "float[N,13,H,W] x", "", "y = DepthToSpace <blocksize = 2> (x)",
       "error: 13 channels are no multiple of 4"},
      {"SpaceToDepth", 13, "float[N,3,8,6] x", "", "y = SpaceToDepth <blocksize = 2> (x)", "float[N, 12, 4, 3]"},
  };
  check_cases(cases);
}

TEST_CASE("Concat and Split") {
  const InferCase cases[] = {
      {"sums", 13, "float[N,A] a, float[N,B] b", "", "y = Concat <axis = 1> (a, b)", "float[N, A + B]"},
      {"the others agree", 13, "float[N,A] a, float[4,B] b", "", "y = Concat <axis = -1> (a, b)", "float[4, A + B]"},
      {"no rank", 13, "float[N,A] a, float[...] b", "", "y = Concat <axis = 1> (a, b)", "float[N, y.1]"},
      {"unknown elements keep their places", 13, "float[N] x, int64[2] u", "",
       "s = Shape (x)\n y = Concat <axis = 0> (s, u, s)", "int64[4]{N, ?, ?, N}"},
      {"the others differ", 13, "float[3,A] a, float[4,B] b", "", "y = Concat <axis = 1> (a, b)",
       "error: axis 0 of input 1 is 4, of the others 3"},
      {"ranks differ", 13, "float[3,A] a, float[4] b", "", "y = Concat <axis = 0> (a, b)",
       "error: input 1 has rank 1, expected 2"},
      {"out of range", 13, "float[3,A] a", "", "y = Concat <axis = 2> (a)", "error: axis 2 is out of range for rank 2"},
      {"Split equally", 13, "float[N,6] x", "", "a, b = Split <axis = 1> (x)", "float[N, 3] ; float[N, 3]"},
      {"Split with lengths", 13, "float[N,6] x", "int64[2] l = {2, 4}", "a, b = Split <axis = 1> (x, l)",
       "float[N, 2] ; float[N, 4]"},
      {"Split-2", 2, "float[N,6] x", "", "a, b = Split <axis = 1, split = [1, 5]> (x)", "float[N, 1] ; float[N, 5]"},
      {"Split with a smaller last part", 18, "float[N,7] x", "", "a, b = Split <axis = 1, num_outputs = 2> (x)",
       "float[N, 4] ; float[N, 3]"},
      {"Split of elements", 13, "float[N,7] x", "", "s = Shape (x)\n a, b = Split (s)", "int64[1]{N} ; int64[1]{7}"},
      {"Split into unequal parts", 13, "float[N,7] x", "", "a, b = Split <axis = 1> (x)",
       "error: cannot split 7 into 2 equal parts"},
      {"lengths that do not add up", 13, "float[N,6] x", "int64[2] l = {2, 5}", "a, b = Split <axis = 1> (x, l)",
       "error: the parts add up to 7, axis 1 has 6"},
  };
  check_cases(cases);
}

TEST_CASE("Slice") {
  const std::string_view k =
      "int64[1] zero = {0}, int64[1] one = {1}, int64[1] two = {2}, int64[1] minus = {-1}, "
      "int64[1] minus3 = {-3}, int64[1] big = {9000000000000000000}, "
      "int64[1] low = {-9000000000000000000}";
  const InferCase cases[] = {
      {"of a known size", 13, "float[8] x", k, "y = Slice (x, one, minus)", "float[6]"},
      {"to the end", 13, "float[N] x", k, "y = Slice (x, zero, big)", "float[N]"},
      {"without the first", 13, "float[N] x", k, "y = Slice (x, one, big)", "float[max(N - 1, 0)]"},
      {"without the last", 13, "float[N] x", k, "y = Slice (x, zero, minus)", "float[max(N - 1, 0)]"},
      {"the last three", 13, "float[N] x", k, "y = Slice (x, minus3, big)", "float[min(N, 3)]"},
      {"every second", 13, "float[N,8] x", k, "y = Slice (x, zero, big, zero, two)", "float[floor((N + 1)/2), 8]"},
      {"backwards", 13, "float[N] x", k, "y = Slice (x, minus, low, zero, minus)", "float[N]"},
      {"by attributes", 9, "float[N,8] x", "", "y = Slice <starts = [2], ends = [6], axes = [1]> (x)", "float[N, 4]"},
      {"of elements", 13, "float[N,8] x", k, "s = Shape (x)\n y = Slice (s, minus, low, zero, minus)",
       "int64[2]{8, N}"},
      {"of rows of elements", 13, "",
       "int64[3,2] x = {1,2,3,4,5,6}, int64[1] zero = {0}, int64[1] minus = {-1}, int64[1] low = {-99}",
       "y = Slice (x, minus, low, zero, minus)", "int64[3, 2]{5, 6, 3, 4, 1, 2}"},
      {"unknown ends", 13, "float[N,8] x, int64[1] e", k, "y = Slice (x, zero, e)", "float[y.0, 8]"},
      {"unknown axes", 13, "float[N,8] x, int64[1] a", k, "y = Slice (x, zero, one, a)", "float[y.0, y.1]"},
      {"a step of 0", 13, "float[N,8] x", k, "y = Slice (x, zero, one, zero, zero)", "error: a step is 0"},
      {"lists of other lengths", 13, "float[N,8] x", "int64[1] a = {0}, int64[2] b = {1, 1}", "y = Slice (x, a, b)",
       "error: starts, ends, axes and steps differ in length"},
      {"Compress", 11, "float[N,8] x, bool[8] c", "", "y = Compress <axis = 1> (x, c)", "float[N, y.1]"},
      {"Compress by a constant", 11, "float[N,3] x", "bool[3] c = {1, 0, 1}", "y = Compress <axis = 1> (x, c)",
       "float[N, 2]"},
      {"CenterCropPad", 18, "float[N,8,9] x", "int64[2] s = {4, 20}", "y = CenterCropPad <axes = [1, 2]> (x, s)",
       "float[N, 4, 20]"},
  };
  check_cases(cases);
}

TEST_CASE("Gather and Scatter") {
  const InferCase cases[] = {
      {"GatherND in batches that differ", 13, "float[4,5] x, int64[3,1] i", "", "y = GatherND <batch_dims = 1> (x, i)",
       "error: sizes of data and indices in axis 0 4 and 3 differ"},
      {"Gather", 13, "float[V,8] x, int64[N,S] i", "", "y = Gather (x, i)", "float[N, S, 8]"},
      {"Gather on an axis", 13, "float[V,8] x, int64 i", "", "y = Gather <axis = 1> (x, i)", "float[V]"},
      {"Gather of elements", 13, "float[N,C,8] x", "int64[2] i = {-1, 0}", "s = Shape (x)\n y = Gather (s, i)",
       "int64[2]{8, N}"},
      {"Gather of a row", 13, "", "int64[2,2] x = {1,2,3,4}, int64 i = {1}", "y = Gather (x, i)", "int64[2]{3, 4}"},
      {"Gather out of range", 13, "float[3,8] x", "int64 i = {3}", "y = Gather (x, i)",
       "error: index 3 is out of range for 3"},
      {"GatherElements", 13, "float[N,8] x, int64[M,2] i", "", "y = GatherElements <axis = 1> (x, i)", "float[M, 2]"},
      {"GatherND", 13, "float[B,C,D] x, int64[N,2] i", "", "y = GatherND (x, i)", "float[N, D]"},
      {"GatherND in batches", 13, "float[B,C,D] x, int64[B,1] i", "", "y = GatherND <batch_dims = 1> (x, i)",
       "float[B, D]"},
      {"GatherND too deep", 13, "float[B,C] x, int64[N,3] i", "", "y = GatherND (x, i)",
       "error: indices of length 3 point into rank 2"},
      {"ScatterElements", 16, "float[N,8] x, int64[M,2] i, float[M,2] u", "", "y = ScatterElements (x, i, u)",
       "float[N, 8]"},
      {"ScatterND of an element", 16, "float[N,8] x", "int64[1,1] i = {1}, int64[1] u = {5}",
       "s = Shape (x)\n y = ScatterND (s, i, u)", "int64[2]{N, 5}"},
  };
  check_cases(cases);
}

TEST_CASE("operators that make tensors larger") {
  const InferCase cases[] = {
      {"Expand", 13, "float[N,1] x", "int64[3] s = {4, 1, 7}", "y = Expand (x, s)", "float[4, N, 7]"},
      {"Expand as the exporters do", 14, "float[N,1,8] x, float[B,4] z",
       "int64[3] t = {-1, 5, -1}, int64 m = {-1}, int64[1] three = {3}",
       "o = ConstantOfShape <value = int64[1] {1}> (three)\n c = Equal (t, m)\n s = Where (c, o, t)\n y = Expand (x, "
       "s)",
       "float[N, 5, 8]"},
      {"Expand to a clash", 13, "float[N,3] x", "int64[1] s = {4}", "y = Expand (x, s)",
       "error: shapes [N, 3] and [4] do not broadcast"},
      {"Tile", 13, "float[N,3] x", "int64[2] r = {2, 5}", "y = Tile (x, r)", "float[2*N, 15]"},
      {"Tile of elements", 13, "", "int64[2] x = {4, 5}, int64[1] r = {2}", "y = Tile (x, r)", "int64[4]{4, 5, 4, 5}"},
      {"Tile of another rank", 13, "float[N,3] x", "int64[1] r = {2}", "y = Tile (x, r)",
       "error: has 1 repeats for rank 2"},
      {"Pad", 13, "float[N,3,H] x", "int64[6] p = {0, 0, 1, 0, 0, 2}", "y = Pad (x, p)", "float[N, 3, H + 3]"},
      {"Pad-2", 2, "float[N,H] x", "", "y = Pad <pads = [0, 1, 0, -2]> (x)", "float[N, H - 1]"},
      {"Pad on axes", 18, "float[N,3,H] x", "int64[2] p = {1, 1}, int64[1] a = {-1}", "y = Pad (x, p, , a)",
       "float[N, 3, H + 2]"},
      {"unknown Pad", 13, "float[N,3] x, int64[4] p", "", "y = Pad (x, p)", "float[y.0, y.1]"},
      {"Pad of another rank", 13, "float[N,3] x", "int64[2] p = {1, 1}", "y = Pad (x, p)",
       "error: has 2 pads for 2 axes"},
      {"Pad below zero", 13, "float[3] x", "int64[2] p = {-2, -2}", "y = Pad (x, p)",
       "error: axis 0 would have size -1"},
      {"Resize by scales", 11, "float[N,3,H,W] x", "float[4] s = {1, 1, 2, 0.5}", "y = Resize (x, , s)",
       "float[N, 3, 2*H, floor(W/2)]"},
      {"Resize-10", 10, "float[N,3,5,5] x", "float[4] s = {1, 1, 1.5, 3}", "y = Resize (x, s)", "float[N, 3, 7, 15]"},
      {"Resize by an odd scale", 11, "float[N,3,H,W] x", "float[4] s = {1, 1, 0.3, 1}", "y = Resize (x, , s)",
       "float[N, 3, y.2, W]"},
      {"Resize to sizes", 13, "float[N,3,H,W] x", "int64[2] k = {16, 16}, int64[1] zero = {0}, int64[1] two = {2}",
       "s = Shape (x)\n f = Slice (s, zero, two)\n t = Concat <axis = 0> (f, k)\n y = Resize (x, , , t)",
       "float[N, 3, 16, 16]"},
      {"Resize on axes", 18, "float[N,3,H,W] x", "int64[2] k = {16, 9}", "y = Resize <axes = [3, 2]> (x, , , k)",
       "float[N, 3, 9, 16]"},
      {"Resize keeps the ratio", 18, "float[1,3,4,8] x", "int64[2] k = {16, 16}",
       R"(y = Resize <axes = [2, 3], keep_aspect_ratio_policy = "not_larger"> (x, , , k))", "float[1, 3, 8, 16]"},
      {"Upsample-7", 7, "float[N,3,H,W] x", "", "y = Upsample <scales = [1.0, 1.0, 2.0, 2.0]> (x)",
       "float[N, 3, 2*H, 2*W]"},
      {"too few scales", 11, "float[N,3,H,W] x", "float[2] s = {2, 2}", "y = Resize (x, , s)",
       "error: has 2 scales for 4 axes"},
      {"GridSample", 16, "float[N,3,H,W] x, float[N,5,6,2] g", "", "y = GridSample (x, g)", "float[N, 3, 5, 6]"},
      {"AffineGrid", 20, "float[N,2,3] t", "int64[4] s = {2, 3, 5, 6}", "y = AffineGrid (t, s)", "float[2, 5, 6, 2]"},
  };
  check_cases(cases);
}

}  // namespace
}  // namespace infer_testing
