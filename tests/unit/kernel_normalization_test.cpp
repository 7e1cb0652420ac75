#include "kernel_testing.h"

using kernel_testing::Case;
using kernel_testing::Refusal;

namespace {

// Tolerance 1e-6: a square root and a division in double, rounded to float.
constexpr Case kCases[] = {
    {"BatchNormalization per channel", 9,
     "float[1, 2, 2] x = {1, 3, 1, 3}, float[2] s = {1, 2}, float[2] b = {0, 10}, float[2] m = {2, 1}, float[2] v = "
     "{1, 4}",
     "y = BatchNormalization <epsilon = 0.0> (x, s, b, m, v)", "float[1, 2, 2] e = {-1, 1, 10, 12}", 1e-6},
    {"BatchNormalization of [N, C]", 15,
     "float[2, 2] x = {1, 1, 3, 3}, float[2] s = {1, 2}, float[2] b = {0, 10}, float[2] m = {2, 1}, float[2] v = {1, "
     "4}",
     "y = BatchNormalization <epsilon = 0.0> (x, s, b, m, v)", "float[2, 2] e = {-1, 10, 1, 12}", 1e-6},
    {"BatchNormalization before version 9 per element where spatial is 0", 8,
     "float[1, 1, 2] x = {1, 3}, float[1, 2] s = {1, 2}, float[1, 2] b = {0, 10}, float[1, 2] m = {2, 1}, "
     "float[1, 2] v = {1, 4}",
     "y = BatchNormalization <epsilon = 0.0, spatial = 0> (x, s, b, m, v)", "float[1, 1, 2] e = {-1, 12}", 1e-6},
    {"BatchNormalization with a mean far from 0 keeps its digits", 15,
     "float[1, 1, 2] x = {100000, 100000.25}, float[1] s = {1}, float[1] b = {0}, float[1] m = {100000}, float[1] v = "
     "{0.0625}",
     "y = BatchNormalization <epsilon = 0.0> (x, s, b, m, v)", "float[1, 1, 2] e = {0, 1}", 1e-6},
    {"BatchNormalization in training takes the batch's own numbers", 15,
     "float[2, 1] x = {1, 3}, float[1] s = {1}, float[1] b = {0}, float[1] m = {0}, float[1] v = {1}",
     "o, y, r = BatchNormalization <training_mode = 1, momentum = 0.5, epsilon = 0.0> (x, s, b, m, v)",
     "float[1] e = {1}", 1e-6},
    {"BatchNormalization of float16 with float parameters", 15,
     "float16[1, 1, 2] x = {1, 3}, float[1] s = {1}, float[1] b = {0}, float[1] m = {2}, float[1] v = {1}",
     "y = BatchNormalization <epsilon = 0.0> (x, s, b, m, v)", "float16[1, 1, 2] e = {-1, 1}"},
    {"LayerNormalization with scale and shift", 17, "float[1, 2] x = {1, 3}, float[2] s = {2, 2}, float[2] b = {1, 1}",
     "y = LayerNormalization <epsilon = 0.0> (x, s, b)", "float[1, 2] e = {-1, 3}", 1e-6},
    {"LayerNormalization gives the mean", 17, "float[2, 2] x = {1, 3, 5, 9}, float[2] s = {1, 1}",
     "o, y = LayerNormalization (x, s)", "float[2, 1] e = {2, 7}", 1e-6},
    {"RMSNormalization", 23, "float[1, 2] x = {3, 4}, float[2] s = {5, 5}",
     "y = RMSNormalization <epsilon = 0.0> (x, s)", "float[1, 2] e = {4.2426407, 5.6568542}", 1e-6},
    {"InstanceNormalization", 6, "float[1, 2, 2] x = {1, 3, 5, 5}, float[2] s = {1, 1}, float[2] b = {0, 7}",
     "y = InstanceNormalization <epsilon = 0.0001> (x, s, b)", "float[1, 2, 2] e = {-0.99995, 0.99995, 7, 7}", 1e-6},
    {"GroupNormalization scales channels from version 21 on", 21,
     "float[1, 2, 1] x = {1, 3}, float[2] s = {1, 2}, float[2] b = {0, 0}",
     "y = GroupNormalization <num_groups = 1, epsilon = 0.0> (x, s, b)", "float[1, 2, 1] e = {-1, 2}", 1e-6},
    {"GroupNormalization scales groups in version 18", 18,
     "float[1, 2, 1] x = {1, 3}, float[1] s = {2}, float[1] b = {0}",
     "y = GroupNormalization <num_groups = 1, epsilon = 0.0> (x, s, b)", "float[1, 2, 1] e = {-2, 2}", 1e-6},
    {"LpNormalization of zeros is 0", 1, "float[2, 2] x = {3, 4, 0, 0}", "y = LpNormalization (x)",
     "float[2, 2] e = {0.6, 0.8, 0, 0}", 1e-6},
    {"LRN over a window cut at the ends", 13, "float[1, 3, 1] x = {1, 2, 3}",
     "y = LRN <size = 3, alpha = 3.0, beta = 1.0, bias = 1.0> (x)",
     "float[1, 3, 1] e = {0.1666667, 0.1333333, 0.2142857}", 1e-6},
    {"MeanVarianceNormalization", 13, "float[2, 1, 1, 1] x = {1, 3}", "y = MeanVarianceNormalization (x)",
     "float[2, 1, 1, 1] e = {-1, 1}", 1e-6},
};

constexpr Refusal kRefusals[] = {
    {"parameters of another length", 15,
     "float[1, 2] x = {1, 2}, float[1] s = {1}, float[2] b = {0, 0}, float[2] m = {0, 0}, float[2] v = {1, 1}",
     "y = BatchNormalization (x, s, b, m, v)",
     "node of output 'y' (BatchNormalization): input 1 has shape [1], expected [2]"},
    {"parameters per channel where spatial is 0", 8,
     "float[1, 1, 2] x = {1, 2}, float[1] s = {1}, float[1] b = {0}, float[1] m = {0}, float[1] v = {1}",
     "y = BatchNormalization <spatial = 0> (x, s, b, m, v)",
     "node of output 'y' (BatchNormalization): input 1 has shape [1], expected [1, 2] since spatial is 0"},
    {"groups that do not divide the channels", 21,
     "float[1, 3, 1] x = {1, 2, 3}, float[3] s = fill(1), float[3] b = fill(1)",
     "y = GroupNormalization <num_groups = 2> (x, s, b)",
     "node of output 'y' (GroupNormalization): 3 channels cannot be split into 2 groups"},
    {"a norm of another order", 1, "float[1] x = {1}", "y = LpNormalization <p = 3> (x)",
     "node of output 'y' (LpNormalization): p is 3, expected 1 or 2"},
};

}  // namespace

TEST_CASE("normalisations give what the specification says, by version") {
  for (const Case& row : kCases) kernel_testing::check(row);
}

TEST_CASE("normalisations refuse parameters that do not fit") {
  for (const Refusal& row : kRefusals) kernel_testing::check(row);
}
