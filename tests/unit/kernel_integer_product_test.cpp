#include "kernel_testing.h"

using kernel_testing::Case;
using kernel_testing::Refusal;

namespace {

// Expected values: ONNX Runtime 1.31; of vectors, numpy.
constexpr Case kCases[] = {
    {"MatMulInteger with a zero point per column", 10,
     "uint8[2, 3] a = {37, 235, 140, 72, 137, 203}, int8[3, 2] b = {40, -113, 109, -56, -106, -85}, uint8 c = "
     "{120}, int8[2] d = {-3, 7}",
     "y = MatMulInteger (a, b, c, d)", "int32[2, 2] e = {7251, 875, -8709, -2947}"},
    {"MatMulInteger of batches", 10,
     "int8[2, 1, 3] a = {-91, 107, 12, -56, 9, 75}, int8[2, 3, 2] b = {40, -113, 109, -56, -106, -85, 82, "
     "-53, -24, -121, 34, 49}",
     "y = MatMulInteger (a, b)", "int32[2, 1, 2] e = {6751, 3271, -2258, 5554}"},
    {"MatMulInteger of vectors", 10, "int8[3] a = {-91, 107, 12}, int8[3] b = {40, -113, 109}",
     "y = MatMulInteger (a, b)", "int32 e = {-14423}"},
    {"QLinearMatMul with a scale per column", 10,
     "uint8[2, 3] a = {37, 235, 140, 72, 137, 203}, float p = {0.05}, uint8 q = {128}, int8[3, 2] b = {40, "
     "-113, 109, -56, -106, -85}, float[2] s = {0.03, 0.01}, int8[2] t = {0, 0}, float m = {0.07}, uint8 n = "
     "{100}",
     "y = QLinearMatMul (a, p, q, b, s, t, m, n)", "uint8[2, 2] e = {245, 123, 0, 96}"},
    {"ConvInteger with pads, strides and groups", 10,
     "uint8[1, 2, 4, 4] x = {106, 152, 249, 131, 184, 200, 0, 21, 253, 147, 202, 107, 249, 169, 138, 149, "
     "119, 166, 224, 148, 172, 93, 167, 142, 248, 26, 81, 218, 150, 66, 2, 191}, int8[2, 1, 2, 2] w = {-6, "
     "46, 55, 69, 1, -24, -41, 72}, uint8 p = {17}",
     "y = ConvInteger <group = 2, pads = [1, 0, 0, 1], strides = [2, 1]> (x, w, p)",
     "int32[1, 2, 2, 4] e = {14210, 23433, 20626, 6270, 29366, 18035, 16671, 4926, 6546, 8795, 945, -5371, "
     "-10492, 715, 8998, -8116}"},
    {"ConvInteger in one dimension", 10,
     "uint8[1, 1, 5] x = {106, 152, 249, 131, 184}, uint8[2, 1, 2] w = {122, 174, 183, 197}, uint8 p = {7}, "
     "uint8 q = {9}",
     "y = ConvInteger <dilations = [2]> (x, w, p, q)", "int32[1, 2, 3] e = {51117, 36845, 56551, 62722, 48542, 75384}"},
    {"QLinearConv with a scale per channel and a bias", 10,
     "uint8[1, 2, 3, 3] x = {99, 206, 239, 189, 230, 118, 144, 73, 8, 228, 231, 190, 155, 112, 158, 208, 7, "
     "204}, float p = {0.02}, uint8 q = {110}, int8[2, 2, 2, 2] w = {10, 73, 99, 84, -22, -19, -49, -22, -48, "
     "-66, -103, -127, -53, -51, 57, -102}, float[2] s = {0.01, 0.03}, int8[2] t = {0, 0}, float m = {0.2}, "
     "uint8 n = {40}, int32[2] b = {300, -900}",
     "y = QLinearConv (x, p, q, w, s, t, m, n, b)", "uint8[1, 2, 2, 2] e = {58, 58, 47, 32, 0, 0, 47, 15}"},
    {"QLinearConv of int8", 10,
     "int8[1, 1, 3, 3] x = {-29, 78, 111, 61, 102, -10, 16, -55, -120}, float p = {0.02}, int8 q = {-3}, "
     "int8[1, 1, 2, 2] w = {10, 73, 99, 84}, float s = {0.01}, int8 t = {0}, float m = {0.2}, int8 n = {5}",
     "y = QLinearConv <auto_pad = \"SAME_UPPER\"> (x, p, q, w, s, t, m, n)",
     "int8[1, 1, 3, 3] e = {26, 24, 5, 11, -9, -7, 1, -4, 4}"},
};

constexpr Refusal kRefusals[] = {
    {"a zero point of another type", 10, "uint8[1, 1] a = {1}, uint8[1, 1] b = {1}, int8 c = {1}",
     "y = MatMulInteger (a, b, c)", "node of output 'y' (MatMulInteger): input 2 is int8, expected uint8"},
    {"zero points that are no rows", 10, "uint8[2, 1] a = {1, 2}, uint8[1, 1] b = {1}, uint8[3] c = {1, 2, 3}",
     "y = MatMulInteger (a, b, c)",
     "node of output 'y' (MatMulInteger): shapes [2, 1], [3, 1] do not broadcast to one shape"},
    {"weights that are no integers", 10, "uint8[1, 1, 1] x = {1}, float[1, 1, 1] w = {1}", "y = ConvInteger (x, w)",
     "node of output 'y' (ConvInteger): input 1 is float, expected uint8 or int8"},
    {"a zero point per row of weights that are too many", 10,
     "uint8[1, 1, 1] x = {1}, uint8[1, 1, 1] w = {1}, uint8 p = {1}, uint8[2] q = {1, 2}",
     "y = ConvInteger (x, w, p, q)",
     "node of output 'y' (ConvInteger): input 3 has shape [2], expected one value or [1]"},
    {"groups that do not divide the channels", 10, "uint8[1, 3, 1] x = {1, 2, 3}, uint8[1, 1, 1] w = {1}",
     "y = ConvInteger <group = 2> (x, w)",
     "node of output 'y' (ConvInteger): x [1, 3, 1] and w [1, 1, 1] do not fit in 2 groups"},
    {"a bias of another length", 10,
     "uint8[1, 1, 1] x = {1}, float p = {1}, uint8 q = {0}, uint8[1, 1, 1] w = {1}, int32[2] b = {1, 2}",
     "y = QLinearConv (x, p, q, w, p, q, p, q, b)",
     "node of output 'y' (QLinearConv): input 8 has shape [2], expected [1]"},
    {"a scale that is no row", 10, "uint8[1, 1] a = {1}, float[2] p = {1, 2}, uint8 q = {0}, float s = {1}",
     "y = QLinearMatMul (a, p, q, a, s, q, s, q)",
     "node of output 'y' (QLinearMatMul): input 1 of shape [2] does not broadcast to the result, [1, 1]"},
};

}  // namespace

TEST_CASE("8-bit products give what ONNX Runtime gives") {
  for (const Case& row : kCases) kernel_testing::check(row);
}

TEST_CASE("8-bit products refuse what does not fit") {
  for (const Refusal& row : kRefusals) kernel_testing::check(row);
}
