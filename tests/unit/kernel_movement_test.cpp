#include <complex>

#include "exec/session.h"
#include "graph_text.h"
#include "kernel_testing.h"

using kernel_testing::Case;
using kernel_testing::Refusal;

namespace {

constexpr Case kCases[] = {
    {"Reshape copies a dim for 0 and infers one for -1", 14, "float[2, 3, 2] x = fill(1), int64[2] s = {0, -1}",
     "r = Reshape (x, s) y = Shape (r)", "int64[2] e = {2, 6}"},
    {"Reshape of version 1 has its shape as an attribute", 1, "float[4] x = {1, 2, 3, 4}",
     "y = Reshape <shape = [2, 2]> (x)", "float[2, 2] e = {1, 2, 3, 4}"},
    {"Reshape keeps a 0 where allowzero is set", 14, "float[0, 3] x = {}, int64[2] s = {3, 0}",
     "y = Reshape <allowzero = 1> (x, s)", "float[3, 0] e = {}"},
    {"NonZero of strings finds those that are not empty", 13, "string[3] x = {\"a\", \"\", \"0\"}", "y = NonZero (x)",
     "int64[1, 2] e = {0, 2}"},
    {"TensorScatter of 4-bit elements", 24, "float[1, 3, 1] x = {1, -2, 3}, float[1, 1, 1] u = {-7}, int64[1] at = {1}",
     "a = Cast <to = 22> (x) b = Cast <to = 22> (u) c = TensorScatter <axis = 1> (a, b, at) y = Cast <to = 6> (c)",
     "int32[1, 3, 1] e = {1, -7, 3}"},
    {"Col2Im of strings puts blocks side by side", 18,
     "string[1, 2, 2] x = {\"a\", \"b\", \"c\", \"d\"}, int64[1] i = {5}, int64[1] b = {2}",
     "y = Col2Im <strides = [3]> (x, i, b)", "string[1, 1, 5] e = {\"a\", \"c\", \"\", \"b\", \"d\"}"},
    {"Flatten at the end", 13, "float[2, 3] x = {1, 2, 3, 4, 5, 6}", "y = Flatten <axis = 2> (x)",
     "float[6, 1] e = {1, 2, 3, 4, 5, 6}"},
    {"Squeeze without axes takes every 1", 13, "float[1, 2, 1] x = {1, 2}", "y = Squeeze (x)", "float[2] e = {1, 2}"},
    {"Squeeze of version 11 counts axes from the end", 11, "float[1, 2, 1] x = {1, 2}", "y = Squeeze <axes = [-1]> (x)",
     "float[1, 2] e = {1, 2}"},
    {"Unsqueeze in any order", 13, "float[2] x = {1, 2}, int64[2] a = {2, 0}", "y = Unsqueeze (x, a)",
     "float[1, 2, 1] e = {1, 2}"},
    {"Shape of a range of axes", 15, "float[2, 3, 4] x = fill(1)", "y = Shape <start = 1, end = -1> (x)",
     "int64[1] e = {3}"},
    {"Transpose reverses by default", 13, "float[2, 3] x = {1, 2, 3, 4, 5, 6}", "y = Transpose (x)",
     "float[3, 2] e = {1, 4, 2, 5, 3, 6}"},
    {"Transpose that keeps the innermost axis", 13, "int8[2, 2, 2] x = {1, 2, 3, 4, 5, 6, 7, 8}",
     "y = Transpose <perm = [1, 0, 2]> (x)", "int8[2, 2, 2] e = {1, 2, 5, 6, 3, 4, 7, 8}"},
    {"Transpose there and back, sizes no tile divides", 13, "double[3, 19, 37, 2] x = fill(3), double[1] zero = {0}",
     "t = Transpose <perm = [3, 1, 0, 2]> (x) b = Transpose <perm = [2, 1, 3, 0]> (t) d = Sub (b, x) a = Abs (d) "
     "y = ReduceMax <keepdims = 0> (a)",
     "double e = {0}"},
    {"Concat along a middle axis, one part empty", 13,
     "float[2, 1] a = {1, 2}, float[2, 0] b = {}, float[2, 2] c = {3, 4, 5, 6}", "y = Concat <axis = -1> (a, b, c)",
     "float[2, 3] e = {1, 3, 4, 2, 5, 6}"},
    {"Split of version 18, the last part smaller", 18, "float[5] x = {1, 2, 3, 4, 5}",
     "a, b, y = Split <num_outputs = 3> (x)", "float[1] e = {5}"},
    {"Split of version 2 by lengths", 2, "float[2, 3] x = {1, 2, 3, 4, 5, 6}",
     "a, y = Split <axis = 1, split = [1, 2]> (x)", "float[2, 2] e = {2, 3, 5, 6}"},
    {"Slice backwards", 13,
     "float[4] x = {1, 2, 3, 4}, int64[1] s = {-1}, int64[1] t = {-9}, int64[1] a = {0}, int64[1] p = {-2}",
     "y = Slice (x, s, t, a, p)", "float[2] e = {4, 2}"},
    {"Slice backwards from in front of the axis takes its first element", 13,
     "float[4] x = {1, 2, 3, 4}, int64[1] s = {-5}, int64[1] t = {-9}, int64[1] a = {0}, int64[1] p = {-2}",
     "y = Slice (x, s, t, a, p)", "float[1] e = {1}"},
    {"Slice past the end gives what there is", 10,
     "float[3] x = {1, 2, 3}, int64[1] s = {1}, int64[1] t = {1000000000000000000}", "y = Slice (x, s, t)",
     "float[2] e = {2, 3}"},
    {"Slice by attributes", 9, "float[2, 2] x = {1, 2, 3, 4}", "y = Slice <starts = [1], ends = [2], axes = [1]> (x)",
     "float[2, 1] e = {2, 4}"},
    {"Expand in both directions", 13, "float[2, 1] x = {1, 2}, int64[3] s = {2, 1, 2}", "y = Expand (x, s)",
     "float[2, 2, 2] e = {1, 1, 2, 2, 1, 1, 2, 2}"},
    {"Tile two axes", 13, "float[1, 2] x = {1, 2}, int64[2] r = {2, 2}", "y = Tile (x, r)",
     "float[2, 4] e = {1, 2, 1, 2, 1, 2, 1, 2}"},
    {"Gather with a negative index and a scalar one", 13, "float[3, 2] x = {1, 2, 3, 4, 5, 6}, int64 i = {-1}",
     "y = Gather (x, i)", "float[2] e = {5, 6}"},
    {"GatherElements along axis 1", 13, "float[2, 2] x = {1, 2, 3, 4}, int64[2, 1] i = {1, -2}",
     "y = GatherElements <axis = 1> (x, i)", "float[2, 1] e = {2, 3}"},
    {"GatherND with a batch axis", 13, "float[2, 2] x = {1, 2, 3, 4}, int64[2, 1] i = {1, 0}",
     "y = GatherND <batch_dims = 1> (x, i)", "float[2] e = {2, 3}"},
    {"ScatterElements adds up", 16, "float[3] x = {1, 2, 3}, int64[3] i = {0, 0, -1}, float[3] u = {10, 20, 30}",
     "y = ScatterElements <reduction = \"add\"> (x, i, u)", "float[3] e = {31, 2, 33}"},
    {"ScatterND writes whole rows, the last one stands", 13,
     "float[2, 2] x = {1, 2, 3, 4}, int64[2, 1] i = {1, 1}, float[2, 2] u = {5, 6, 7, 8}", "y = ScatterND (x, i, u)",
     "float[2, 2] e = {1, 2, 7, 8}"},
    {"Pad adds in front and cuts behind", 13, "float[3] x = {1, 2, 3}, int64[2] p = {2, -1}, float v = {9}",
     "y = Pad (x, p, v)", "float[4] e = {9, 9, 1, 2}"},
    {"Pad reflects further than the tensor is long", 13, "float[3] x = {1, 2, 3}, int64[2] p = {0, 5}",
     "y = Pad <mode = \"reflect\"> (x, p)", "float[8] e = {1, 2, 3, 2, 1, 2, 3, 2}"},
    {"Pad wraps around one axis of two", 19, "float[1, 2] x = {1, 2}, int64[2] p = {1, 2}, int64[1] a = {-1}",
     "y = Pad <mode = \"wrap\"> (x, p, , a)", "float[1, 5] e = {2, 1, 2, 1, 2}"},
    {"Pad of version 2 by attributes", 2, "float[1] x = {1}", "y = Pad <pads = [1, 0], value = 5.0> (x)",
     "float[2] e = {5, 1}"},
    {"DepthToSpace in both orders", 13, "float[1, 4, 1, 1] x = {1, 2, 3, 4}",
     "y = DepthToSpace <blocksize = 2, mode = \"CRD\"> (x)", "float[1, 1, 2, 2] e = {1, 2, 3, 4}"},
    {"SpaceToDepth", 13, "float[1, 1, 2, 2] x = {1, 2, 3, 4}", "y = SpaceToDepth <blocksize = 2> (x)",
     "float[1, 4, 1, 1] e = {1, 2, 3, 4}"},
    {"ConstantOfShape of a scalar", 9, "int64[0] s = {}", "y = ConstantOfShape <value = int32[1] {7}> (s)",
     "int32 e = {7}"},
    {"Range downwards", 11, "int64 a = {5}, int64 b = {0}, int64 d = {-2}", "y = Range (a, b, d)",
     "int64[3] e = {5, 3, 1}"},
    {"Range away from its limit is empty", 11, "int64 a = {5}, int64 b = {0}, int64 d = {2}", "y = Range (a, b, d)",
     "int64[0] e = {}"},
    {"EyeLike above the diagonal", 9, "float[2, 3] x = fill(1)", "y = EyeLike <k = 1, dtype = 6> (x)",
     "int32[2, 3] e = {0, 1, 0, 0, 0, 1}"},
    {"Dropout passes on and its mask is full", 12, "float[2] x = {1, 2}", "d, y = Dropout (x)", "bool[2] e = {1, 1}"},
    {"Trilu below the diagonal", 14, "float[2, 2] x = {1, 2, 3, 4}, int64 k = {-1}", "y = Trilu <upper = 0> (x, k)",
     "float[2, 2] e = {0, 0, 3, 0}"},
    {"OneHot in front, an index out of range is off everywhere", 11,
     "int64[3] i = {1, -1, 7}, int64 d = {2}, float[2] v = {0, 5}", "y = OneHot <axis = 0> (i, d, v)",
     "float[2, 3] e = {0, 0, 0, 5, 5, 0}"},
    {"strings move too", 13,
     "string[2, 2] x = {\"a\", \"b\", \"c\", \"d\"}, string[2, 2] t = {\"a\", \"c\", \"b\", \"d\"}",
     "r = Transpose (x) i = Identity (t) s = Concat <axis = 0> (r, i) y = Shape (s)", "int64[2] e = {4, 2}"},
};

constexpr Refusal kRefusals[] = {
    {"a Reshape that does not fit", 14, "float[2, 3] x = fill(1), int64[2] s = {4, -1}", "y = Reshape (x, s)",
     "node of output 'y' (Reshape): cannot reshape [2, 3] to [4, -1]: the numbers of elements differ"},
    {"two inferred dims", 14, "float[4] x = fill(1), int64[2] s = {-1, -1}", "y = Reshape (x, s)",
     "node of output 'y' (Reshape): cannot reshape [4] to [-1, -1]: -1 is there twice"},
    {"a shape whose product overflows", 14, "float[4] x = fill(1), int64[2] s = {4611686018427387904, 4}",
     "y = Reshape (x, s)",
     "node of output 'y' (Reshape): cannot reshape [4] to [4611686018427387904, 4]: the number of elements overflows"},
    {"a squeezed axis that is not 1", 13, "float[2] x = {1, 2}, int64[1] a = {0}", "y = Squeeze (x, a)",
     "node of output 'y' (Squeeze): axis 0 of [2] cannot be squeezed, it is not 1"},
    {"a permutation that is none", 13, "float[2, 2] x = fill(1)", "y = Transpose <perm = [0, 0]> (x)",
     "node of output 'y' (Transpose): axis 0 is listed twice"},
    {"an axis out of range", 13, "float[2] x = {1, 2}", "y = Concat <axis = 1> (x, x)",
     "node of output 'y' (Concat): axis 1 is out of range for rank 1"},
    {"lengths that do not add up", 13, "float[3] x = {1, 2, 3}, int64[2] s = {1, 1}", "a, y = Split (x, s)",
     "node of output 'a' (Split): split [1, 1] does not give 2 parts of a length of 3"},
    {"a step of 0", 13, "float[2] x = {1, 2}, int64[1] s = {0}, int64[1] t = {1}", "y = Slice (x, s, t, s, s)",
     "node of output 'y' (Slice): the step of axis 0 is 0"},
    {"an index out of range", 13, "float[2] x = {1, 2}, int64[1] i = {2}", "y = Gather (x, i)",
     "node of output 'y' (Gather): index 2 is out of range for an axis of length 2"},
    {"updates of another shape", 13, "float[2] x = {1, 2}, int64[1, 1] i = {0}, float[2] u = {1, 2}",
     "y = ScatterND (x, i, u)", "node of output 'y' (ScatterND): updates have shape [2], expected [1]"},
    {"pads that cut all there is to reflect", 13, "float[2] x = {1, 2}, int64[2] p = {-2, 1}",
     "y = Pad <mode = \"edge\"> (x, p)",
     "node of output 'y' (Pad): pads -2 and 1 leave nothing of the 2 elements of axis 0"},
    {"channels that make no blocks", 13, "float[1, 3, 1, 1] x = fill(1)", "y = DepthToSpace <blocksize = 2> (x)",
     "node of output 'y' (DepthToSpace): 3 channels are no multiple of the block's 4"},
    {"a negative dim", 9, "int64[1] s = {-1}", "y = ConstantOfShape (s)",
     "node of output 'y' (ConstantOfShape): shape [-1] has a negative dim"},
    {"a range that never ends", 11, "float a = {0}, float b = {inf}, float d = {1}", "y = Range (a, b, d)",
     "node of output 'y' (Range): the number of elements is not finite"},
};

}  // namespace

