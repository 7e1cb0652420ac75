"""Operators that move elements."""
import numpy as np

from .parts import (
    Draw, NUMBERS, axis_of, draws, flag, int64s, maybe, pick, positive_shape, shape, size, some_axes, values)


@draws("Transpose")
def transpose(rng, name):
    dims = shape(rng, 0, 5)
    attributes = {}
    maybe(rng, attributes, "perm", [int(a) for a in rng.permutation(len(dims))], 0.7)
    if not dims:
        attributes = {}
    return Draw(name, 21, [values(rng, dims, pick(rng, *NUMBERS))], attributes)


@draws("Concat")
def concat(rng, name):
    dims = list(shape(rng, 1, 4))
    axis = axis_of(rng, len(dims))
    dtype = pick(rng, *NUMBERS)
    parts = []
    for _ in range(rng.integers(1, 4)):
        dims[axis] = size(rng)
        parts.append(values(rng, dims, dtype))
    return Draw(name, 13, parts, {"axis": axis})


@draws("Split")
def split(rng, name):
    dims = list(positive_shape(rng, int(rng.integers(1, 4)), 6))
    axis = axis_of(rng, len(dims))
    x = values(rng, dims, pick(rng, *NUMBERS))
    count = int(rng.integers(1, 4))
    if flag(rng):
        cuts = np.sort(rng.integers(0, dims[axis] + 1, count - 1))
        return Draw(name, 18, [x, int64s(np.diff([0, *cuts, dims[axis]]))], {"axis": axis}, count)
    return Draw(name, 18, [x], {"axis": axis, "num_outputs": count}, count)


@draws("Slice")
def slice_(rng, name):
    dims = shape(rng, 1, 4, 6)
    axes = some_axes(rng, len(dims)) or [0]
    starts = [int(rng.integers(-8, 8)) for _ in axes]
    ends = [int(pick(rng, *range(-8, 8), 2**62, -(2**62))) for _ in axes]
    steps = [int(pick(rng, 1, 1, 2, -1, -2, 3)) for _ in axes]
    return Draw(name, 13, [values(rng, dims, pick(rng, *NUMBERS)), int64s(starts), int64s(ends), int64s(axes),
                           int64s(steps)])


@draws("Pad")
def pad(rng, name):
    dims = tuple(max(d, 2) for d in shape(rng, 1, 4))
    mode = pick(rng, "constant", "edge", "reflect", "wrap")
    low = -1 if mode == "constant" else 0
    pads = int64s([rng.integers(low, 2) for _ in range(2 * len(dims))])
    constant = values(rng, (), "float32") if flag(rng) and mode == "constant" else None
    return Draw(name, 19, [values(rng, dims), pads, constant], {"mode": mode}, oldest=19 if mode == "wrap" else 1)


@draws("Gather")
def gather(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)))
    axis = axis_of(rng, len(dims))
    indices = rng.integers(-dims[axis], dims[axis], shape(rng, 0, 2, 3)).astype(pick(rng, "int32", "int64"))
    return Draw(name, 13, [values(rng, dims, pick(rng, *NUMBERS)), indices], {"axis": axis})


@draws("GatherElements", "ScatterElements")
def gather_elements(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)))
    axis = axis_of(rng, len(dims))
    index_dims = [int(rng.integers(1, d + 1)) for d in dims]
    x = values(rng, dims)
    if name == "GatherElements":
        index_dims[axis] = int(rng.integers(1, 5))
        return Draw(name, 13, [x, rng.integers(-dims[axis], dims[axis], index_dims)], {"axis": axis})
    reduction = pick(rng, "none", "add", "mul", "max", "min")
    order = np.argsort(rng.random(index_dims[:axis] + [dims[axis]] + index_dims[axis:][1:] if axis >= 0 else
                                  index_dims[: axis % len(dims)] + [dims[axis]] + index_dims[axis % len(dims) + 1 :]),
                       axis=axis)
    indices = np.take(order, range(index_dims[axis]), axis=axis)
    return Draw(name, 18, [x, indices.astype(np.int64), values(rng, index_dims)], {"axis": axis, "reduction": reduction})


