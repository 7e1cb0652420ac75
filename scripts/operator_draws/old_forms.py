"""Operators in forms that newer versions took away: their draws end in `.old`."""
import numpy as np
from onnx import TensorProto, helper

from .parts import (
    Draw, FLOATS, draws, flag, int64s, maybe, pick, positive_shape, shape, some_axes, values)
from .strings import words

REDUCTIONS = tuple(f"Reduce{k}" for k in ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp",
                                          "SumSquare"))


@draws(*(f"{name}.old" for name in REDUCTIONS))
def reduce(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 5)), 4)
    opset = pick(rng, 1, 11) if name == "ReduceSum.old" else pick(rng, 1, 11, 13)
    attributes = {}
    maybe(rng, attributes, "keepdims", pick(rng, 0, 1))
    axes = some_axes(rng, len(dims))
    if axes and flag(rng, 0.7):
        attributes["axes"] = [a % len(dims) for a in axes] if opset == 1 else axes
    x = values(rng, dims, pick(rng, "float32", "float64"), 0.2, 3)
    return Draw(name, opset, [x], attributes)


@draws("Squeeze.old", "Unsqueeze.old")
def squeeze(rng, name):
    dims = shape(rng, 1, 4, 3)
    if name == "Squeeze.old":
        axes = [k for k, d in enumerate(dims) if d == 1]
        return Draw(name, pick(rng, 1, 11), [values(rng, dims)], {"axes": axes} if axes and flag(rng) else {})
    count = int(rng.integers(1, 3))
    opset = pick(rng, 1, 11)
    rank = len(dims) + count
    axes = [int(a) - rank * (opset == 11 and flag(rng, 0.3)) for a in rng.permutation(rank)[:count]]
    return Draw(name, opset, [values(rng, dims)], {"axes": axes})


@draws("Slice.old")
def slice_(rng, name):
    dims = shape(rng, 1, 4, 6)
    axes = sorted(a % len(dims) for a in some_axes(rng, len(dims)) or [0])
    attributes = {"starts": [int(rng.integers(-8, 8)) for _ in axes],
                  "ends": [int(pick(rng, *range(-8, 8), 2**62)) for _ in axes], "axes": axes}
    return Draw(name, 1, [values(rng, dims)], attributes)


@draws("Pad.old")
def pad(rng, name):
    dims = tuple(max(d, 2) for d in shape(rng, 1, 4))
    mode = pick(rng, "constant", "edge", "reflect")
    low = -1 if mode == "constant" else 0
    pads = [int(rng.integers(low, 2)) for _ in range(2 * len(dims))]
    return Draw(name, 2, [values(rng, dims)], {"mode": mode, "pads": pads, **({"value": 1.5} if flag(rng) else {})})


@draws("Split.old")
def split(rng, name):
    dims = list(positive_shape(rng, int(rng.integers(1, 4)), 6))
    axis = int(rng.integers(0, len(dims)))
    count = int(rng.integers(1, 4))
    if flag(rng):
        cuts = np.sort(rng.integers(0, dims[axis] + 1, count - 1))
        return Draw(name, pick(rng, 2, 11), [values(rng, dims)],
                    {"axis": axis, "split": [int(v) for v in np.diff([0, *cuts, dims[axis]])]}, count)
    dims[axis] = count * int(rng.integers(1, 3))
    return Draw(name, pick(rng, 2, 11, 13), [values(rng, dims)], {"axis": axis}, count)


@draws("TopK.old")
def top_k(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)), 6)
    axis = int(rng.integers(0, len(dims)))
    x = rng.permutation(int(np.prod(dims))).reshape(dims).astype(np.float32)
    k = int(rng.integers(1, dims[axis] + 1))
    if flag(rng):
        return Draw(name, 1, [x], {"axis": axis, "k": k}, 2)
    return Draw(name, 10, [x, int64s([k])], {"axis": axis}, 2)


@draws("Clip.old")
def clip(rng, name):
    attributes = {}
    maybe(rng, attributes, "min", -1.5)
    maybe(rng, attributes, "max", 2.0)
    return Draw(name, 6, [values(rng, shape(rng), pick(rng, *FLOATS))], attributes)


@draws("Upsample.old")
def upsample(rng, name):
    dims = (1, int(rng.integers(1, 3)), *positive_shape(rng, 2, 4))
    scales = [1.0, 1.0, float(pick(rng, 1, 2, 1.5, 3)), float(pick(rng, 1, 2, 2.5))]
    attributes = {"mode": pick(rng, "nearest", "linear")}
    if flag(rng):
        return Draw(name, 7, [values(rng, dims)], {**attributes, "scales": scales})
    return Draw(name, 9, [values(rng, dims), np.array(scales, np.float32)], attributes)


