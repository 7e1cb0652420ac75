"""Reductions and what else goes along an axis."""
import numpy as np

from .parts import Draw, FLOATS, axis_of, draws, flag, int64s, maybe, pick, positive_shape, shape, some_axes, values


@draws(*(f"Reduce{k}" for k in ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")))
def reduce(rng, name):
    dtype = pick(rng, "float32", "float64", "int32")
    if name in ("ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMean") and dtype == "int32":
        dtype = "float32"
    dims = shape(rng, 0, 4, 4)
    low = 0.1 if name == "ReduceLogSum" else -2
    if name in ("ReduceMax", "ReduceMin", "ReduceMean", "ReduceLogSum", "ReduceLogSumExp"):
        dims = tuple(max(d, 1) for d in dims)
    attributes = {}
    maybe(rng, attributes, "keepdims", pick(rng, 0, 1))
    maybe(rng, attributes, "noop_with_empty_axes", pick(rng, 0, 1))
    axes = int64s(some_axes(rng, len(dims))) if flag(rng, 0.7) else None
    return Draw(name, 18, [values(rng, dims, dtype, low, 3), axes], attributes)


@draws("ArgMax", "ArgMin")
def arg_extreme(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)))
    attributes = {"axis": axis_of(rng, len(dims))}
    maybe(rng, attributes, "keepdims", pick(rng, 0, 1))
    maybe(rng, attributes, "select_last_index", pick(rng, 0, 1))
    return Draw(name, 13, [values(rng, dims, pick(rng, "float32", "int32", "float64"), -2, 2)], attributes)


@draws("Softmax", "LogSoftmax", "Hardmax")
def softmax(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)))
    opset = pick(rng, 11, 13)
    attributes = {}
    maybe(rng, attributes, "axis", axis_of(rng, len(dims)) if opset == 13 else int(rng.integers(0, len(dims))))
    return Draw(name, opset, [values(rng, dims, pick(rng, *FLOATS[:2]), -9, 9)], attributes)


@draws("CumSum")
def cumsum(rng, name):
    dims = shape(rng, 1, 3)
    attributes = {"exclusive": pick(rng, 0, 1), "reverse": pick(rng, 0, 1)}
    return Draw(name, 14, [values(rng, dims, pick(rng, "float32", "float64", "int32", "int64")),
                           np.array(axis_of(rng, len(dims)), pick(rng, np.int32, np.int64))], attributes)


@draws("TopK")
def topk(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)), 6)
    axis = axis_of(rng, len(dims))
    count = int(np.prod(dims))
    x = rng.permutation(count).reshape(dims).astype(pick(rng, "float32", "int64", "int32"))
    return Draw(name, 11, [x, int64s([rng.integers(0, dims[axis] + 1)])],
                {"axis": axis, "largest": pick(rng, 0, 1)}, 2)
