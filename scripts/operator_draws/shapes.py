"""Operators that make tensors, or tell their shape."""
import numpy as np
import onnx
from onnx import helper, numpy_helper

from .parts import Draw, FLOATS, NUMBERS, draws, flag, int64s, maybe, pick, positive_shape, shape, size, values
from .strings import words


@draws("Shape", "Size")
def shape_of(rng, name):
    x = values(rng, shape(rng), pick(rng, *NUMBERS, "bool"))
    attributes = {}
    if name == "Shape":
        maybe(rng, attributes, "start", int(rng.integers(-5, 6)))
        maybe(rng, attributes, "end", int(rng.integers(-5, 6)))
    return Draw(name, pick(rng, 15, 19, 21) if name == "Shape" else pick(rng, 13, 19, 21), [x], attributes)


@draws("ConstantOfShape")
def constant_of_shape(rng, name):
    attributes = {}
    maybe(rng, attributes, "value", numpy_helper.from_array(values(rng, (1,), pick(rng, *NUMBERS, "bool"))), 0.8)
    return Draw(name, pick(rng, 9, 20, 21), [int64s(shape(rng))], attributes)


@draws("Constant")
def constant(rng, name):
    attribute = pick(rng, "value", "value_float", "value_floats", "value_int", "value_ints", "value_string",
                     "value_strings")
    value = {"value": numpy_helper.from_array(values(rng, shape(rng), pick(rng, *NUMBERS, "bool"))),
             "value_float": 1.25, "value_floats": [0.5, 2.0], "value_int": 3, "value_ints": [1, 2, 3],
             "value_string": "aé", "value_strings": ["x", ""]}[attribute]
    return Draw(name, pick(rng, 13, 19, 21), [], {attribute: value})


@draws("EyeLike")
def eye_like(rng, name):
    attributes = {}
    maybe(rng, attributes, "k", int(rng.integers(-4, 5)))
    maybe(rng, attributes, "dtype", int(helper.np_dtype_to_tensor_dtype(np.dtype(pick(rng, "float32", "int64", "uint8",
                                                                                     "float64", "int32")))))
    return Draw(name, 9, [values(rng, (size(rng), size(rng)), pick(rng, "float32", "int32", "float64", "uint64"))],
                attributes)


@draws("Range")
def range_(rng, name):
    dtype = pick(rng, "float32", "float64", "int16", "int32", "int64")
    step = float(pick(rng, 1, 2, -1, -3)) * (pick(rng, 0.5, 0.25, 1) if dtype.startswith("float") else 1)
    return Draw(name, 11, [np.array(v, dtype) for v in (rng.integers(-9, 9), rng.integers(-9, 9), step)])


@draws("Compress")
def compress(rng, name):
    dims = shape(rng, 1, 4)
    attributes = {}
    maybe(rng, attributes, "axis", int(rng.integers(-len(dims), len(dims))))
    most = dims[attributes["axis"]] if attributes else int(np.prod(dims))
    x = values(rng, dims, pick(rng, *NUMBERS, "bool")) if flag(rng, 0.8) else words(rng, dims)
    return Draw(name, 11, [x, values(rng, (int(rng.integers(0, most + 1)),), "bool")], attributes)


@draws("ReverseSequence")
def reverse_sequence(rng, name):
    batch_axis = pick(rng, 0, 1)
    dims = positive_shape(rng, int(rng.integers(2, 5)), 5)
    lengths = int64s(rng.integers(1, dims[1 - batch_axis] + 1, dims[batch_axis]))
    return Draw(name, 10, [values(rng, dims, pick(rng, *NUMBERS)), lengths],
                {"batch_axis": batch_axis, "time_axis": 1 - batch_axis})


