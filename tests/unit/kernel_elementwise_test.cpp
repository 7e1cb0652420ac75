#include "kernel_testing.h"

using kernel_testing::Case;
using kernel_testing::Refusal;

namespace {

// Tolerances: 0 for arithmetic that rounds once, 1e-6 for functions, which the C library gives to about one unit in the
// last place.
constexpr Case kCases[] = {
    {"Relu keeps NaN and infinities", 13, "float[5] x = {-1, -0, nan, inf, 2}", "y = Relu (x)",
     "float[5] e = {0, 0, nan, inf, 2}"},
    {"Relu of float16", 13, "float16[2] x = {-1, 1.5}", "y = Relu (x)", "float16[2] e = {0, 1.5}"},
    {"Relu of an empty tensor", 13, "float[2, 0] x = {}", "y = Relu (x)", "float[2, 0] e = {}"},
    {"Relu of a scalar", 13, "float x = {-3}", "y = Relu (x)", "float e = {0}"},
    {"LeakyRelu with its default slope", 6, "float[2] x = {-2, 3}", "y = LeakyRelu (x)", "float[2] e = {-0.02, 3}",
     1e-7},
    {"Sigmoid in both tails", 13, "float[4] x = {-100, 0, 1, 100}", "y = Sigmoid (x)",
     "float[4] e = {3.7835e-44, 0.5, 0.7310586, 1}", 1e-6},
    {"Softplus does not overflow", 13, "float[3] x = {-100, 0, 1000}", "y = Softplus (x)",
     "float[3] e = {3.7835e-44, 0.6931472, 1000}", 1e-6},
    {"HardSigmoid with attributes", 6, "float[3] x = {-9, 1, 9}", "y = HardSigmoid <alpha = 0.5, beta = 0.25> (x)",
     "float[3] e = {0, 0.75, 1}"},
    {"HardSwish", 14, "float[4] x = {-4, -1, 1, 4}", "y = HardSwish (x)", "float[4] e = {0, -0.3333333, 0.6666667, 4}",
     1e-6},
    {"Gelu in its exact form has a tail", 20, "float[3] x = {-6, 1, 6}", "y = Gelu (x)",
     "float[3] e = {-5.9195e-9, 0.8413447, 6}", 1e-6},
    {"Elu near 0 keeps its digits", 6, "double[1] x = {-1e-12}", "y = Elu (x)", "double[1] e = {-1e-12}", 1e-20},
    {"Clip limits of version 6 are attributes", 6, "float[4] x = {-9, 1, 9, nan}",
     "y = Clip <min = 0.0, max = 6.0> (x)", "float[4] e = {0, 1, 6, nan}"},
    {"Clip limits of version 11 are inputs, one may be missing", 11, "float[3] x = {-9, 1, inf}, float high = {6}",
     "y = Clip (x, , high)", "float[3] e = {-9, 1, 6}"},
    {"Clip takes the upper limit where the limits cross", 12,
     "int32[3] x = {0, 5, 9}, int32 low = {7}, int32 high = {3}", "y = Clip (x, low, high)", "int32[3] e = {3, 3, 3}"},
    {"Abs of the smallest integer wraps", 13, "int8[2] x = {-128, -3}", "y = Abs (x)", "int8[2] e = {-128, 3}"},
    {"Sign of NaN is NaN", 13, "float[4] x = {-2, 0, nan, inf}", "y = Sign (x)", "float[4] e = {-1, 0, nan, 1}"},
    {"Round halves to even", 11, "float[5] x = {0.5, 1.5, 2.5, -0.5, -1.5}", "y = Round (x)",
     "float[5] e = {0, 2, 2, 0, -2}"},
    {"IsInf of one sign", 10, "float[3] x = {-inf, inf, nan}", "y = IsInf <detect_negative = 0> (x)",
     "bool[3] e = {0, 1, 0}"},
    {"Not takes any byte for true", 1, "bool[3] x = {0, 1, 7}", "y = Not (x)", "bool[3] e = {1, 0, 0}"},
    {"Add broadcasts both sides", 14, "float[2, 1] a = {1, 2}, float[3] b = {10, 20, 30}", "y = Add (a, b)",
     "float[2, 3] e = {11, 21, 31, 12, 22, 32}"},
    {"Add broadcasts to an empty tensor", 14, "float[0, 1] a = {}, float[3] b = {1, 2, 3}", "y = Add (a, b)",
     "float[0, 3] e = {}"},
    {"Add of version 6 lines up with an axis", 6, "float[2, 3] a = {1, 2, 3, 4, 5, 6}, float[2] b = {10, 20}",
     "y = Add <broadcast = 1, axis = 0> (a, b)", "float[2, 3] e = {11, 12, 13, 24, 25, 26}"},
    {"Add of version 6 lines up with the end by default", 6,
     "float[2, 3] a = {1, 2, 3, 4, 5, 6}, float[3] b = {1, 2, 3}", "y = Add <broadcast = 1> (a, b)",
     "float[2, 3] e = {2, 4, 6, 5, 7, 9}"},
    {"Add of integers wraps", 14, "int8[1] a = {127}, int8[1] b = {2}", "y = Add (a, b)", "int8[1] e = {-127}"},
    {"Add in float16 rounds once", 14, "float16[1] a = {2048}, float16[1] b = {1}", "y = Add (a, b)",
     "float16[1] e = {2048}"},
    {"Div of integers cuts towards 0, the smallest by -1 wraps", 14,
     "int32[3] a = {-7, 7, -2147483648}, int32[3] b = {2, -2, -1}", "y = Div (a, b)",
     "int32[3] e = {-3, -3, -2147483648}"},
    {"Mod has the divisor's sign", 13, "int32[3] a = {-4, 7, 5}, int32[3] b = {3, -3, 8}", "y = Mod (a, b)",
     "int32[3] e = {2, -2, 5}"},
    {"fmod has the dividend's sign", 13, "float[2] a = {-4.5, 5}, float[2] b = {3, -3}", "y = Mod <fmod = 1> (a, b)",
     "float[2] e = {-1.5, 2}"},
    {"Pow with an integer exponent keeps the base's type", 15, "float[3] a = {2, 3, -2}, int64[1] b = {3}",
     "y = Pow (a, b)", "float[3] e = {8, 27, -8}", 1e-6},
    {"Pow with the exponent 3, which has a way of its own", 15,
     "float[7] a = {1.1, -1.1, 1e13, -0.0, -inf, nan, 1e-15}, float b = {3}", "y = Pow (a, b)",
     "float[7] e = {1.331, -1.331, inf, -0.0, -inf, nan, 1e-45}", 1e-6},
    {"IsNaN of float8, whose Fn form has no infinity", 20, "float[4] x = {nan, inf, 1, -inf}",
     "i = Cast <to = 17, saturate = 0> (x) n = IsNaN (i) y = Cast <to = 6> (n)", "int32[4] e = {1, 1, 0, 1}"},
    {"IsInf of float8", 20, "float[4] x = {nan, inf, 1, -inf}",
     "i = Cast <to = 19, saturate = 0> (x) n = IsInf <detect_negative = 0> (i) y = Cast <to = 6> (n)",
     "int32[4] e = {0, 1, 0, 0}"},
    {"Dropout of float8 passes on", 22, "float[2] x = {1.5, -2}",
     "i = Cast <to = 17> (x) d = Dropout (i) y = Cast <to = 1> (d)", "float[2] e = {1.5, -2}"},
    {"Dropout of float8 in training scales what it keeps", 22,
     "float[4] x = {1.5, 1.5, 1.5, 1.5}, float ratio = {0.5}, bool training = {1}",
     "i = Cast <to = 17> (x) d, m = Dropout <seed = 0> (i, ratio, training) y = Cast <to = 1> (d)",
     "float[4] e = {3, 3, 3, 3}"},
    {"Pow of integers with a negative exponent", 15, "int32[3] a = {1, -1, 2}, int32[1] b = {-3}", "y = Pow (a, b)",
     "int32[3] e = {1, -1, 0}"},
    {"PRelu of version 6 has a slope per channel", 6, "float[1, 2, 2] x = {-1, 1, -1, 1}, float[2] s = {0.5, 0.25}",
     "y = PRelu (x, s)", "float[1, 2, 2] e = {-0.5, 1, -0.25, 1}"},
    {"Max takes a NaN from either side", 13, "float[2] a = {nan, 1}, float[2] b = {2, nan}, float[1] c = {0}",
     "y = Max (a, b, c)", "float[2] e = {nan, nan}"},
    {"Mean of three, broadcast", 13, "float[2] a = {1, 2}, float[1] b = {3}, float c = {5}", "y = Mean (a, b, c)",
     "float[2] e = {3, 3.3333333}", 1e-6},
    {"Sum of one is a copy", 13, "float[2] a = {1, 2}", "y = Sum (a)", "float[2] e = {1, 2}"},
    {"Equal of booleans compares truth, not bytes", 13, "bool[2] a = {1, 0}, bool[2] b = {5, 0}", "y = Equal (a, b)",
     "bool[2] e = {1, 1}"},
    {"Less with a NaN is false", 13, "float[2] a = {nan, 1}, float[1] b = {2}", "y = Less (a, b)",
     "bool[2] e = {0, 1}"},
    {"a shift by all bits gives 0", 11, "uint8[2] a = {255, 255}, uint8[2] b = {8, 1}",
     "y = BitShift <direction = \"LEFT\"> (a, b)", "uint8[2] e = {0, 254}"},
    {"a right shift of a negative number keeps its sign", 28, "int8[2] a = {-128, -1}, int8[2] b = {1, 100}",
     "y = BitShift <direction = \"RIGHT\"> (a, b)", "int8[2] e = {-64, -1}"},
    {"Where broadcasts three shapes", 16, "bool[2, 1] c = {1, 0}, float[2] a = {1, 2}, float b = {9}",
     "y = Where (c, a, b)", "float[2, 2] e = {1, 2, 9, 9}"},
};

constexpr Refusal kRefusals[] = {
    {"shapes that do not broadcast", 14, "float[2] a = {1, 2}, float[3] b = {1, 2, 3}", "y = Add (a, b)",
     "node of output 'y' (Add): shapes [2], [3] do not broadcast to one shape"},
    {"two element types", 14, "float[1] a = {1}, double[1] b = {1}", "y = Add (a, b)",
     "node of output 'y' (Add): inputs have element types float and double, expected one"},
    {"unequal shapes before version 7", 6, "float[2] a = {1, 2}, float[1] b = {1}", "y = Add (a, b)",
     "node of output 'y' (Add): inputs have shapes [2] and [1], expected equal ones without the attribute broadcast"},
    {"an axis that leaves no room", 6, "float[2] a = {1, 2}, float[2] b = {1, 2}",
     "y = Add <broadcast = 1, axis = 1> (a, b)",
     "node of output 'y' (Add): input 1 of shape [2] does not fit into [2] at axis 1"},
    {"integer division by zero", 14, "int32[2] a = {1, 2}, int32[2] b = {1, 0}", "y = Div (a, b)",
     "node of output 'y' (Div): integer division by zero"},
    {"integer remainder by zero", 13, "int32[1] a = {1}, int32[1] b = {0}", "y = Mod (a, b)",
     "node of output 'y' (Mod): integer division by zero"},
    {"a limit that is no scalar", 12, "float[1] x = {1}, float[2] low = {1, 2}", "y = Clip (x, low)",
     "node of output 'y' (Clip): input 1 is no scalar of the type of input 0"},
    {"an unknown direction", 11, "uint8[1] a = {1}, uint8[1] b = {1}", "y = BitShift <direction = \"UP\"> (a, b)",
     "node of output 'y' (BitShift): direction is 'UP', expected LEFT or RIGHT"},
    {"a slope larger than the data", 16, "float[1] x = {1}, float[2] s = {1, 2}", "y = PRelu (x, s)",
     "node of output 'y' (PRelu): slope of shape [2] does not broadcast to [1]"},
    {"different shapes of Max before version 8", 6, "float[2] a = {1, 2}, float[1] b = {1}", "y = Max (a, b)",
     "node of output 'y' (Max): input 1 has shape [1], expected that of input 0, [2]"},
};

}  // namespace

TEST_CASE("element-wise kernels give what the specification says") {
  for (const Case& row : kCases) kernel_testing::check(row);
}

TEST_CASE("element-wise kernels refuse inputs that do not go together") {
  for (const Refusal& row : kRefusals) kernel_testing::check(row);
}

TEST_CASE("element-wise results do not depend on the number of threads") {
  const auto model = kernel_testing::parse_case(17, "float[7, 1, 30011] a = fill(1), float[7, 5, 1] b = fill(2)",
                                                "s = Add (a, b) y = Sigmoid (s)", "");
  const exec::Tensor one = exec::Session(*model, {.threads = 1}).run({}).at("y");
  const exec::Tensor four = exec::Session(*model, {.threads = 4}).run({}).at("y");
  CHECK(surgery::identical(one, four));
}
