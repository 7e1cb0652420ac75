"""Resampling, regions of interest."""
import numpy as np

from .parts import Draw, draws, flag, int64s, maybe, pick, positive_shape, size, values


@draws("Resize")
def resize(rng, name):
    dims = (1, int(rng.integers(1, 3)), *positive_shape(rng, 2, 6))
    mode = pick(rng, "nearest", "linear", "cubic")
    attributes = {"mode": mode, "coordinate_transformation_mode": pick(
        rng, "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel_symmetric")}
    if mode == "nearest":
        attributes["nearest_mode"] = pick(rng, "round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
    if mode == "cubic":
        maybe(rng, attributes, "cubic_coeff_a", -0.5)
        maybe(rng, attributes, "exclude_outside", pick(rng, 0, 1))
    if mode != "nearest":
        maybe(rng, attributes, "antialias", 1, 0.3)
    if flag(rng):
        sizes = int64s([*dims[:2], int(rng.integers(1, 8)), int(rng.integers(1, 8))])
        return Draw(name, 19, [values(rng, dims), None, None, sizes], attributes)
    scales = np.array([1, 1, pick(rng, 0.5, 1, 2, 1.5, 3), pick(rng, 0.5, 1, 2, 2.5)], np.float32)
    return Draw(name, 19, [values(rng, dims), None, scales], attributes)


@draws("GridSample")
def grid_sample(rng, name):
    rank = int(pick(rng, 2, 2, 3))
    mode = pick(rng, "linear", "nearest", "cubic") if rank == 2 else pick(rng, "linear", "nearest")
    spatial = positive_shape(rng, rank, 4)
    x = values(rng, (2, 2, *spatial))
    grid = rng.uniform(-1.8, 1.8, (2, *positive_shape(rng, rank, 3), rank)).astype(np.float32)
    return Draw(name, 20, [x, grid], {"mode": mode, "padding_mode": pick(rng, "zeros", "border", "reflection"),
                                      "align_corners": pick(rng, 0, 1)}, oldest=20)


@draws("AffineGrid")
def affine_grid(rng, name):
    rank = pick(rng, 2, 3)
    extents = [int(rng.integers(1, 5)) for _ in range(rank)]
    return Draw(name, 20, [values(rng, (2, rank, rank + 1)), int64s([2, 1, *extents])],
                {"align_corners": pick(rng, 0, 1)})


@draws("RoiAlign")
def roi_align(rng, name):
    n, c, h, w = 2, 2, int(rng.integers(2, 7)), int(rng.integers(2, 7))
    count = int(rng.integers(1, 4))
    corners = np.sort(rng.uniform(-1, 8, (count, 2, 2)), axis=1).reshape(count, 4).astype(np.float32)
    opset = pick(rng, 10, 16)
    attributes = {"output_height": int(rng.integers(1, 4)), "output_width": int(rng.integers(1, 4)),
                  "sampling_ratio": int(rng.integers(0, 3)), "spatial_scale": pick(rng, 1.0, 0.5)}
    attributes["mode"] = pick(rng, "avg", "max")
    if opset == 16:
        maybe(rng, attributes, "coordinate_transformation_mode", pick(rng, "half_pixel", "output_half_pixel"))
    return Draw(name, opset, [values(rng, (n, c, h, w)), corners, rng.integers(0, n, count)], attributes)


@draws("MaxRoiPool")
def max_roi_pool(rng, name):
    count = int(rng.integers(1, 4))
    corners = np.sort(rng.uniform(0, 6, (count, 2, 2)), axis=1).reshape(count, 4)
    rois = np.concatenate([rng.integers(0, 2, (count, 1)), np.round(corners, 1)], 1).astype(np.float32)
    return Draw(name, 1, [values(rng, (2, 2, 5, 6)), rois], {"pooled_shape": [int(rng.integers(1, 4)),
                                                                              int(rng.integers(1, 4))]})


@draws("NonMaxSuppression")
def nms(rng, name):
    n, c, boxes = int(rng.integers(1, 3)), int(rng.integers(1, 3)), size(rng, 8)
    corners = np.round(rng.uniform(0, 3, (n, boxes, 4)), 1).astype(np.float32)
    scores = (rng.permutation(n * c * boxes).reshape(n, c, boxes) / 50).astype(np.float32)
    inputs = [corners, scores, np.array(rng.integers(0, 5), np.int64), np.array(0.33, np.float32),
              np.array(0.05, np.float32) if flag(rng) else None]
    return Draw(name, 11, inputs, {"center_point_box": pick(rng, 0, 1)})


@draws("DeformConv")
def deform_conv(rng, name):
    group, offset_group = int(rng.integers(1, 3)), pick(rng, 1, 2)
    channels, outputs = 2 * group, 2 * group
    h, w, kh, kw = (int(rng.integers(3, 6)), int(rng.integers(3, 6)), int(rng.integers(1, 3)), int(rng.integers(1, 3)))
    pads = [int(rng.integers(0, 2)) for _ in range(4)]
    oh, ow = h + pads[0] + pads[2] - kh + 1, w + pads[1] + pads[3] - kw + 1
    offset = np.round(rng.uniform(-1.5, 1.5, (1, offset_group * kh * kw * 2, oh, ow)), 2).astype(np.float32)
    mask = values(rng, (1, offset_group * kh * kw, oh, ow), "float32", 0, 1) if flag(rng) else None
    bias = values(rng, (outputs,)) if flag(rng) else None
    return Draw(name, 19, [values(rng, (1, channels, h, w)), values(rng, (outputs, channels // group, kh, kw)), offset,
                           bias, mask], {"group": group, "offset_group": offset_group, "pads": pads,
                                         "kernel_shape": [kh, kw]})
