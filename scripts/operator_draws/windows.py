"""Convolutions and pooling."""
import numpy as np

from .parts import Draw, draws, flag, int64s, maybe, pick, positive_shape, values


def window(rng, spatial, kernel, attributes, dilated=True):
    rank = len(spatial)
    maybe(rng, attributes, "strides", [int(rng.integers(1, 3)) for _ in range(rank)])
    if dilated:
        maybe(rng, attributes, "dilations", [int(rng.integers(1, 3)) for _ in range(rank)], 0.4)
    how = pick(rng, "none", "pads", "pads", "same")
    if how == "pads":
        attributes["pads"] = [int(rng.integers(0, max(1, min(k, 2)))) for k in (*kernel, *kernel)]
    elif how == "same" and "dilations" not in attributes:
        attributes["auto_pad"] = pick(rng, "SAME_UPPER", "SAME_LOWER", "VALID")


def convolution_parts(rng, low=3, high=7):
    rank = int(rng.integers(1, 4))
    groups = int(rng.integers(1, 4))
    channels, outputs = (int(rng.integers(1, 4)) for _ in range(2))
    spatial = tuple(int(rng.integers(low, high)) for _ in range(rank))
    kernel = tuple(int(rng.integers(1, 4)) for _ in range(rank))
    return groups, channels, outputs, spatial, kernel


@draws("Conv", "ConvInteger", "QLinearConv")
def conv(rng, name):
    groups, channels, outputs, spatial, kernel = convolution_parts(rng, 5, 8)
    attributes = {"group": groups}
    window(rng, spatial, kernel, attributes)
    maybe(rng, attributes, "kernel_shape", list(kernel))
    n = int(rng.integers(1, 3))
    x_dims, w_dims = (n, groups * channels, *spatial), (groups * outputs, channels, *kernel)
    if name == "Conv":
        dtype = pick(rng, "float32", "float64")
        bias = values(rng, (groups * outputs,), dtype) if flag(rng) else None
        return Draw(name, 11, [values(rng, x_dims, dtype), values(rng, w_dims, dtype), bias], attributes)
    tx, tw = pick(rng, "uint8", "int8"), pick(rng, "uint8", "int8")
    x, w = values(rng, x_dims, tx, -128, 127), values(rng, w_dims, tw, -128, 127)
    if name == "ConvInteger":
        return Draw(name, 10, [x, w, values(rng, (), tx, -9, 9) if flag(rng) else None,
                               values(rng, (), tw, -9, 9) if flag(rng) else None], attributes)
    ty = tx
    per_channel = flag(rng) and tw == "int8"
    s_dims = (groups * outputs,) if per_channel else ()
    bias = rng.integers(-500, 500, groups * outputs).astype(np.int32) if flag(rng) else None
    return Draw(name, 10, [x, np.float32(0.0137), values(rng, (), tx, -9, 9), w,
                           rng.uniform(0.005, 0.02, s_dims).astype(np.float32), np.zeros(s_dims, tw),
                           np.float32(0.2713), values(rng, (), ty, -9, 9), bias], attributes)


@draws("ConvTranspose")
def conv_transpose(rng, name):
    groups, channels, outputs, spatial, kernel = convolution_parts(rng, 2, 5)
    attributes = {"group": groups}
    maybe(rng, attributes, "strides", [int(rng.integers(1, 3)) for _ in spatial])
    maybe(rng, attributes, "dilations", [int(rng.integers(1, 3)) for _ in spatial], 0.3)
    if flag(rng):
        attributes["pads"] = [int(rng.integers(0, 2)) if k > 1 else 0 for k in (*kernel, *kernel)]
    bias = values(rng, (groups * outputs,)) if flag(rng) else None
    return Draw(name, 11, [values(rng, (1, groups * channels, *spatial)),
                           values(rng, (groups * channels, outputs, *kernel)), bias], attributes)


@draws("MaxPool", "AveragePool", "LpPool")
def pool(rng, name):
    rank = int(rng.integers(1, 4))
    spatial = tuple(int(rng.integers(4, 8)) for _ in range(rank))
    kernel = tuple(int(rng.integers(1, 4)) for _ in range(rank))
    attributes = {"kernel_shape": list(kernel)}
    window(rng, spatial, kernel, attributes, dilated=name != "LpPool")
    if "auto_pad" not in attributes:
        maybe(rng, attributes, "ceil_mode", pick(rng, 0, 1))
    if name == "AveragePool":
        maybe(rng, attributes, "count_include_pad", pick(rng, 0, 1))
    if name == "LpPool":
        maybe(rng, attributes, "p", pick(rng, 1, 2, 3))
    x = values(rng, (int(rng.integers(1, 3)), 2, *spatial), "float32", 0, 9)
    return Draw(name, 19 if name == "AveragePool" else 12 if name == "MaxPool" else 18, [x], attributes)


@draws("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
def global_pool(rng, name):
    return Draw(name, 2 if name == "GlobalLpPool" else 1, [values(rng, positive_shape(rng, int(rng.integers(3, 6))))])


@draws("MaxUnpool")
def max_unpool(rng, name):
    n, c, h, w = positive_shape(rng, 4, 3)
    total = n * c * 4 * h * w
    indices = rng.permutation(total)[: n * c * h * w].reshape(n, c, h, w)
    return Draw(name, 11, [values(rng, (n, c, h, w)), indices.astype(np.int64)],
                {"kernel_shape": [2, 2], "strides": [2, 2]})


@draws("Col2Im")
def col2im(rng, name):
    image = [int(rng.integers(3, 7)) for _ in range(2)]
    block = [int(rng.integers(1, 3)) for _ in range(2)]
    strides = [int(rng.integers(1, 3)) for _ in range(2)]
    dilations = [int(rng.integers(1, 3)) for _ in range(2)]
    pads = [int(rng.integers(0, 2)) for _ in range(4)]
    count = 1
    for k in range(2):
        count *= (image[k] + pads[k] + pads[k + 2] - dilations[k] * (block[k] - 1) - 1) // strides[k] + 1
    channels = int(rng.integers(1, 3))
    return Draw(name, 18, [values(rng, (2, channels * block[0] * block[1], count)), int64s(image), int64s(block)],
                {"strides": strides, "dilations": dilations, "pads": pads})
