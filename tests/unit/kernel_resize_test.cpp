#include "kernel_testing.h"

using kernel_testing::Case;
using kernel_testing::Refusal;

namespace {

// Tolerance 1e-6: weights are computed in double, sums in float.
constexpr Case kCases[] = {
    {"nearest neighbours, half a pixel off", 13, "float[2] x = {1, 2}, float[1] s = {2}", "y = Resize (x, , s)",
     "float[4] e = {1, 1, 2, 2}"},
    {"nearest neighbours rounded down", 13, "float[4] x = {1, 2, 3, 4}, int64[1] n = {3}",
     "y = Resize <nearest_mode = \"floor\", coordinate_transformation_mode = \"asymmetric\"> (x, , , n)",
     "float[3] e = {1, 2, 3}"},
    {"linear, half a pixel off", 13, "float[2] x = {1, 3}, float[1] s = {2}", "y = Resize <mode = \"linear\"> (x, , s)",
     "float[4] e = {1, 1.5, 2.5, 3}", 1e-6},
    {"linear, corners aligned", 13, "float[2] x = {1, 4}, int64[1] n = {4}",
     "y = Resize <mode = \"linear\", coordinate_transformation_mode = \"align_corners\"> (x, , , n)",
     "float[4] e = {1, 2, 3, 4}", 1e-6},
    {"linear shrinking with antialias sees every element", 18, "float[4] x = {1, 2, 3, 4}, float[1] s = {0.5}",
     "y = Resize <mode = \"linear\", antialias = 1> (x, , s)", "float[2] e = {1.625, 3.375}", 1e-6},
    {"cubic goes through the elements where it meets them", 13, "float[4] x = {1, 2, 3, 4}, float[1] s = {1}",
     "y = Resize <mode = \"cubic\"> (x, , s)", "float[4] e = {1, 2, 3, 4}", 1e-6},
    {"a crop that leaves the input is filled", 13, "float[2] x = {1, 3}, float[2] r = {0, 2}, int64[1] n = {3}",
     "y = Resize <mode = \"linear\", coordinate_transformation_mode = \"tf_crop_and_resize\", extrapolation_value = "
     "9.0> (x, "
     "r, , n)",
     "float[3] e = {1, 3, 9}", 1e-6},
    {"pytorch_half_pixel takes the first element for a result of one", 13,
     "float[5] x = {1, 2, 4, 8, 16}, int64[1] n = {1}",
     "y = Resize <mode = \"cubic\", coordinate_transformation_mode = \"pytorch_half_pixel\"> (x, , , n)",
     "float[1] e = {1}"},
    {"some axes, one scale for both", 18, "float[1, 2, 4] x = {1, 2, 3, 4, 5, 6, 7, 8}, int64[2] n = {1, 4}",
     "y = Resize <axes = [1, 2], keep_aspect_ratio_policy = \"not_larger\", mode = \"nearest\", nearest_mode = "
     "\"floor\", "
     "coordinate_transformation_mode = \"asymmetric\"> (x, , , n)",
     "float[1, 1, 2] e = {1, 3}"},
    {"integers are rounded", 13, "uint8[2] x = {0, 255}, float[1] s = {2}", "y = Resize <mode = \"linear\"> (x, , s)",
     "uint8[4] e = {0, 64, 191, 255}"},
    {"Upsample by an attribute", 7, "float[2] x = {1, 2}", "y = Upsample <scales = [2.0]> (x)",
     "float[4] e = {1, 1, 2, 2}"},
    {"Upsample by an input, linear", 9, "float[2] x = {1, 3}, float[1] s = {2}",
     "y = Upsample <mode = \"linear\"> (x, s)", "float[4] e = {1, 2, 3, 3}", 1e-6},
    {"Resize-10 takes the upper neighbour when it shrinks", 10, "float[4] x = {1, 2, 3, 4}, float[1] s = {0.6}",
     "y = Resize (x, s)", "float[2] e = {1, 3}"},
};

constexpr Refusal kRefusals[] = {
    {"neither scales nor sizes", 13, "float[2] x = {1, 2}", "y = Resize (x)",
     "node of output 'y' (Resize): expected one of scales and sizes"},
    {"a scale of 0", 13, "float[2] x = {1, 2}, float[1] s = {0}", "y = Resize (x, , s)",
     "node of output 'y' (Resize): scale 0.000000 is not above 0"},
    {"too few scales", 13, "float[1, 2] x = {1, 2}, float[1] s = {2}", "y = Resize (x, , s)",
     "node of output 'y' (Resize): scales has 1 values, expected 2"},
    {"elements from nothing", 13, "float[0] x = {}, int64[1] n = {2}", "y = Resize (x, , , n)",
     "node of output 'y' (Resize): an empty axis cannot be enlarged"},
    {"an unknown mode", 13, "float[1] x = {1}, float[1] s = {2}", "y = Resize <mode = \"sinc\"> (x, , s)",
     "node of output 'y' (Resize): mode is 'sinc', expected nearest, linear or cubic"},
};

}  // namespace

TEST_CASE("resizing gives what the specification says, by version and mode") {
  for (const Case& row : kCases) kernel_testing::check(row);
}

TEST_CASE("resizing refuses scales and sizes that make no sense") {
  for (const Refusal& row : kRefusals) kernel_testing::check(row);
}
