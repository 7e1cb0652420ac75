#include "infer_testing.h"

namespace infer_testing {
namespace {

TEST_CASE("unary operators keep the shape") {
  const InferCase cases[] = {
      {"Relu", 13, "float[N,3,4] x", "", "y = Relu (x)", "float[N, 3, 4]"},
      {"a scalar", 13, "double x", "", "y = Exp (x)", "double[]"},
      {"no rank", 13, "float16[...] x", "", "y = Sigmoid (x)", "float16[...]"},
      {"Cast", 13, "float[N] x", "", "y = Cast <to = 7> (x)", "int64[N]"},
      {"Cast-1 names the type", 5, "float[N] x", "", R"(y = Cast <to = "INT32"> (x))", "int32[N]"},
      {"Cast to no type", 13, "float[N] x", "", "y = Cast <to = 99> (x)", "?[N]"},
      {"CastLike", 15, "float[N] x, int8[3] t", "", "y = CastLike (x, t)", "int8[N]"},
      {"IsNaN", 13, "float[N] x", "", "y = IsNaN (x)", "bool[N]"},
      {"Dropout's mask is bool", 13, "float[N,2] x", "", "y, m = Dropout (x)", "float[N, 2] ; bool[N, 2]"},
      {"Dropout-7's mask is not", 7, "float[N,2] x", "", "y, m = Dropout (x)", "float[N, 2] ; float[N, 2]"},
      {"Softmax in range", 13, "float[N,2] x", "", "y = Softmax <axis = -2> (x)", "float[N, 2]"},
      {"Softmax out of range", 13, "float[N,2] x", "", "y = Softmax <axis = 2> (x)",
       "error: axis 2 is out of range for rank 2"},
      {"Softmax-11 may split behind the last axis", 11, "float[N,2] x", "", "y = Softmax <axis = 2> (x)",
       "float[N, 2]"},
      {"CumSum", 14, "float[N,2] x", "int64 a = {1}", "y = CumSum (x, a)", "float[N, 2]"},
      {"CumSum out of range", 14, "float[N,2] x", "int64 a = {5}", "y = CumSum (x, a)",
       "error: axis 5 is out of range for rank 2"},
      {"EyeLike", 9, "int32[N,M] x", "", "y = EyeLike <dtype = 11> (x)", "double[N, M]"},
      {"EyeLike of another rank", 9, "int32[N] x", "", "y = EyeLike (x)", "error: input input has rank 1, expected 2"},
      {"Bernoulli", 15, "float[N] x", "", "y = Bernoulli <dtype = 9> (x)", "bool[N]"},
      {"BitCast", 26, "float[N] x", "", "y = BitCast <to = 6> (x)", "int32[N]"},
  };
  check_cases(cases);
}

TEST_CASE("unary operators on known elements") {
  const InferCase cases[] = {
      {"Identity", 13, "float[N,3] x", "", "s = Shape (x)\n y = Identity (s)", "int64[2]{N, 3}"},
      {"Neg", 13, "float[N,3] x", "", "s = Shape (x)\n y = Neg (s)", "int64[2]{-N, -3}"},
      {"Abs of what is not negative", 13, "float[N,3] x", "", "s = Shape (x)\n y = Abs (s)", "int64[2]{N, 3}"},
      {"Abs of a negative", 13, "", "int64[2] s = {-4, 4}", "y = Abs (s)", "int64[2]{4, 4}"},
      {"Sign", 13, "", "int64[3] s = {-4, 0, 9}", "y = Sign (s)", "int64[3]{-1, 0, 1}"},
      {"Clip", 13, "float[N,3] x", "int64 a = {0}, int64 b = {2}", "s = Shape (x)\n y = Clip (s, a, b)",
       "int64[2]{min(N, 2), 2}"},
      {"Not", 1, "", "bool[2] s = {1, 0}", "y = Not (s)", "bool[2]{0, 1}"},
      {"Cast keeps elements", 13, "float[N,3] x", "", "s = Shape (x)\n y = Cast <to = 6> (s)", "int32[2]{N, 3}"},
      {"Cast to a float does not", 13, "float[N,3] x", "", "s = Shape (x)\n y = Cast <to = 1> (s)", "float[2]"},
      {"Cast that wraps", 13, "", "int64[2] s = {3, 300}", "y = Cast <to = 2> (s)", "uint8[2]{3, ?}"},
      {"Cast to bool", 13, "float[N,3] x", "int64[1] one = {1}",
       "s = Shape (x)\n t = Add (s, one)\n y = Cast <to = 9> (t)", "bool[2]{1, 1}"},
  };
  check_cases(cases);
}

TEST_CASE("binary operators broadcast") {
  const InferCase cases[] = {
      {"equal shapes", 14, "float[N,3] a, float[N,3] b", "", "y = Add (a, b)", "float[N, 3]"},
      {"ones give way", 14, "float[N,1,5] a, float[4,1] b", "", "y = Mul (a, b)", "float[N, 4, 5]"},
      {"a known dim beats a symbol", 14, "float[N,3] a, float[7,3] b", "", "y = Sub (a, b)", "float[7, 3]"},
      {"two symbols may both be 1", 14, "float[N,3] a, float[M,3] b", "", "y = Div (a, b)", "float[y.0, 3]"},
      {"unless one is not", 14, "float[N,3] a, float[M,3] b", "float[2,3] p = fill(1)",
       "c = Concat <axis = 0> (a, p)\n y = Add (c, b)", "float[N + 2, 3]"},
      {"a scalar", 14, "float[N,3] a, float b", "", "y = Add (a, b)", "float[N, 3]"},
      {"no rank", 14, "float[N,3] a, float[...] b", "", "y = Add (a, b)", "float[...]"},
      {"clash", 14, "float[2,3] a, float[4] b", "", "y = Add (a, b)", "error: shapes [2, 3] and [4] do not broadcast"},
      {"types differ", 14, "float[2,3] a, double[3] b", "", "y = Add (a, b)",
       "error: element types float and double differ"},
      {"before opset 7 the first operand decides", 6, "float[N,3,4] a, float[3] b", "",
       "y = Add <broadcast = 1, axis = 1> (a, b)", "float[N, 3, 4]"},
      {"comparisons are bool", 13, "float[N,3] a, float[3] b", "", "y = Less (a, b)", "bool[N, 3]"},
      {"Pow takes the type of the base", 13, "float[N,3] a, int64[3] b", "", "y = Pow (a, b)", "float[N, 3]"},
      {"PRelu", 16, "float[N,3,4] a, float[3,1] b", "", "y = PRelu (a, b)", "float[N, 3, 4]"},
      {"PRelu only one way", 16, "float[3,1] a, float[3,4] b", "", "y = PRelu (a, b)",
       "error: slope [3, 4] does not broadcast to [3, 1]"},
      {"variadic", 13, "float[N,1] a, float[4] b, float[1,1,1] c", "", "y = Max (a, b, c)", "float[1, N, 4]"},
      {"Where", 16, "bool[N,1] c, float[4] a, float b", "", "y = Where (c, a, b)", "float[N, 4]"},
  };
  check_cases(cases);
}

TEST_CASE("a slice that may be shorter than a symbol still broadcasts to it") {
  const InferCase cases[] = {
      {"position embeddings", 14, "float[N,S,8] x, float[1,512,8] p",
       "int64[1] zero = {0}, int64[1] one = {1}, int64 index = {1}",
       "s = Shape (x)\n g = Gather (s, index)\n e = Unsqueeze (g, zero)\n q = Slice (p, zero, e, one)\n y = Add (x, q)",
       "float[N, S, 8]"},
      {"its own size is a minimum", 14, "float[N,S,8] x, float[1,512,8] p",
       "int64[1] zero = {0}, int64[1] one = {1}, int64 index = {1}",
       "s = Shape (x)\n g = Gather (s, index)\n e = Unsqueeze (g, zero)\n y = Slice (p, zero, e, one)",
       "float[1, min(S, 512), 8]"},
  };
  check_cases(cases);
}

TEST_CASE("arithmetic on known elements") {
  const std::string_view x = "float[N,C,8] x";
  const std::string_view k = "int64[3] k = {2, 2, 2}, int64 two = {2}, int64 minus = {-1}, int64 zero = {0}";
  const InferCase cases[] = {
      {"Add", 14, x, k, "s = Shape (x)\n y = Add (s, k)", "int64[3]{N + 2, C + 2, 10}"},
      {"Sub", 14, x, k, "s = Shape (x)\n y = Sub (s, two)", "int64[3]{N - 2, C - 2, 6}"},
      {"Mul", 14, x, k, "s = Shape (x)\n y = Mul (s, s)", "int64[3]{N*N, C*C, 64}"},
      {"Div", 14, x, k, "s = Shape (x)\n y = Div (s, k)", "int64[3]{floor(N/2), floor(C/2), 4}"},
      {"Div rounds to zero", 14, "", "int64 a = {-7}, int64 b = {2}", "y = Div (a, b)", "int64[]{-3}"},
      {"Div by zero", 14, "", "int64 a = {-7}, int64 b = {0}", "y = Div (a, b)", "int64[]{?}"},
      {"Mod", 13, x, k, "s = Shape (x)\n y = Mod (s, k)", "int64[3]{N - 2*floor(N/2), C - 2*floor(C/2), 0}"},
      {"Mod has the sign of the divisor", 13, "", "int64 a = {-7}, int64 b = {3}", "y = Mod (a, b)", "int64[]{2}"},
      {"fmod that of the dividend", 13, "", "int64 a = {-7}, int64 b = {3}", "y = Mod <fmod = 1> (a, b)",
       "int64[]{-1}"},
      {"Min", 13, x, k, "s = Shape (x)\n y = Min (s, k)", "int64[3]{min(N, 2), min(C, 2), 2}"},
      {"Max", 13, x, k, "s = Shape (x)\n y = Max (s, minus)", "int64[3]{N, C, 8}"},
      {"Sum", 13, x, k, "s = Shape (x)\n y = Sum (s, k, two)", "int64[3]{N + 4, C + 4, 12}"},
      {"Pow", 13, x, k, "s = Shape (x)\n y = Pow (s, two)", "int64[3]{N*N, C*C, 64}"},
      {"Equal", 13, x, k, "s = Shape (x)\n y = Equal (s, minus)", "bool[3]{0, 0, 0}"},
      {"Equal that is open", 13, x, k, "s = Shape (x)\n y = Equal (s, two)", "bool[3]{?, ?, 0}"},
      {"Greater", 13, x, k, "s = Shape (x)\n y = Greater (s, minus)", "bool[3]{1, 1, 1}"},
      {"LessOrEqual", 16, x, k, "s = Shape (x)\n y = LessOrEqual (s, minus)", "bool[3]{0, 0, 0}"},
      {"And", 7, x, "bool[2] f = {0, 1}, bool[2] t = {1, 1}", "y = And (f, t)", "bool[2]{0, 1}"},
      {"Or", 7, x, "bool[2] f = {0, 1}, bool[2] t = {0, 0}", "y = Or (f, t)", "bool[2]{0, 1}"},
      {"Xor", 7, x, "bool[2] f = {0, 1}, bool[2] t = {1, 1}", "y = Xor (f, t)", "bool[2]{1, 0}"},
      {"Where", 16, x, k, "s = Shape (x)\n c = Equal (s, minus)\n y = Where (c, k, s)", "int64[3]{N, C, 8}"},
      {"Where that is open", 16, x, k, "s = Shape (x)\n c = Equal (s, two)\n y = Where (c, k, s)", "int64[3]{?, ?, 8}"},
      {"uint8 wraps", 14, "", "uint8 a = {200}, uint8 b = {100}", "y = Add (a, b)", "uint8[]{?}"},
  };
  check_cases(cases);
}

}  // namespace
}  // namespace infer_testing
