#include "infer_testing.h"

namespace infer_testing {
namespace {

TEST_CASE("convolutions slide windows over symbolic sizes") {
  const std::string_view x = "float[N,3,H,W] x, float[8,3,3,3] w";
  const InferCase cases[] = {
      {"valid", 11, x, "", "y = Conv (x, w)", "float[N, 8, H - 2, W - 2]"},
      {"same size", 11, x, "", "y = Conv <pads = [1,1,1,1]> (x, w)", "float[N, 8, H, W]"},
      {"strides", 11, x, "", "y = Conv <pads = [1,1,1,1], strides = [2,3]> (x, w)",
       "float[N, 8, floor((H + 1)/2), floor((W + 2)/3)]"},
      {"dilations", 11, x, "", "y = Conv <dilations = [2,2]> (x, w)", "float[N, 8, H - 4, W - 4]"},
      {"SAME_UPPER", 11, x, "", R"(y = Conv <auto_pad = "SAME_UPPER", strides = [2,2]> (x, w))",
       "float[N, 8, floor((H + 1)/2), floor((W + 1)/2)]"},
      {"VALID ignores pads", 11, x, "", R"(y = Conv <auto_pad = "VALID", pads = [1,1,1,1]> (x, w))",
       "float[N, 8, H - 2, W - 2]"},
      {"groups", 11, "float[N,8,H,W] x, float[16,1,3,3] w", "", "y = Conv <group = 8> (x, w)",
       "float[N, 16, H - 2, W - 2]"},
      {"one axis", 11, "float[N,3,L] x, float[8,3,5] w", "", "y = Conv (x, w)", "float[N, 8, L - 4]"},
      {"data without rank", 11, "float[...] x, float[8,3,3,3] w", "", "y = Conv (x, w)", "float[y.0, 8, y.2, y.3]"},
      {"weights without rank", 11, "float[N,3,H,W] x, float[...] w", "", "y = Conv <kernel_shape = [3,3]> (x, w)",
       "float[N, y.1, H - 2, W - 2]"},
      {"ConvInteger", 10, "uint8[N,3,H,W] x, uint8[8,3,3,3] w", "", "y = ConvInteger (x, w)",
       "int32[N, 8, H - 2, W - 2]"},
      {"channels differ", 11, "float[N,4,H,W] x, float[8,3,3,3] w", "", "y = Conv (x, w)",
       "error: input X has 4 channels, the weights take 1 groups of 3"},
      {"ranks differ", 11, "float[N,3,H] x, float[8,3,3,3] w", "", "y = Conv (x, w)",
       "error: input W has rank 4, expected 3"},
      {"a kernel that does not fit", 11, "float[N,3,2,2] x, float[8,3,3,3] w", "", "y = Conv (x, w)",
       "error: a window of 3 does not fit into 2 with 0 of padding"},
      {"a stride of 0", 11, x, "", "y = Conv <strides = [0,1]> (x, w)", "error: strides holds 0, expected at least 1"},
      {"pads of a wrong length", 11, x, "", "y = Conv <pads = [1,1]> (x, w)", "error: pads has 2 entries, expected 4"},
      {"kernel_shape against the weights", 11, x, "", "y = Conv <kernel_shape = [3,5]> (x, w)",
       "error: kernel_shape holds 5 where the weights have 3"},
      {"a bias of another length", 11, "float[N,3,H,W] x, float[8,3,3,3] w, float[9] b", "", "y = Conv (x, w, b)",
       "error: bias length and output channels 9 and 8 differ"},
      {"QLinearConv", 10, "uint8[N,3,H,W] x, float s, uint8 z, int8[8,3,1,1] w, float ws, int8 wz, float ys, uint8 yz",
       "", "y = QLinearConv (x, s, z, w, ws, wz, ys, yz)", "uint8[N, 8, H, W]"},
      {"DeformConv", 19, "float[N,3,H,W] x, float[8,3,3,3] w, float[N,18,A,B] o", "", "y = DeformConv (x, w, o)",
       "float[N, 8, H - 2, W - 2]"},
      {"CausalConvWithState", 27, "float[B,C,L] x, float[C,1,4] w", "", "y, s = CausalConvWithState (x, w)",
       "float[B, C, L] ; float[B, C, 3]"},
  };
  check_cases(cases);
}

TEST_CASE("transposed convolutions") {
  const std::string_view x = "float[N,8,H,W] x, float[8,4,3,3] w";
  const InferCase cases[] = {
      {"plain", 11, x, "", "y = ConvTranspose (x, w)", "float[N, 4, H + 2, W + 2]"},
      {"doubling", 11, x, "", "y = ConvTranspose <strides = [2,2], pads = [1,1,1,1], output_padding = [1,1]> (x, w)",
       "float[N, 4, 2*H, 2*W]"},
      {"groups", 11, x, "", "y = ConvTranspose <group = 2> (x, w)", "float[N, 8, H + 2, W + 2]"},
      {"SAME_LOWER", 11, x, "", R"(y = ConvTranspose <auto_pad = "SAME_LOWER", strides = [3,2]> (x, w))",
       "float[N, 4, 3*H, 2*W]"},
      {"output_shape", 11, x, "", "y = ConvTranspose <output_shape = [20, 30]> (x, w)", "float[N, 4, 20, 30]"},
      {"channels differ", 11, "float[N,7,H,W] x, float[8,4,3,3] w", "", "y = ConvTranspose (x, w)",
       "error: input X has 7 channels, the weights take 8"},
      {"a negative size", 11, "float[N,8,1,1] x, float[8,4,1,1] w", "", "y = ConvTranspose <pads = [1,1,1,1]> (x, w)",
       "error: the result would have size -1 along axis 2"},
  };
  check_cases(cases);
}

TEST_CASE("pools") {
  const std::string_view x = "float[N,3,H,W] x";
  const InferCase cases[] = {
      {"MaxPool with indices", 12, x, "", "y, i = MaxPool <kernel_shape = [2,2], strides = [2,2]> (x)",
       "float[N, 3, floor(H/2), floor(W/2)] ; int64[N, 3, floor(H/2), floor(W/2)]"},
      {"ceil_mode", 10, x, "", "y = AveragePool <kernel_shape = [2,2], strides = [2,2], ceil_mode = 1> (x)",
       "float[N, 3, floor((H + 1)/2), floor((W + 1)/2)]"},
      {"ceil_mode drops a window in the padding behind", 12, "float[1,1,2,2] x", "",
       "y = MaxPool <kernel_shape = [1,1], strides = [2,2], pads = [0,0,1,1], ceil_mode = 1> (x)", "float[1, 1, 1, 1]"},
      {"dilations", 10, x, "", "y = MaxPool <kernel_shape = [2,2], dilations = [3,3]> (x)",
       "float[N, 3, H - 3, W - 3]"},
      {"SAME_UPPER", 12, x, "", R"(y = MaxPool <kernel_shape = [3,3], strides = [2,2], auto_pad = "SAME_UPPER"> (x))",
       "float[N, 3, floor((H + 1)/2), floor((W + 1)/2)]"},
      {"global", 1, x, "", "y = GlobalAveragePool (x)", "float[N, 3, 1, 1]"},
      {"without kernel_shape", 12, x, "", "y = MaxPool (x)", "error: attribute 'kernel_shape' is missing"},
      {"of a matrix", 12, "float[N,3] x", "", "y = MaxPool <kernel_shape = [2]> (x)",
       "error: input X has rank 2, expected at least 3"},
      {"MaxUnpool", 11, "float[N,3,H,W] x, int64[N,3,H,W] i", "",
       "y = MaxUnpool <kernel_shape = [2,2], strides = [2,2]> (x, i)", "float[N, 3, 2*H, 2*W]"},
      {"MaxUnpool with a size", 11, "float[N,3,H,W] x, int64[N,3,H,W] i", "int64[4] s = {1, 3, 9, 9}",
       "y = MaxUnpool <kernel_shape = [2,2]> (x, i, s)", "float[1, 3, 9, 9]"},
  };
  check_cases(cases);
}

TEST_CASE("normalizations keep the shape and give their statistics") {
  const InferCase cases[] = {
      {"BatchNormalization", 15, "float[N,3,H] x, float[3] s", "", "y = BatchNormalization (x, s, s, s, s)",
       "float[N, 3, H]"},
      {"in training", 15, "float[N,3,H] x, float[3] s", "",
       "y, m, v = BatchNormalization <training_mode = 1> (x, s, s, s, s)", "float[N, 3, H] ; float[3] ; float[3]"},
      {"in training, old", 7, "float[N,3,H] x, float[3] s", "", "y, m, v, a, b = BatchNormalization (x, s, s, s, s)",
       "float[N, 3, H] ; float[3] ; float[3] ; float[3] ; float[3]"},
      {"channels differ", 15, "float[N,3,H] x, float[4] s", "", "y = BatchNormalization (x, s, s, s, s)",
       "error: parameter length and channels 4 and 3 differ"},
      {"LayerNormalization", 17, "float16[N,S,8] x, float16[8] s", "", "y, m, d = LayerNormalization (x, s)",
       "float16[N, S, 8] ; float[N, S, 1] ; float[N, S, 1]"},
      {"InstanceNormalization", 6, "float[N,3,H] x, float[3] s", "", "y = InstanceNormalization (x, s, s)",
       "float[N, 3, H]"},
      {"LRN", 13, "float[N,3,H,W] x", "", "y = LRN <size = 5> (x)", "float[N, 3, H, W]"},
  };
  check_cases(cases);
}

}  // namespace
}  // namespace infer_testing