TEST_CASE("kernels that move elements put them where the specification says") {
  for (const Case& row : kCases) kernel_testing::check(row);
}

TEST_CASE("kernels that move elements refuse what would leave the tensor") {
  for (const Refusal& row : kRefusals) kernel_testing::check(row);
}

TEST_CASE("an output over the memory limit is refused before it is made") {
  const auto model = kernel_testing::parse_case(13, "float[1] x = {1}, int64[2] r = {1099511627776, 4}",
                                                "u = Expand (x, r) y = Shape (u)", "");
  CHECK_THROWS_AS(kernel_testing::run(*model), surgery::Error);
}

exec::Tensors run_on_complex(std::string_view model_text, std::vector<std::complex<float>> values) {
  const auto model = graph_text::parse(std::string(model_text));
  const auto size = static_cast<int64_t>(values.size());
  return exec::Session(*model).run(
      {{"x", surgery::Tensor::from_values<std::complex<float>>(surgery::DataType::kComplex64, {size}, values)}});
}

TEST_CASE("NonZero of complex numbers finds those with a part that is not 0") {
  const exec::Tensors outputs =
      run_on_complex("g (complex64[3] x) => (int64[...] y) { y = NonZero (x) }", {{0, 1}, {0, 0}, {-1, 0}});
  CHECK(outputs.at("y").to_int64s() == std::vector<int64_t>{0, 2});
}