@draws("ScatterND")
def scatter_nd(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)))
    length = int(rng.integers(1, len(dims) + 1))
    reduction = pick(rng, "none", "add", "mul", "max", "min")
    everything = np.stack(np.meshgrid(*(np.arange(d) for d in dims[:length]), indexing="ij"), -1).reshape(-1, length)
    count = int(rng.integers(0, len(everything) + 1))
    indices = rng.permutation(everything)[:count]
    if reduction != "none" and count and flag(rng):  # the same place several times
        indices = np.concatenate([indices, indices[:1]])
    indices = np.where(flag(rng, 0.3), indices - np.array(dims[:length]), indices)
    dtype = pick(rng, "float32", "float64", "int64", "int32")
    attributes = {"reduction": reduction} if reduction != "none" or flag(rng) else {}
    return Draw(name, pick(rng, 16, 18), [values(rng, dims, dtype), int64s(indices), values(
        rng, (len(indices), *dims[length:]), dtype)], attributes)


@draws("Scatter")
def scatter(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)))
    axis = int(rng.integers(0, len(dims)))
    index_dims = [int(rng.integers(1, d + 1)) for d in dims]
    order = np.argsort(rng.random([*index_dims[:axis], dims[axis], *index_dims[axis + 1:]]), axis=axis)
    indices = np.take(order, range(index_dims[axis]), axis=axis)
    return Draw(name, pick(rng, 9, 10), [values(rng, dims), indices.astype(np.int64), values(rng, index_dims)],
                {"axis": axis})


@draws("TensorScatter")
def tensor_scatter(rng, name):
    batch, length, d = positive_shape(rng, 3, 4)
    length += 3
    count = int(rng.integers(1, length + 1))
    mode = pick(rng, "linear", "circular")
    most = length if mode == "circular" else length - count + 1
    where = rng.integers(0, most, batch) if flag(rng) else None
    attributes = {"axis": 1 if flag(rng) else -2}
    maybe(rng, attributes, "mode", mode, 1.0 if mode == "circular" else 0.5)
    return Draw(name, 24, [values(rng, (batch, length, d)), values(rng, (batch, count, d)), where], attributes)


@draws("CastLike")
def cast_like(rng, name):
    source, target = pick(rng, *NUMBERS, "bool"), pick(rng, *NUMBERS, "bool")
    return Draw(name, 19, [values(rng, shape(rng), source, 0, 100), values(rng, (1,), target)])


@draws("BitCast")
def bit_cast(rng, name):
    groups = (("float32", "int32", "uint32"), ("float64", "int64", "uint64"), ("float16", "int16", "uint16"),
              ("int8", "uint8"))
    group = pick(rng, *range(4))
    target = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(pick(rng, *groups[group])))
    return Draw(name, 26, [values(rng, shape(rng), pick(rng, *groups[group]), -100, 100)], {"to": int(target)})


@draws("Dropout")
def dropout(rng, name):
    x = values(rng, shape(rng), pick(rng, *FLOATS))
    if flag(rng):
        return Draw(name, pick(rng, 7, 10), [x], {"ratio": 0.3} if flag(rng) else {}, pick(rng, 1, 2))
    ratio = np.array(0.3, np.float32) if flag(rng) else None
    training = np.array(False) if flag(rng) else None
    return Draw(name, pick(rng, 12, 13, 22), [x, ratio, training], {}, pick(rng, 1, 2))


@draws("IsInf")
def is_inf(rng, name):
    x = values(rng, shape(rng), pick(rng, "float32", "float64"))
    x = np.where(rng.random(x.shape) < 0.3, np.copysign(np.inf, x), x).astype(x.dtype)
    attributes = {}
    maybe(rng, attributes, "detect_negative", pick(rng, 0, 1))
    maybe(rng, attributes, "detect_positive", pick(rng, 0, 1))
    return Draw(name, pick(rng, 10, 20), [x], attributes)


@draws("CumProd")
def cum_prod(rng, name):
    dims = shape(rng, 1, 3)
    return Draw(name, 26, [values(rng, dims, pick(rng, "float32", "float64", "int32", "int64")),
                           np.array(rng.integers(-len(dims), len(dims)), pick(rng, np.int32, np.int64))],
                {"exclusive": pick(rng, 0, 1), "reverse": pick(rng, 0, 1)})


@draws("SwiGLU")
def swiglu(rng, name):
    dims = shape(rng)
    attributes = {}
    maybe(rng, attributes, "alpha", 1.5)
    return Draw(name, 28, [values(rng, dims), values(rng, dims)], attributes)