@draws("GatherND")
def gather_nd(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)))
    length = int(rng.integers(1, len(dims) + 1))
    outer = shape(rng, 0, 2, 3)
    columns = [rng.integers(-dims[k], dims[k], outer) for k in range(length)]
    return Draw(name, 13, [values(rng, dims), np.stack(columns, -1).astype(np.int64)])


@draws("Expand", "Tile", "Reshape", "Flatten", "Squeeze", "Unsqueeze")
def reshaping(rng, name):
    dims = shape(rng, 0, 4, 3)
    x = values(rng, dims, pick(rng, *NUMBERS))
    if name == "Expand":
        target = [d if d != 1 else size(rng, 3) for d in dims]
        return Draw(name, 13, [x, int64s([int(rng.integers(1, 3))] * flag(rng) + target)])
    if name == "Tile":
        return Draw(name, 13, [x, int64s([rng.integers(0, 3) for _ in dims])])
    if name == "Flatten":
        return Draw(name, 21, [x], {"axis": int(rng.integers(-len(dims), len(dims) + 1))}, oldest=11)
    if name == "Squeeze":
        axes = [k for k, d in enumerate(dims) if d == 1]
        return Draw(name, 13, [x, int64s(axes) if flag(rng) else None])
    if name == "Unsqueeze":
        count = int(rng.integers(1, 3))
        rank = len(dims) + count
        return Draw(name, 13, [x, int64s([int(a) - rank * flag(rng, 0.3) for a in rng.permutation(rank)[:count]])])
    target = [int(d) for d in rng.permutation(dims)]
    if target and flag(rng) and 0 not in target:
        target[rng.integers(len(target))] = -1
    return Draw(name, 14, [x, int64s(target)], {"allowzero": 1} if 0 in target else {})


@draws("DepthToSpace", "SpaceToDepth")
def depth_space(rng, name):
    block = int(rng.integers(1, 4))
    n, c, h, w = positive_shape(rng, 4, 3)
    if name == "DepthToSpace":
        return Draw(name, 13, [values(rng, (n, c * block * block, h, w))],
                    {"blocksize": block, "mode": pick(rng, "DCR", "CRD")})
    return Draw(name, 13, [values(rng, (n, c, h * block, w * block))], {"blocksize": block})


@draws("OneHot")
def one_hot(rng, name):
    depth = int(rng.integers(1, 5))
    dims = shape(rng, 0, 2, 4)
    return Draw(name, 11, [rng.integers(-depth - 1, depth + 1, dims).astype(np.int64), np.array(depth, np.int64),
                           np.array([0, 3], np.float32)], {"axis": int(rng.integers(-len(dims) - 1, len(dims) + 1))})


@draws("Trilu")
def trilu(rng, name):
    dims = shape(rng, 2, 4, 5)
    attributes = {}
    maybe(rng, attributes, "upper", pick(rng, 0, 1))
    return Draw(name, 14, [values(rng, dims, pick(rng, "float32", "int64")),
                           np.array(rng.integers(-4, 5), np.int64) if flag(rng) else None], attributes)


@draws("NonZero")
def non_zero(rng, name):
    return Draw(name, 13, [values(rng, shape(rng, 1, 3), pick(rng, "float32", "int32", "bool"), -1, 1).round()])


@draws("Unique")
def unique(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 3)), 5)
    attributes = {"sorted": pick(rng, 0, 1)}
    maybe(rng, attributes, "axis", axis_of(rng, len(dims)))
    return Draw(name, 11, [values(rng, dims, pick(rng, "float32", "int64"), 0, 2).round()], attributes, 4)


@draws("CenterCropPad")
def center_crop_pad(rng, name):
    dims = positive_shape(rng, 3, 6)
    axes = some_axes(rng, 3) or [1]
    return Draw(name, 18, [values(rng, dims), int64s([rng.integers(1, 8) for _ in axes])], {"axes": axes})