TEST_CASE("Unique orders complex numbers by their real parts, then by the imaginary ones") {
  const exec::Tensors outputs =
      run_on_complex("g (complex64[5] x) => (complex64[...] y, int64[...] i) { y, i = Unique (x) }",
                     {{1, 2}, {1, -2}, {1, 2}, {-3, 9}, {1, -2}});
  const auto found = outputs.at("y").values<std::complex<float>>();
  CHECK(std::vector(found.begin(), found.end()) == std::vector<std::complex<float>>{{-3, 9}, {1, -2}, {1, 2}});
  CHECK(outputs.at("i").to_int64s() == std::vector<int64_t>{3, 1, 0});
}

TEST_CASE("Resize of complex numbers works on both parts, what is outside is real") {
  const auto resized = [](const std::string& attributes, const std::string& weights) {
    const exec::Tensors outputs =
        run_on_complex("g (complex64[2] x) => (complex64[...] y) <" + weights + "> { y = Resize <" + attributes + "}",
                       {{0, 4}, {2, 8}});
    const auto found = outputs.at("y").values<std::complex<float>>();
    return std::vector(found.begin(), found.end());
  };
  using Numbers = std::vector<std::complex<float>>;
  const std::string scales = "float[1] s = {2}";
  CHECK(resized("mode = \"nearest\"> (x, , s)", scales) == Numbers{{0, 4}, {0, 4}, {2, 8}, {2, 8}});
  CHECK(resized("mode = \"linear\", coordinate_transformation_mode = \"align_corners\"> (x, , , n)",
                "int64[1] n = {3}") == Numbers{{0, 4}, {1, 6}, {2, 8}});
  CHECK(resized("mode = \"linear\", coordinate_transformation_mode = \"tf_crop_and_resize\", extrapolation_value = "
                "7.0> (x, r, , n)",
                "int64[1] n = {2}, float[2] r = {0, 2}") == Numbers{{0, 4}, {7, 0}});
}

TEST_CASE("Col2Im of strings refuses blocks that overlap") {
  const auto model = kernel_testing::parse_case(
      18, "string[1, 2, 2] x = {\"a\", \"b\", \"c\", \"d\"}, int64[1] i = {3}, int64[1] b = {2}",
      "y = Col2Im (x, i, b)", "");
  CHECK_THROWS_WITH_AS(kernel_testing::run(*model),
                       "node of output 'y' (Col2Im): blocks of strings overlap, and strings have no sum",
                       surgery::Error);
}
