"""bfloat16, 8-bit floats and 4-bit types; the names of the draws end in `.narrow`."""
import ml_dtypes
import numpy as np
from onnx import helper

from .parts import Draw, axis_of, broadcast_partner, draws, flag, int64s, maybe, pick, positive_shape, shape, values

EIGHT = (ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e4m3fnuz, ml_dtypes.float8_e5m2, ml_dtypes.float8_e5m2fnuz)
FOUR = (ml_dtypes.int4, ml_dtypes.uint4)


def brain(rng, dims, low=-3.0, high=3.0):
    return np.asarray(values(rng, dims, "float32", low, high)).astype(ml_dtypes.bfloat16)


@draws("Cast.narrow")
def cast(rng, name):
    narrow = pick(rng, ml_dtypes.bfloat16, *EIGHT, *FOUR)
    other = pick(rng, "float32", "float16", ml_dtypes.bfloat16) if narrow in EIGHT else pick(rng, "float32", "int8")
    x = np.asarray(values(rng, shape(rng, 1, 3), "float32", -8 if narrow in FOUR else -500, 8 if narrow in FOUR else 500))
    x = x.round() if narrow in FOUR else x
    source, target = (narrow, other) if flag(rng) else (other, narrow)
    if np.dtype(target) == np.dtype("int8") or np.dtype(source) == np.dtype("int8"):
        x = np.clip(x, 0, 7).round()
    attributes = {"to": int(helper.np_dtype_to_tensor_dtype(np.dtype(target)))}
    if narrow in EIGHT:
        maybe(rng, attributes, "saturate", pick(rng, 0, 1))
    return Draw(name, pick(rng, 21, 23), [x.astype(source)], attributes)


@draws("QuantizeLinear.narrow", "DequantizeLinear.narrow")
def quantize(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)))
    axis = axis_of(rng, len(dims))
    blocked = flag(rng, 0.3)
    block = int(rng.integers(1, dims[axis] + 1))
    s_dims = tuple(-(-d // block) if k == axis % len(dims) else d for k, d in enumerate(dims)) if blocked else (
        (dims[axis],) if flag(rng) else ())
    dtype = pick(rng, *EIGHT, *FOUR)
    scale = rng.uniform(0.2, 0.9, s_dims).astype(np.float32)
    zero = np.zeros(s_dims, np.float32).astype(dtype) if dtype in EIGHT else rng.integers(0, 5, s_dims).astype(dtype)
    x = values(rng, dims, "float32", -4, 4)
    if name == "DequantizeLinear.narrow":
        x = np.asarray(x).astype(dtype) if dtype in EIGHT else rng.integers(0, 8, dims).astype(dtype)
    attributes = {"axis": axis}
    if blocked:
        attributes["block_size"] = block
    return Draw(name, 21, [x, scale, zero], attributes)


@draws(*(f"{op}.narrow" for op in ("Abs", "Exp", "Relu", "Sigmoid", "Sqrt", "Tanh", "Neg", "Identity", "Softmax",
                                   "Transpose", "Flatten", "Sign", "Ceil")))
def of_one(rng, name):
    return Draw(name, 21 if name in ("Transpose.narrow", "Flatten.narrow") else 13, [brain(rng, shape(rng, 1, 3), 0.1, 3)])


@draws(*(f"{op}.narrow" for op in ("Add", "Sub", "Mul", "Div", "Max", "Min", "Equal", "Less")))
def of_two(rng, name):
    dims = shape(rng)
    return Draw(name, 13 if name != "Add.narrow" else 14, [brain(rng, dims, 0.2, 3), brain(
        rng, broadcast_partner(rng, dims), 0.2, 3)])


@draws("MatMul.narrow", "ReduceSum.narrow", "ReduceMean.narrow", "Gather.narrow", "Concat.narrow", "Where.narrow")
def others(rng, name):
    m, k, n = positive_shape(rng, 3)
    if name == "MatMul.narrow":
        return Draw(name, 13, [brain(rng, (m, k), 0.1, 2), brain(rng, (k, n), 0.1, 2)])
    if name.startswith("Reduce"):
        return Draw(name, 18, [brain(rng, (m, k, n), 0.1, 2), int64s([pick(rng, 0, 1, -1)])])
    if name == "Gather.narrow":
        return Draw(name, 13, [brain(rng, (m, k)), rng.integers(-m, m, (n,))], {"axis": 0})
    if name == "Concat.narrow":
        return Draw(name, 13, [brain(rng, (m, k)), brain(rng, (m, n))], {"axis": 1})
    return Draw(name, 16, [values(rng, (m, k), "bool"), brain(rng, (m, k)), brain(rng, (k,))])
