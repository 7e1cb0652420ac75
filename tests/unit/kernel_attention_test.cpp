#include "kernel_testing.h"

using kernel_testing::Case;
using kernel_testing::Refusal;

namespace {

// Expected values: the reference implementation of onnx 1.23.
constexpr Case kCases[] = {
    {"Attention with keys left out by a window", 25,
     "float[1, 2, 2, 4] q = {-0.17, 0.44, -1, -0.4, -0.71, -0.82, -0.63, -0.31, -0.21, 0.08, -0.16, 0.37, "
     "-0.59, 0.76, -0.95, 0.34}, float[1, 1, 3, 4] k = {-0.13, -0.95, 0.1, -0.13, -0.16, -0.34, -0.59, 0.24, "
     "-0.4, -0.47, 0.24, 0.06}, float[1, 1, 3, 2] v = {0.1, 0.42, -0.42, 0.02, 0.79, 0.79}",
     "y = Attention <left_window_size = 0, right_window_size = 1> (q, k, v)",
     "float[1, 2, 2, 2] e = {-0.21228509, 0.17978069, 0.15626903, 0.38671666, -0.17961866, 0.20490874, "
     "0.064585365, 0.3283725}",
     1e-5},
    {"Attention with a mask shorter than the keys", 23,
     "float[1, 2, 2, 4] q = {-0.17, 0.44, -1, -0.4, -0.71, -0.82, -0.63, -0.31, -0.21, 0.08, -0.16, 0.37, "
     "-0.59, 0.76, -0.95, 0.34}, float[1, 1, 3, 4] k = {-0.13, -0.95, 0.1, -0.13, -0.16, -0.34, -0.59, 0.24, "
     "-0.4, -0.47, 0.24, 0.06}, float[1, 1, 3, 2] v = {0.1, 0.42, -0.42, 0.02, 0.79, 0.79}, bool[2, 2] m = "
     "{1, 0, 1, 1}",
     "y = Attention (q, k, v, m)",
     "float[1, 2, 2, 2] e = {0.1, 0.42, -0.14967692, 0.22794081, 0.1, 0.42, -0.23944776, 0.15888631}", 1e-5},
    {"Attention's scores before the soft cap", 23,
     "float[1, 2, 2, 4] q = {-0.17, 0.44, -1, -0.4, -0.71, -0.82, -0.63, -0.31, -0.21, 0.08, -0.16, 0.37, "
     "-0.59, 0.76, -0.95, 0.34}, float[1, 1, 3, 4] k = {-0.13, -0.95, 0.1, -0.13, -0.16, -0.34, -0.59, 0.24, "
     "-0.4, -0.47, 0.24, 0.06}, float[1, 1, 3, 2] v = {0.1, 0.42, -0.42, 0.02, 0.79, 0.79}",
     "o, p, r, y = Attention <scale = 0.3> (q, k, v)",
     "float[1, 2, 2, 3] e = {-0.13317002, 0.11147999, -0.120840006, 0.25458, 0.20691001, 0.14988, "
     "-0.033840004, 0.05688, 0.00906, -0.23535003, 0.14343, -0.09864}",
     1e-5},
    {"Attention of a query without keys is 0", 23,
     "float[1, 2, 2, 4] q = {-0.17, 0.44, -1, -0.4, -0.71, -0.82, -0.63, -0.31, -0.21, 0.08, -0.16, 0.37, "
     "-0.59, 0.76, -0.95, 0.34}, float[1, 1, 3, 4] k = {-0.13, -0.95, 0.1, -0.13, -0.16, -0.34, -0.59, 0.24, "
     "-0.4, -0.47, 0.24, 0.06}, float[1, 1, 3, 2] v = {0.1, 0.42, -0.42, 0.02, 0.79, 0.79}, bool[2, 3] m = "
     "{0, 0, 0, 0, 0, 0}",
     "y = Attention (q, k, v, m)", "float[1, 2, 2, 2] e = {0, 0, 0, 0, 0, 0, 0, 0}"},
    {"RotaryEmbedding of neighbours", 23,
     "float[1, 2, 4] x = {0.93, 0.09, 0.95, 0.43, 0.4, -0.57, 0.95, -0.99}, float[3, 2] c = {-0.56, 0.74, "
     "-0.59, 0.84, -0.02, 0.22}, float[3, 2] s = {0.79, -0.34, 0.64, -0.92, -0.78, 0.19}, int64[1, 2] p = {2, "
     "0}",
     "y = RotaryEmbedding <num_heads = 1, interleaved = 1> (x, c, s, p)",
     "float[1, 2, 4] e = {0.0516, -0.7272, 0.1273, 0.2751, 0.2263, 0.6352, 0.3664, -1.0556}", 1e-5},
    {"LinearAttention, delta rule, one beta for all heads", 27,
     "float[1, 2, 4] q = {-0.17, 0.44, -1, -0.4, -0.71, -0.82, -0.63, -0.31}, float[1, 2, 4] k = {-0.13, "
     "-0.95, 0.1, -0.13, -0.16, -0.34, -0.59, 0.24}, float[1, 2, 2] v = {0.1, 0.42, -0.42, 0.02}, float[1, 2, "
     "1] b = {0.93, 0.09}",
     "y = LinearAttention <q_num_heads = 2, kv_num_heads = 2, update_rule = \"delta\"> (q, k, v, , , b)",
     "float[1, 2, 2] e = {-0.026034754, -0.013257405, 0.046010736, -0.0052246535}", 1e-5},
    {"CausalConvWithState of an input shorter than the kernel", 27,
     "float[1, 2, 1] x = {-0.17, 0.44}, float[2, 1, 3] w = {-0.13, -0.95, 0.1, -0.13, -0.16, -0.34}",
     "o, y = CausalConvWithState (x, w)", "float[1, 2, 2] e = {0, -0.17, 0, 0.44}", 1e-5},
    {"SwiGLU", 28, "float[3] a = {-0.66, 1.76, -4}, float[3] b = {-0.13, -0.95, 0.1}",
     "y = SwiGLU <alpha = 0.7> (a, b)", "float[3] e = {0.03316269, -1.2944096, -0.022929674}", 1e-5},
    {"BitCast", 26, "float[2] a = {1, -2}", "y = BitCast <to = 6> (a)", "int32[2] e = {1065353216, -1073741824}"},
};

constexpr Refusal kRefusals[] = {
    {"heads that cannot share", 23, "float[1, 3, 1, 1] q = fill(1), float[1, 2, 1, 1] k = fill(1)",
     "y = Attention (q, k, k)", "node of output 'y' (Attention): 3 query heads cannot share 2 key heads"},
    {"packed inputs without a number of heads", 23, "float[1, 1, 2] q = fill(1)", "y = Attention (q, q, q)",
     "node of output 'y' (Attention): attribute 'q_num_heads' is 0, expected a positive number with inputs of rank 3"},
    {"a past key without a past value", 23, "float[1, 1, 1, 1] q = fill(1)", "y = Attention (q, q, q, , q)",
     "node of output 'y' (Attention): past_key and past_value go together, one is missing"},
    {"a mask that does not broadcast", 23, "float[1, 1, 2, 1] q = fill(1), bool[3, 2] m = {1, 1, 1, 1, 1, 1}",
     "y = Attention (q, q, q, m)",
     "node of output 'y' (Attention): shapes [1, 1, 2, 2], [3, 2] do not broadcast to one shape"},
    {"more keys than there are", 24, "float[1, 1, 1, 1] q = fill(1), int64[1] n = {2}",
     "y = Attention (q, q, q, , , , n)", "node of output 'y' (Attention): nonpad_kv_seqlen has 2, expected 0 to 1"},
    {"an unknown stage", 23, "float[1, 1, 1, 1] q = fill(1)",
     "o, p, r, y = Attention <qk_matmul_output_mode = 4> (q, q, q)",
     "node of output 'o' (Attention): attribute 'qk_matmul_output_mode' is 4, expected 0 to 3"},
    {"a window below -1", 25, "float[1, 1, 1, 1] q = fill(1)", "y = Attention <left_window_size = -2> (q, q, q)",
     "node of output 'y' (Attention): attribute 'left_window_size' is -2, expected at least -1"},
    {"a position beyond the caches", 23, "float[1, 1, 1, 2] x = fill(1), float[1, 1] c = {1}, int64[1, 1] p = {1}",
     "y = RotaryEmbedding (x, c, c, p)",
     "node of output 'y' (RotaryEmbedding): position_ids has 1, the caches have 1 rows"},
    {"an odd head", 23, "float[1, 1, 1, 3] x = fill(1), float[1, 1, 1] c = {1}", "y = RotaryEmbedding (x, c, c)",
     "node of output 'y' (RotaryEmbedding): 3 elements of a head of 3 cannot be rotated in pairs"},
    {"a rule without its decay", 27, "float[1, 1, 1] q = {1}",
     "y = LinearAttention <q_num_heads = 1, kv_num_heads = 1, update_rule = \"gated\"> (q, q, q)",
     "node of output 'y' (LinearAttention): update_rule 'gated' needs input 4"},
    {"a state of another length", 27, "float[1, 1, 1] x = {1}, float[1, 1, 3] w = {1, 1, 1}",
     "y = CausalConvWithState (x, w, , x)",
     "node of output 'y' (CausalConvWithState): input 3 has shape [1, 1, 1], expected [1, 1, 2]"},
    {"gates of another shape", 28, "float[2] a = {1, 2}, float[1] b = {1}", "y = SwiGLU (a, b)",
     "node of output 'y' (SwiGLU): input 1 has shape [1], expected [2]"},
    {"a type of another width", 26, "float[1] a = {1}", "y = BitCast <to = 7> (a)",
     "node of output 'y' (BitCast): float and int64 do not have the same width"},
};

}  // namespace

TEST_CASE("Attention and its kin give what the reference implementation gives") {
  for (const Case& row : kCases) kernel_testing::check(row);
}

TEST_CASE("Attention and its kin refuse what does not fit") {
  for (const Refusal& row : kRefusals) kernel_testing::check(row);
}
