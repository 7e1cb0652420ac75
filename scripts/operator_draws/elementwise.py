"""Operators that work element by element."""
import numpy as np

from .parts import Draw, FLOATS, INTS, NUMBERS, broadcast_partner, draws, flag, maybe, pick, shape, values


UNARY = {
    # name: (first opset, types, low, high, attributes)
    "Abs": (13, NUMBERS, -9, 9, ()),
    "Acos": (22, FLOATS, -1, 1, ()), "Acosh": (22, FLOATS, 1, 4, ()), "Asin": (22, FLOATS, -1, 1, ()),
    "Asinh": (22, FLOATS, -4, 4, ()), "Atan": (22, FLOATS, -4, 4, ()), "Atanh": (22, FLOATS, -0.9, 0.9, ()),
    "BitwiseNot": (18, INTS, -9, 9, ()), "Ceil": (13, FLOATS, -4, 4, ()), "Cos": (22, FLOATS, -4, 4, ()),
    "Cosh": (22, FLOATS, -2, 2, ()), "Erf": (13, FLOATS, -3, 3, ()), "Exp": (13, FLOATS, -3, 3, ()),
    "Floor": (13, FLOATS, -4, 4, ()), "IsNaN": (20, FLOATS, -4, 4, ()), "Log": (13, FLOATS, 0.1, 9, ()),
    "Neg": (13, FLOATS + ("int8", "int16", "int32", "int64"), -9, 9, ()), "Not": (1, ("bool",), 0, 1, ()),
    "Reciprocal": (13, FLOATS, 0.3, 4, ()), "Round": (22, FLOATS, -4, 4, ()), "Sign": (13, NUMBERS, -4, 4, ()),
    "Sin": (22, FLOATS, -4, 4, ()), "Sinh": (22, FLOATS, -2, 2, ()), "Sqrt": (13, FLOATS, 0, 9, ()),
    "Tan": (22, FLOATS, -1, 1, ()), "Tanh": (13, FLOATS, -3, 3, ()), "Sigmoid": (13, FLOATS, -5, 5, ()),
    "Relu": (14, FLOATS + ("int8", "int32"), -4, 4, ()), "LeakyRelu": (16, FLOATS, -4, 4, ("alpha",)),
    "Elu": (22, FLOATS, -4, 4, ("alpha",)), "Celu": (12, ("float32",), -4, 4, ("alpha",)),
    "Selu": (22, FLOATS, -4, 4, ("alpha", "gamma")), "HardSigmoid": (22, FLOATS, -4, 4, ("alpha", "beta")),
    "HardSwish": (22, FLOATS, -5, 5, ()), "Softplus": (22, FLOATS, -5, 5, ()), "Softsign": (22, FLOATS, -5, 5, ()),
    "Mish": (22, FLOATS, -4, 4, ()), "Gelu": (20, FLOATS, -4, 4, ()), "ThresholdedRelu": (22, FLOATS, -4, 4, ("alpha",)),
    "Shrink": (9, FLOATS, -4, 4, ("bias", "lambd")), "Identity": (16, NUMBERS + ("bool",), -9, 9, ()),
    "Swish": (24, FLOATS, -4, 4, ("alpha",)),
}


@draws(*UNARY)
def unary(rng, name):
    opset, types, low, high, names = UNARY[name]
    attributes = {}
    for attribute in names:
        maybe(rng, attributes, attribute, float(np.round(rng.uniform(0.2, 1.5), 2)), 0.5)
    if name == "Gelu":
        maybe(rng, attributes, "approximate", pick(rng, "none", "tanh"))
    x = values(rng, shape(rng), pick(rng, *types), low, high)
    if name in ("Round", "Ceil", "Floor", "Sign"):
        x = np.round(x * 2).astype(x.dtype) / x.dtype.type(2) if x.dtype.kind == "f" else x
    return Draw(name, opset, [x], attributes)


BINARY = {
    "Add": (14, NUMBERS), "Sub": (14, NUMBERS), "Mul": (14, NUMBERS), "Div": (14, NUMBERS),
    "Pow": (15, ("float32", "float64", "int32", "int64")), "Mod": (13, INTS), "And": (7, ("bool",)),
    "Or": (7, ("bool",)), "Xor": (7, ("bool",)), "Equal": (19, NUMBERS + ("bool",)), "Greater": (13, NUMBERS),
    "GreaterOrEqual": (16, NUMBERS), "Less": (13, NUMBERS), "LessOrEqual": (16, NUMBERS), "PRelu": (16, FLOATS),
    "BitwiseAnd": (18, INTS), "BitwiseOr": (18, INTS), "BitwiseXor": (18, INTS),
    "BitShift": (11, ("uint8", "uint16", "uint32", "uint64")),
}


@draws(*BINARY)
def binary(rng, name):
    opset, types = BINARY[name]
    dtype = pick(rng, *types)
    dims = shape(rng)
    a, b = values(rng, dims, dtype), values(rng, broadcast_partner(rng, dims), dtype)
    attributes = {}
    if name in ("Div", "Mod"):
        b = np.where(b == 0, 2, b).astype(dtype)
        if name == "Div" and a.dtype.kind == "i":
            a, b = np.abs(a), np.abs(b)  # rounding of negative quotients is not specified
    if name == "Mod" and flag(rng):
        attributes["fmod"] = 1
    if name == "Pow":
        a, b = np.abs(a) + 1, np.abs(b)
    if name == "BitShift":
        attributes["direction"] = pick(rng, "LEFT", "RIGHT")
    if flag(rng) and name not in ("PRelu", "BitShift", "Pow", "Div", "Mod"):
        a, b = b, a
    return Draw(name, opset, [a.astype(dtype), b.astype(dtype)], attributes, oldest=7 if name == "PRelu" else 1)


@draws("Max", "Min", "Sum", "Mean")
def variadic(rng, name):
    dtype = pick(rng, *(FLOATS if name in ("Sum", "Mean") else NUMBERS))
    dims = shape(rng)
    others = [values(rng, broadcast_partner(rng, dims), dtype) for _ in range(rng.integers(0, 3))]
    return Draw(name, 13, [values(rng, dims, dtype), *others], oldest=8)


@draws("Where")
def where(rng, name):
    dims = shape(rng)
    dtype = pick(rng, *NUMBERS)
    return Draw(name, 16, [values(rng, broadcast_partner(rng, dims), "bool"), values(rng, dims, dtype),
                           values(rng, broadcast_partner(rng, dims), dtype)])


@draws("Clip")
def clip(rng, name):
    dtype = pick(rng, *NUMBERS)
    low, high = (values(rng, (), dtype, 0, 1), values(rng, (), dtype, 2, 3))
    return Draw(name, 13, [values(rng, shape(rng), dtype, -5, 5), low if flag(rng) else None, high if flag(rng) else None])


@draws("Cast")
def cast(rng, name):
    from onnx import helper

    source, target = pick(rng, *NUMBERS, "bool"), pick(rng, *NUMBERS, "bool")
    x = values(rng, shape(rng), source, 0, 100)
    return Draw(name, 19, [x], {"to": int(helper.np_dtype_to_tensor_dtype(np.dtype(target)))})