@draws("Resize.old")
def resize(rng, name):
    dims = (1, int(rng.integers(1, 3)), *positive_shape(rng, 2, 5))
    scales = np.array([1, 1, pick(rng, 0.5, 1, 2, 3), pick(rng, 0.5, 1, 2, 2.5)], np.float32)
    if flag(rng):
        return Draw(name, 10, [values(rng, dims), scales], {"mode": pick(rng, "nearest", "linear")})
    attributes = {"mode": pick(rng, "nearest", "linear", "cubic"), "coordinate_transformation_mode": pick(
        rng, "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "tf_half_pixel_for_nn")}
    if attributes["mode"] == "nearest":
        attributes["nearest_mode"] = pick(rng, "round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
    roi = np.zeros(0, np.float32)
    if flag(rng):
        return Draw(name, pick(rng, 11, 13), [values(rng, dims), roi, scales], attributes)
    sizes = int64s([*dims[:2], int(rng.integers(1, 8)), int(rng.integers(1, 8))])
    return Draw(name, pick(rng, 11, 13), [values(rng, dims), roi, None, sizes], attributes)


@draws("Cast.old")
def cast_strings(rng, name):
    if flag(rng):
        x = words(rng, shape(rng), ("1", "-2", "3.5", "1e3", "NaN", "-INF", "+4", "0"))
        return Draw(name, pick(rng, 9, 13, 19), [x], {"to": pick(rng, TensorProto.FLOAT, TensorProto.DOUBLE)})
    dtype = pick(rng, "int32", "int64", "float32", "float64", "uint8")
    x = values(rng, shape(rng), dtype, -100, 100)
    return Draw(name, pick(rng, 9, 13, 19), [x], {"to": TensorProto.STRING})


@draws("BatchNormalization.old")
def batch_norm(rng, name):
    dims = positive_shape(rng, int(rng.integers(2, 5)), 4)
    c = (dims[1],)
    parts = [values(rng, c), values(rng, c), values(rng, c), values(rng, c, "float32", 0.5, 2)]
    attributes = {"epsilon": 1e-3}
    maybe(rng, attributes, "momentum", 0.8)
    opset = pick(rng, 7, 9, 14)
    if opset == 7:
        maybe(rng, attributes, "spatial", 1)
    return Draw(name, opset, [values(rng, dims), *parts], attributes)


@draws("Add.old", "Sub.old", "Mul.old", "Div.old", "And.old", "Or.old", "Greater.old", "Less.old",
       "Equal.old")
def axis_broadcast(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 5)), 4)
    first = int(rng.integers(0, len(dims)))
    last = int(rng.integers(first, len(dims) + 1))
    dtype = "bool" if name in ("And.old", "Or.old") else "int32" if name == "Equal.old" else "float32"
    attributes = {"broadcast": 1, "axis": first}
    if last == len(dims) and flag(rng):
        del attributes["axis"]
    opset = 1 if name in ("And.old", "Or.old", "Greater.old", "Less.old", "Equal.old") else pick(rng, 1, 6)
    return Draw(name, opset, [values(rng, dims, dtype, 1, 3), values(rng, dims[first:last], dtype, 1, 3)], attributes)


@draws("Reshape.old", "Concat.old")
def attributes_for_inputs(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)), 3)
    if name == "Reshape.old":
        return Draw(name, 1, [values(rng, dims)], {"shape": [int(d) for d in rng.permutation(dims)]})
    return Draw(name, 1, [values(rng, dims), values(rng, dims)], {"axis": int(rng.integers(0, len(dims)))})


@draws("Scan.old")
def scan_of_batches(rng, name):
    body = helper.make_graph(
        [helper.make_node("Add", ["s", "x"], ["t"]), helper.make_node("Identity", ["t"], ["y"])], "body",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("s", "x")],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("t", "y")])
    batch, length, width = positive_shape(rng, 3, 3)
    lengths = rng.integers(1, length + 1, batch) if flag(rng) else None
    attributes = {"body": body, "num_scan_inputs": 1}
    maybe(rng, attributes, "directions", [pick(rng, 0, 1)])
    return Draw(name, 8, [lengths, values(rng, (batch, width)), values(rng, (batch, length, width))], attributes, 2)


@draws("MaxPool.old")
def max_pool(rng, name):
    dims = (1, 2, *(int(rng.integers(3, 7)) for _ in range(2)))
    attributes = {"kernel_shape": [int(rng.integers(1, 4)) for _ in range(2)]}
    maybe(rng, attributes, "strides", [int(rng.integers(1, 3)) for _ in range(2)])
    maybe(rng, attributes, "storage_order", pick(rng, 0, 1))
    return Draw(name, pick(rng, 8, 10), [rng.permutation(int(np.prod(dims))).reshape(dims).astype(np.float32)],
                attributes, 2)
