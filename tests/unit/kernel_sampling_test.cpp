#include "kernel_testing.h"

using kernel_testing::Case;
using kernel_testing::Refusal;

namespace {

// Expected values: ONNX Runtime 1.31; where it has no kernel, the reference implementation of onnx 1.23.
constexpr Case kCases[] = {
    {"MaxRoiPool", 1,
     "float[1, 2, 4, 4] x = {-0.17, 0.44, -1, -0.4, -0.71, -0.82, -0.63, -0.31, -0.21, 0.08, -0.16, 0.37, "
     "-0.59, 0.76, -0.95, 0.34, -0.17, 0.12, -0.72, -0.6, 0.6, 0.94, -0.37, 0.38, 0.75, 0.79, -0.83, -0.92, "
     "-0.66, 0.76, -0.8, -0.16}, float[2, 5] r = {0, 0, 0, 3, 3, 0, 1, 1, 2, 3}",
     "y = MaxRoiPool <pooled_shape = [2, 2], spatial_scale = 1.0> (x, r)",
     "float[2, 2, 2, 2] e = {0.44, -0.31, 0.76, 0.37, 0.94, 0.38, 0.79, -0.16, 0.08, -0.16, 0.76, -0.16, "
     "0.94, -0.37, 0.79, -0.8}"},
    {"MaxRoiPool outside of the image gives 0", 1,
     "float[1, 1, 4, 4] x = {-0.17, 0.44, -1, -0.4, -0.71, -0.82, -0.63, -0.31, -0.21, 0.08, -0.16, 0.37, "
     "-0.59, 0.76, -0.95, 0.34}, float[1, 5] r = {0, 5, 5, 9, 9}",
     "y = MaxRoiPool <pooled_shape = [2, 1], spatial_scale = 0.9> (x, r)", "float[1, 1, 2, 1] e = {0, 0}"},
    {"RoiAlign before version 16 does not shift", 10,
     "float[1, 1, 4, 4] x = {-0.17, 0.44, -1, -0.4, -0.71, -0.82, -0.63, -0.31, -0.21, 0.08, -0.16, 0.37, "
     "-0.59, 0.76, -0.95, 0.34}, float[2, 4] r = {0, 0, 3, 3, 1, 1, 2.5, 3.5}, int64[2] b = {0, 0}",
     "y = RoiAlign <output_height = 2, output_width = 2, sampling_ratio = 2> (x, r, b)",
     "float[2, 1, 2, 2] e = {-0.4353906, -0.563164, 0.007890634, -0.15847656, -0.28703123, -0.26328126, "
     "0.09058593, -0.5582129}",
     1e-5},
    {"RoiAlign with as many samples as the region needs", 16,
     "float[1, 1, 4, 4] x = {-0.17, 0.44, -1, -0.4, -0.71, -0.82, -0.63, -0.31, -0.21, 0.08, -0.16, 0.37, "
     "-0.59, 0.76, -0.95, 0.34}, float[2, 4] r = {0, 0, 3.6, 3.2, 1, 1, 2.5, 3.5}, int64[2] b = {0, 0}",
     "y = RoiAlign <output_height = 2, output_width = 1, spatial_scale = 0.8> (x, r, b)",
     "float[2, 1, 2, 1] e = {-0.3263513, -0.45967326, -0.5884, -0.15740004}", 1e-5},
    {"GridSample, bilinear and zeros, far outside", 16,
     "float[1, 1, 3, 3] x = {-0.17, 0.44, -1, -0.71, -0.82, -0.63, -0.21, 0.08, -0.16}, float[1, 2, 3, 2] g = "
     "{0.32, 1.34, -1.34, 0.06, 2.52, 2.54, -2.4, -1.88, -2.88, -0.38, -3, -0.28}",
     "y = GridSample <mode = \"bilinear\", padding_mode = \"zeros\", align_corners = 0> (x, g)",
     "float[1, 1, 2, 3] e = {0, 0, 0, 0, 0, 0}", 1e-5},
    {"GridSample, bilinear and border, far outside", 16,
     "float[1, 1, 3, 3] x = {-0.17, 0.44, -1, -0.71, -0.82, -0.63, -0.21, 0.08, -0.16}, float[1, 2, 3, 2] g = "
     "{0.32, 1.34, -1.34, 0.06, 2.52, 2.54, -2.4, -1.88, -2.88, -0.38, -3, -0.28}",
     "y = GridSample <mode = \"bilinear\", padding_mode = \"border\", align_corners = 0> (x, g)",
     "float[1, 1, 2, 3] e = {-0.035199974, -0.665, -0.16, -0.17, -0.40219998, -0.4832}", 1e-5},
    {"GridSample, bilinear and reflection, far outside", 16,
     "float[1, 1, 3, 3] x = {-0.17, 0.44, -1, -0.71, -0.82, -0.63, -0.21, 0.08, -0.16}, float[1, 2, 3, 2] g = "
     "{0.32, 1.34, -1.34, 0.06, 2.52, 2.54, -2.4, -1.88, -2.88, -0.38, -3, -0.28}",
     "y = GridSample <mode = \"bilinear\", padding_mode = \"reflection\", align_corners = 0> (x, g)",
     "float[1, 1, 2, 3] e = {-0.042136133, -0.66574, -0.1684959, -0.65524, -0.8409, -0.7854}", 1e-5},
    {"GridSample, nearest and zeros, far outside", 16,
     "float[1, 1, 3, 3] x = {-0.17, 0.44, -1, -0.71, -0.82, -0.63, -0.21, 0.08, -0.16}, float[1, 2, 3, 2] g = "
     "{0.32, 1.34, -1.34, 0.06, 2.52, 2.54, -2.4, -1.88, -2.88, -0.38, -3, -0.28}",
     "y = GridSample <mode = \"nearest\", padding_mode = \"zeros\", align_corners = 1> (x, g)",
     "float[1, 1, 2, 3] e = {0.08, -0.71, 0, 0, 0, 0}", 1e-5},
    {"GridSample, nearest and border, far outside", 16,
     "float[1, 1, 3, 3] x = {-0.17, 0.44, -1, -0.71, -0.82, -0.63, -0.21, 0.08, -0.16}, float[1, 2, 3, 2] g = "
     "{0.32, 1.34, -1.34, 0.06, 2.52, 2.54, -2.4, -1.88, -2.88, -0.38, -3, -0.28}",
     "y = GridSample <mode = \"nearest\", padding_mode = \"border\", align_corners = 1> (x, g)",
     "float[1, 1, 2, 3] e = {0.08, -0.71, -0.16, -0.17, -0.71, -0.71}", 1e-5},
    {"GridSample, nearest and reflection, far outside", 16,
     "float[1, 1, 3, 3] x = {-0.17, 0.44, -1, -0.71, -0.82, -0.63, -0.21, 0.08, -0.16}, float[1, 2, 3, 2] g = "
     "{0.32, 1.34, -1.34, 0.06, 2.52, 2.54, -2.4, -1.88, -2.88, -0.38, -3, -0.28}",
     "y = GridSample <mode = \"nearest\", padding_mode = \"reflection\", align_corners = 1> (x, g)",
     "float[1, 1, 2, 3] e = {0.08, -0.71, -0.17, -0.82, -0.63, -0.63}", 1e-5},
    {"GridSample, bicubic and zeros, far outside", 16,
     "float[1, 1, 3, 3] x = {-0.17, 0.44, -1, -0.71, -0.82, -0.63, -0.21, 0.08, -0.16}, float[1, 2, 3, 2] g = "
     "{0.32, 1.34, -1.34, 0.06, 2.52, 2.54, -2.4, -1.88, -2.88, -0.38, -3, -0.28}",
     "y = GridSample <mode = \"bicubic\", padding_mode = \"zeros\", align_corners = 0> (x, g)",
     "float[1, 1, 2, 3] e = {0.00015251794, 0.0051803202, 0, 0, 0, 0}", 1e-5},
    {"GridSample, bicubic and border, far outside", 16,
     "float[1, 1, 3, 3] x = {-0.17, 0.44, -1, -0.71, -0.82, -0.63, -0.21, 0.08, -0.16}, float[1, 2, 3, 2] g = "
     "{0.32, 1.34, -1.34, 0.06, 2.52, 2.54, -2.4, -1.88, -2.88, -0.38, -3, -0.28}",
     "y = GridSample <mode = \"bicubic\", padding_mode = \"border\", align_corners = 0> (x, g)",
     "float[1, 1, 2, 3] e = {-0.0063711577, -0.7035789, -0.16000001, -0.16999996, -0.43709007, -0.5414448}", 1e-5},
    {"GridSample, bicubic and reflection, far outside", 16,
     "float[1, 1, 3, 3] x = {-0.17, 0.44, -1, -0.71, -0.82, -0.63, -0.21, 0.08, -0.16}, float[1, 2, 3, 2] g = "
     "{0.32, 1.34, -1.34, 0.06, 2.52, 2.54, -2.4, -1.88, -2.88, -0.38, -3, -0.28}",
     "y = GridSample <mode = \"bicubic\", padding_mode = \"reflection\", align_corners = 0> (x, g)",
     "float[1, 1, 2, 3] e = {-0.011969065, -0.7045136, -0.14346406, -0.72291446, -0.9985815, -0.9128146}", 1e-5},
    {"GridSample over one axis", 20,
     "float[1, 1, 4] x = {0.93, 0.09, 0.95, 0.43}, float[1, 3, 1] g = {-0.56, 0.74, -0.59}", "y = GridSample (x, g)",
     "float[1, 1, 3] e = {0.6108, 0.4404, 0.6612}", 1e-5},
    {"GridSample, cubic over three axes", 20,
     "float[1, 1, 2, 3, 2] x = {0.93, 0.09, 0.95, 0.43, 0.4, -0.57, 0.95, -0.99, -0.49, -0.13, 0.56, -0.6}, "
     "float[1, 1, 1, 2, 3] g = {-0.56, 0.74, -0.59, 0.84, -0.02, 0.22}",
     "y = GridSample <mode = \"cubic\"> (x, g)", "float[1, 1, 1, 1, 2] e = {0.3089809, 0.023721062}", 1e-5},
    {"GridSample picks integers", 20,
     "int32[1, 1, 3, 3] x = {0, 1, 2, 3, 4, 5, 6, 7, 8}, float[1, 1, 3, 2] g = {0.16, 0.67, -0.67, 0.03, "
     "1.26, 1.27}",
     "y = GridSample <mode = \"nearest\", padding_mode = \"border\"> (x, g)", "int32[1, 1, 1, 3] e = {7, 3, 8}"},
    {"AffineGrid in two dimensions", 20,
     "float[1, 2, 3] t = {0.79, -0.34, 0.64, -0.92, -0.78, 0.19}, int64[4] s = {1, 1, 2, 3}", "y = AffineGrid (t, s)",
     "float[1, 2, 3, 2] e = {0.2833333, 1.1933334, 0.81, 0.58, 1.3366667, -0.03333336, -0.05666673, "
     "0.41333336, 0.46999997, -0.19999999, 0.99666667, -0.81333333}",
     1e-5},
    {"NonMaxSuppression without a score threshold", 11,
     "float[1, 3, 4] b = {0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 2, 1, 3}, float[1, 1, 3] s = {0.2, 0.9, -0.5}, int64 "
     "m = {5}, float t = {0.5}",
     "y = NonMaxSuppression (b, s, m, t)", "int64[2, 3] e = {0, 0, 1, 0, 0, 2}"},
    {"NonMaxSuppression selects nothing unless asked to", 11,
     "float[1, 1, 4] b = {0, 0, 1, 1}, float[1, 1, 1] s = {0.2}", "y = NonMaxSuppression (b, s)", "int64[0, 3] e = {}"},
    {"DeformConv with groups, dilations and a mask", 19,
     "float[1, 2, 4, 4] x = {-0.85, 0.56, -0.12, 0.45, 0.96, 0.08, 0, -0.86, -0.46, -0, 0.36, 0.61, -0.24, "
     "-0.87, -0.42, 0.82, -0.57, -0.1, 0.86, -0.95, 0.2, 0.9, -0.54, 0.1, 0.82, -0.73, 0.05, 0.5, 0.34, "
     "-0.06, -0.59, -0.02}, float[2, 1, 2, 2] w = {0.75, 0.94, 0.74, 0.06, -0.53, -0.98, -0.14, -0.2}, "
     "float[1, 8, 3, 3] o = {-1.47, 0.01, -0.01, -1.1, -1.07, -0.84, -0.24, -0.76, -1.25, -0.46, -1, 1.14, "
     "1.35, -1.38, 0.6, 0.22, 1.19, 0.5, 0.14, 0.61, -0.34, 0.58, 0.97, -0.1, 1.32, 0.91, 1.45, -0.99, 0.06, "
     "1.34, 0.45, 1.08, 1.41, -0.94, -0.77, 1.12, 1.22, 0.77, -0.46, -0.11, 0.33, -0.01, -0.07, -0.19, 1.11, "
     "-0.94, 0.56, 0.61, 1.28, -1.38, 0.44, 0.41, -0.11, -1.34, -1.38, -0.99, 0.88, -1.01, -1.08, -0.44, "
     "-0.05, 0.59, 0.9, -0.7, 1.23, -1.43, -0.37, -0.9, -0.47, -0.17, -0.01, -0.26}, float[2] b = {0.54, "
     "-0.96}, float[1, 4, 3, 3] m = {0.18, 0.02, 0.46, 0.72, 0.42, 0.49, 0.01, 0.49, 0.94, 0.85, 0.73, 0.11, "
     "0.89, 0.86, 0.17, 0.63, 0.02, 0.12, 0.32, 0.16, 0.76, 0.82, 0.34, 0.32, 0.11, 0.08, 0.71, 0.6, 0.06, "
     "0.48, 0.4, 0.85, 0.72, 0.6, 0.55, 0.95}",
     "y = DeformConv <group = 2, dilations = [2, 2], pads = [1, 0, 0, 1]> (x, w, o, b, m)",
     "float[1, 2, 3, 3] e = {0.6039789, 0.7362707, 0.45062923, 0.45919585, 0.47527656, 0.66159344, "
     "0.33663192, 0.50109076, 0.628459, -0.96536505, -0.56566477, -0.9633322, -0.803023, -0.91431314, "
     "-0.9834211, -0.6011018, -1.0353357, -0.9430869}",
     1e-5},
    {"Col2Im of overlapping blocks", 18,
     "float[1, 4, 4] x = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, int64[2] i = {3, 3}, "
     "int64[2] b = {2, 2}",
     "y = Col2Im (x, i, b)", "float[1, 1, 3, 3] e = {0, 5, 5, 10, 30, 20, 10, 25, 15}"},
    {"MaxUnpool", 9, "float[1, 1, 2, 2] x = {5, 6, 7, 8}, int64[1, 1, 2, 2] i = {0, 7, 9, 14}",
     "y = MaxUnpool <kernel_shape = [2, 2], strides = [2, 2]> (x, i)",
     "float[1, 1, 4, 4] e = {5, 0, 0, 0, 0, 0, 0, 6, 0, 7, 0, 0, 0, 0, 8, 0}"},
    {"CenterCropPad of an odd difference", 18, "int64[5] x = {0, 1, 2, 3, 4}, int64[1] s = {2}",
     "y = CenterCropPad (x, s)", "int64[2] e = {1, 2}"},
    {"Det of a matrix that needs another pivot", 11, "float[2, 2] x = {0, 2, 3, 4}", "y = Det (x)", "float e = {-6}",
     1e-5},
    {"Det of a singular matrix", 11, "float[2, 2] x = {1, 2, 2, 4}", "y = Det (x)", "float e = {-0}"},
};

constexpr Refusal kRefusals[] = {
    {"an overlap threshold over 1", 11,
     "float[1, 1, 4] b = {0, 0, 1, 1}, float[1, 1, 1] s = {1}, int64 m = {1}, float t = {1.5}",
     "y = NonMaxSuppression (b, s, m, t)",
     "node of output 'y' (NonMaxSuppression): iou_threshold is 1.500000, expected 0 to 1"},
    {"scores of other boxes", 11, "float[1, 1, 4] b = {0, 0, 1, 1}, float[1, 1, 2] s = {1, 2}",
     "y = NonMaxSuppression (b, s)",
     "node of output 'y' (NonMaxSuppression): input 1 has shape [1, 1, 2], expected [1, 1, 1]"},
    {"a region of an image that is not there", 16,
     "float[1, 1, 1, 1] x = {1}, float[1, 4] r = {0, 0, 1, 1}, int64[1] b = {1}", "y = RoiAlign (x, r, b)",
     "node of output 'y' (RoiAlign): batch_indices has 1, X has 1 images"},
    {"a region larger than anything", 16,
     "float[1, 1, 1, 1] x = {1}, float[1, 4] r = {0, 0, 1000000, 1}, int64[1] b = {0}", "y = RoiAlign (x, r, b)",
     "node of output 'y' (RoiAlign): a region of extent 1000000.000000 is too large to sample"},
    {"a pooled region of an image that is not there", 1, "float[1, 1, 1, 1] x = {1}, float[1, 5] r = {2, 0, 0, 1, 1}",
     "y = MaxRoiPool <pooled_shape = [1, 1]> (x, r)",
     "node of output 'y' (MaxRoiPool): region 0 lies in image 2.000000, X has 1"},
    {"the old name of a mode", 20, "float[1, 1, 1, 1] x = {1}, float[1, 1, 1, 2] g = {0, 0}",
     "y = GridSample <mode = \"bilinear\"> (x, g)",
     "node of output 'y' (GridSample): attribute 'mode' is 'bilinear', expected 'linear', 'nearest' or 'cubic'"},
    {"a grid of another rank", 20, "float[1, 1, 1, 1] x = {1}, float[1, 1, 1, 3] g = {0, 0, 0}",
     "y = GridSample (x, g)",
     "node of output 'y' (GridSample): grid has shape [1, 1, 1, 3], expected [1, ..., 2] of rank 4"},
    {"offsets of other taps", 19,
     "float[1, 1, 1, 1] x = {1}, float[1, 1, 1, 1] w = {1}, float[1, 3, 1, 1] o = {0, 0, 0}",
     "y = DeformConv (x, w, o)",
     "node of output 'y' (DeformConv): input 2 has shape [1, 3, 1, 1], expected [1, 2, 1, 1]"},
    {"blocks that do not fill the image", 18, "float[1, 4, 3] x = fill(1), int64[2] i = {3, 3}, int64[2] b = {2, 2}",
     "y = Col2Im (x, i, b)", "node of output 'y' (Col2Im): input 0 has shape [1, 4, 3], expected [N, C * 4, 4]"},
    {"an index outside of the result", 9, "float[1, 1, 1] x = {1}, int64[1, 1, 1] i = {2}",
     "y = MaxUnpool <kernel_shape = [2]> (x, i)",
     "node of output 'y' (MaxUnpool): index 2 lies outside of the 2 elements of the result"},
    {"a negative index", 9, "float[1, 1, 1] x = {1}, int64[1, 1, 1] i = {-1}",
     "y = MaxUnpool <kernel_shape = [2]> (x, i)",
     "node of output 'y' (MaxUnpool): index -1 lies outside of the 2 elements of the result"},
    {"a size of one axis", 20, "float[1, 2, 3] t = fill(1), int64[3] s = {1, 1, 2}", "y = AffineGrid (t, s)",
     "node of output 'y' (AffineGrid): size has 3 elements, expected [N, C, H, W] or [N, C, D, H, W]"},
    {"a matrix that is not square", 11, "float[1, 2] x = {1, 2}", "y = Det (x)",
     "node of output 'y' (Det): input 0 has shape [1, 2], expected [..., M, M]"},
    {"a negative extent", 18, "float[1] x = {1}, int64[1] s = {-1}", "y = CenterCropPad (x, s)",
     "node of output 'y' (CenterCropPad): shape is [-1], expected no negative extents"},
};

}  // namespace

TEST_CASE("operators that sample and unfold images give what others give") {
  for (const Case& row : kCases) kernel_testing::check(row);
}

TEST_CASE("operators that sample and unfold images refuse what does not fit") {
  for (const Refusal& row : kRefusals) kernel_testing::check(row);
}
