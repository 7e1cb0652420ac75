"""Quantisation."""
import numpy as np

from .parts import Draw, axis_of, draws, flag, pick, positive_shape, values


@draws("QuantizeLinear", "DequantizeLinear")
def quantize(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)))
    axis = axis_of(rng, len(dims))
    s_dims = (dims[axis],) if flag(rng) else ()
    scale = rng.uniform(0.011, 0.09, s_dims).astype(np.float32)
    dtype = pick(rng, "uint8", "int8", "uint16", "int16")
    zero = values(rng, s_dims, dtype, -20, 20)
    x = values(rng, dims, "float32", -4, 4) if name == "QuantizeLinear" else values(rng, dims, dtype, -100, 100)
    return Draw(name, 21, [x, scale, zero if flag(rng, 0.8) or name == "DequantizeLinear" else None], {"axis": axis})


@draws("DynamicQuantizeLinear")
def dynamic_quantize(rng, name):
    return Draw(name, 11, [values(rng, positive_shape(rng, 2), "float32", -4, 4)], {}, 3)
