"""Random single-operator cases for compare_operators.py: DRAWS maps a name to a function from a random generator to a
Draw. Sizes are small, 0 and 1 among them; values are such that a rounding does not decide about the result."""
import dataclasses

import numpy as np

FLOATS = ("float32", "float64", "float16")
INTS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
NUMBERS = FLOATS + INTS


@dataclasses.dataclass
class Draw:
    op: str
    opset: int
    inputs: list
    attributes: dict = dataclasses.field(default_factory=dict)
    num_outputs: int = 1
    domain: str = ""


DRAWS = {}


def draws(*names):
    def register(function):
        for name in names:
            DRAWS[name] = lambda rng, name=name: function(rng, name)
        return function

    return register


# ---- Parts -------------------------------------------------------------------------------------------------------------


def pick(rng, *choices):
    return choices[rng.integers(len(choices))]


def flag(rng, probability=0.5):
    return bool(rng.random() < probability)


def size(rng, most=5):
    return int(pick(rng, 0, 1, *range(1, most + 1), *range(1, most + 1), *range(2, most + 1)))


def shape(rng, least=0, most=4, longest=5):
    return tuple(size(rng, longest) for _ in range(rng.integers(least, most + 1)))


def positive_shape(rng, rank, longest=5):
    return tuple(int(rng.integers(1, longest + 1)) for _ in range(rank))


def values(rng, dims, dtype="float32", low=-3.0, high=3.0):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.random(dims) < 0.5
    if dtype.kind == "f":
        return np.asarray(np.round(rng.uniform(low, high, dims), 2)).astype(dtype)
    if dtype.kind == "u":
        low, high = max(low, 0), max(high, 1)
    return rng.integers(int(low), int(high) + 1, dims).astype(dtype)


def broadcast_partner(rng, dims):
    partner = [1 if flag(rng, 0.3) else d for d in dims]
    return tuple(partner[rng.integers(0, len(partner) + 1) :] if flag(rng, 0.4) else partner)


def int64s(items):
    return np.array(items, np.int64)


def axis_of(rng, rank):
    return int(rng.integers(-rank, rank))


def some_axes(rng, rank):
    chosen = [int(a) for a in rng.permutation(rank)[: rng.integers(0, rank + 1)]]
    return [a - rank if flag(rng, 0.4) else a for a in chosen]


def maybe(rng, attributes, name, value, probability=0.6):
    if flag(rng, probability):
        attributes[name] = value


# ---- Element by element ------------------------------------------------------------------------------------------------

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
    return Draw(name, opset, [a.astype(dtype), b.astype(dtype)], attributes)


@draws("Max", "Min", "Sum", "Mean")
def variadic(rng, name):
    dtype = pick(rng, *(FLOATS if name in ("Sum", "Mean") else NUMBERS))
    dims = shape(rng)
    others = [values(rng, broadcast_partner(rng, dims), dtype) for _ in range(rng.integers(0, 3))]
    return Draw(name, 13, [values(rng, dims, dtype), *others])


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


# ---- Reductions --------------------------------------------------------------------------------------------------------


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


# ---- Moving elements ---------------------------------------------------------------------------------------------------


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
    return Draw(name, 19, [values(rng, dims), pads, constant], {"mode": mode})


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
        return Draw(name, 21, [x], {"axis": int(rng.integers(-len(dims), len(dims) + 1))})
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


# ---- Products ----------------------------------------------------------------------------------------------------------


@draws("MatMul", "MatMulInteger")
def matmul(rng, name):
    m, k, n = (size(rng) for _ in range(3))
    batch = shape(rng, 0, 2, 3)
    a_dims, b_dims = (*batch, m, k), (*broadcast_partner(rng, batch), k, n)
    if flag(rng, 0.15) and name == "MatMul":
        a_dims = (k,)
    if flag(rng, 0.15) and name == "MatMul":
        b_dims = (k,)
    if name == "MatMul":
        dtype = pick(rng, "float32", "float64", "int32", "int64", "uint32")
        return Draw(name, 13, [values(rng, a_dims, dtype), values(rng, b_dims, dtype)])
    types = pick(rng, "uint8", "int8"), pick(rng, "uint8", "int8")
    inputs = [values(rng, a_dims, types[0], -128, 127), values(rng, b_dims, types[1], -128, 127)]
    inputs.append(values(rng, (), types[0], -9, 9) if flag(rng) else None)
    inputs.append(values(rng, pick(rng, (), (n,)), types[1], -9, 9) if flag(rng) else None)
    return Draw(name, 10, inputs)


@draws("Gemm")
def gemm(rng, name):
    m, k, n = (size(rng) for _ in range(3))
    ta, tb = pick(rng, 0, 1), pick(rng, 0, 1)
    dtype = pick(rng, "float32", "float64")
    c = values(rng, pick(rng, (), (n,), (1, n), (m, 1), (m, n)), dtype) if flag(rng, 0.7) else None
    attributes = {"transA": ta, "transB": tb}
    maybe(rng, attributes, "alpha", 0.5)
    maybe(rng, attributes, "beta", 0.25)
    return Draw(name, 13, [values(rng, (k, m) if ta else (m, k), dtype), values(rng, (n, k) if tb else (k, n), dtype), c],
                attributes)


EQUATIONS = ("ij,jk->ik", "bij,bjk->bik", "...ij,...jk->...ik", "ij->ji", "ii->i", "ij->", "i,j->ij", "ij,ij->i",
             "bhid,bhjd->bhij", "bhij,bhjd->bihd", "ijk,kl->ijl", "ij,kj", "...i->...", "abc,cd,de->abe", "ii")


@draws("Einsum")
def einsum(rng, name):
    equation = pick(rng, *EQUATIONS)
    extents = {letter: size(rng, 4) for letter in "abcdehijkl"}
    leading = shape(rng, 0, 2, 3)
    dtype = pick(rng, "float32", "float64", "int32", "int64")
    inputs = []
    for term in equation.split("->")[0].split(","):
        dims = leading if "..." in term else ()
        inputs.append(values(rng, (*dims, *(extents[c] for c in term.replace(".", ""))), dtype))
    return Draw(name, 12, inputs, {"equation": equation})


@draws("Det")
def det(rng, name):
    n = int(rng.integers(1, 5))
    return Draw(name, 22, [values(rng, (*shape(rng, 0, 2, 3), n, n))])


@draws("QLinearMatMul")
def qlinear_matmul(rng, name):
    m, k, n = positive_shape(rng, 3)
    ta, tb, ty = (pick(rng, "uint8", "int8") for _ in range(3))
    per_column = flag(rng) and tb == "int8"
    b_dims = (n,) if per_column else ()
    return Draw(name, 10, [values(rng, (m, k), ta, -128, 127), np.float32(0.0131), values(rng, (), ta, -9, 9),
                           values(rng, (k, n), tb, -128, 127), (rng.uniform(0.003, 0.02, b_dims)).astype(np.float32),
                           np.zeros(b_dims, tb) if per_column else values(rng, (), tb, -9, 9), np.float32(0.317),
                           values(rng, (), ty, -9, 9)])


# ---- Windows -----------------------------------------------------------------------------------------------------------


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


# ---- Normalisations ----------------------------------------------------------------------------------------------------


@draws("BatchNormalization", "InstanceNormalization", "GroupNormalization")
def channel_norm(rng, name):
    dims = positive_shape(rng, int(rng.integers(3, 5)), 4)
    groups = int(rng.integers(1, 4))
    if name == "GroupNormalization":
        dims = (dims[0], groups * dims[1], *dims[2:])
    per_channel = [values(rng, (dims[1],)) for _ in range(2)]
    if name == "BatchNormalization":
        return Draw(name, 15, [values(rng, dims), *per_channel, values(rng, (dims[1],)),
                               values(rng, (dims[1],), "float32", 0.5, 2)], {"epsilon": 1e-3})
    attributes = {"epsilon": 1e-3}
    if name == "GroupNormalization":
        attributes["num_groups"] = groups
    return Draw(name, 21 if name == "GroupNormalization" else 6, [values(rng, dims), *per_channel], attributes)


@draws("LayerNormalization", "RMSNormalization")
def layer_norm(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)))
    axis = axis_of(rng, len(dims))
    scale_dims = dims[axis:]
    inputs = [values(rng, dims), values(rng, scale_dims)]
    if name == "LayerNormalization" and flag(rng):
        inputs.append(values(rng, scale_dims))
    return Draw(name, 17 if name == "LayerNormalization" else 23, inputs, {"axis": axis, "epsilon": 1e-3})


@draws("LpNormalization", "LRN", "MeanVarianceNormalization")
def simple_norm(rng, name):
    dims = positive_shape(rng, 4, 4)
    x = values(rng, dims, "float32", 0.5, 3)
    if name == "LRN":
        return Draw(name, 13, [x], {"size": int(rng.integers(1, 4)), "alpha": 0.1, "beta": 0.7, "bias": 1.5})
    if name == "LpNormalization":
        return Draw(name, 1, [x], {"axis": axis_of(rng, 4), "p": pick(rng, 1, 2)})
    return Draw(name, 13, [x], {"axes": sorted(int(a) for a in rng.permutation(4)[:3])})


# ---- Sampling ----------------------------------------------------------------------------------------------------------


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
                                      "align_corners": pick(rng, 0, 1)})


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


# ---- Recurrent ---------------------------------------------------------------------------------------------------------


@draws("RNN", "GRU", "LSTM")
def recurrent(rng, name):
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[name]
    direction = pick(rng, "forward", "reverse", "bidirectional")
    d = 2 if direction == "bidirectional" else 1
    seq, batch, inputs, hidden = positive_shape(rng, 4, 4)

    def part(*dims):
        return values(rng, dims, "float32", -1, 1)

    arguments = [part(seq, batch, inputs), part(d, gates * hidden, inputs), part(d, gates * hidden, hidden)]
    arguments.append(part(d, 2 * gates * hidden) if flag(rng) else None)
    arguments.append(rng.integers(1, seq + 1, batch).astype(np.int32) if flag(rng, 0.4) else None)
    arguments.append(part(d, batch, hidden) if flag(rng) else None)
    attributes = {"hidden_size": hidden, "direction": direction}
    if name == "LSTM":
        arguments.append(part(d, batch, hidden) if flag(rng) else None)
        arguments.append(part(d, 3 * hidden) if flag(rng, 0.4) else None)
        maybe(rng, attributes, "input_forget", 1, 0.2)
    if name == "GRU":
        maybe(rng, attributes, "linear_before_reset", 1, 0.5)
    maybe(rng, attributes, "clip", 0.7, 0.2)
    if flag(rng, 0.3):
        count = {"RNN": 1, "GRU": 2, "LSTM": 3}[name]
        attributes["activations"] = [pick(rng, "Relu", "Tanh", "Sigmoid", "Softsign", "HardSigmoid", "LeakyRelu", "Elu",
                                          "Softplus") for _ in range(count)] * d
    return Draw(name, 14, arguments, attributes, 3 if name == "LSTM" else 2)


# ---- Quantisation ------------------------------------------------------------------------------------------------------


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


# ---- Spectra -----------------------------------------------------------------------------------------------------------


@draws("DFT")
def dft(rng, name):
    length = int(rng.integers(1, 17))
    inverse = flag(rng)
    onesided = not inverse and flag(rng)
    parts = 1 if onesided else pick(rng, 1, 2)
    x = values(rng, (2, length, parts), "float32", -1, 1)
    longer = np.array(rng.integers(1, 17), np.int64) if flag(rng, 0.4) else None
    if inverse:
        x = values(rng, (2, length, 2), "float32", -1, 1)
    return Draw(name, 20, [x, longer, np.array(1, np.int64)], {"inverse": int(inverse), "onesided": int(onesided)})


@draws("STFT")
def stft(rng, name):
    length = int(rng.integers(2, 9))
    x = values(rng, (2, length + int(rng.integers(0, 9)), 1), "float32", -1, 1)
    return Draw(name, 17, [x, np.array(rng.integers(1, 4), np.int64), values(rng, (length,), "float32", 0, 1),
                           np.array(length, np.int64)], {"onesided": pick(rng, 0, 1)})


@draws("HannWindow", "HammingWindow", "BlackmanWindow")
def window_function(rng, name):
    return Draw(name, 17, [np.array(rng.integers(2, 20), np.int64)], {"periodic": pick(rng, 0, 1)})


@draws("MelWeightMatrix")
def mel(rng, name):
    return Draw(name, 17, [np.array(rng.integers(1, 8), np.int64), np.array(2 ** rng.integers(4, 7), np.int64),
                           np.array(8000, np.int64), np.array(rng.integers(0, 200), np.float32),
                           np.array(rng.integers(1000, 3900), np.float32)])


# ---- Losses ------------------------------------------------------------------------------------------------------------


@draws("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss")
def loss(rng, name):
    n, c, *rest = positive_shape(rng, int(rng.integers(2, 5)), 4)
    labels = rng.integers(0, c, (n, *rest))
    attributes = {"reduction": pick(rng, "none", "sum", "mean")}
    if flag(rng, 0.4):
        attributes["ignore_index"] = int(rng.integers(-1, c))
    weights = values(rng, (c,), "float32", 0.2, 2) if flag(rng) else None
    return Draw(name, 13, [values(rng, (n, c, *rest)), labels, weights], attributes)


# ---- Attention ---------------------------------------------------------------------------------------------------------


@draws("Attention")
def attention(rng, name):
    batch, kv_heads, queries, keys, head, value = positive_shape(rng, 6, 4)
    heads = kv_heads * int(rng.integers(1, 3))
    past = int(rng.integers(1, 4)) if flag(rng, 0.4) else 0
    inputs = [values(rng, (batch, heads, queries, head)), values(rng, (batch, kv_heads, keys, head)),
              values(rng, (batch, kv_heads, keys, value))]
    total = keys + past
    mask = None
    if flag(rng):
        dims = pick(rng, (queries, total), (batch, 1, queries, total), (1, heads, queries, total))
        mask = values(rng, dims, "bool") if flag(rng) else values(rng, dims)
    inputs.append(mask)
    if past:
        inputs += [values(rng, (batch, kv_heads, past, head)), values(rng, (batch, kv_heads, past, value))]
    attributes = {"is_causal": pick(rng, 0, 1)}
    maybe(rng, attributes, "softcap", 2.0, 0.3)
    maybe(rng, attributes, "scale", 0.3, 0.3)
    attributes["qk_matmul_output_mode"] = int(rng.integers(0, 4))
    return Draw(name, 23, inputs, attributes, 4 if past else 1)


@draws("RotaryEmbedding")
def rotary(rng, name):
    batch, heads, rows = positive_shape(rng, 3, 3)
    head = 2 * int(rng.integers(1, 5))
    x = values(rng, (batch, heads, rows, head))
    if flag(rng):
        caches = [values(rng, (7, head // 2), "float32", -1, 1) for _ in range(2)]
        return Draw(name, 23, [x, *caches, rng.integers(0, 7, (batch, rows))], {"interleaved": pick(rng, 0, 1)})
    caches = [values(rng, (batch, rows, head // 2), "float32", -1, 1) for _ in range(2)]
    return Draw(name, 23, [x, *caches], {"interleaved": pick(rng, 0, 1)})


# ---- com.microsoft -----------------------------------------------------------------------------------------------------

MS = "com.microsoft"


def ms(name, inputs, attributes=None, num_outputs=1):
    return Draw(name.removeprefix("ms."), 17, inputs, attributes or {}, num_outputs, MS)


@draws("ms.Gelu", "ms.BiasGelu", "ms.FastGelu", "ms.QuickGelu")
def ms_gelu(rng, name):
    x = values(rng, shape(rng, 1, 3))
    bias = values(rng, x.shape[-1:])
    if name == "ms.BiasGelu" or (name == "ms.FastGelu" and flag(rng)):
        return ms(name, [x, bias])
    return ms(name, [x])


@draws("ms.SkipLayerNormalization", "ms.SkipSimplifiedLayerNormalization")
def ms_skip_norm(rng, name):
    b, s, h = positive_shape(rng, 3)
    skip = values(rng, pick(rng, (b, s, h), (1, s, h), (s, h)))
    inputs = [values(rng, (b, s, h)), skip, values(rng, (h,))]
    if name == "ms.SkipLayerNormalization":
        inputs.append(values(rng, (h,)) if flag(rng) else None)
    inputs.append(values(rng, (h,)) if flag(rng) else None)
    return ms(name, inputs, {"epsilon": 1e-3})


@draws("SimplifiedLayerNormalization")
def simplified_norm(rng, name):
    dims = positive_shape(rng, 3)
    return Draw(name, 17, [values(rng, dims), values(rng, dims[-1:])], {"epsilon": 1e-3})


@draws("ms.EmbedLayerNormalization")
def ms_embed(rng, name):
    b, s, h = positive_shape(rng, 3)
    ids = rng.integers(0, 5, (b, s)).astype(np.int32)
    segments = rng.integers(0, 2, (b, s)).astype(np.int32) if flag(rng) else None
    mask = (rng.random((b, s)) < 0.7).astype(np.int32) if flag(rng) else None
    return ms(name, [ids, segments, values(rng, (5, h)), values(rng, (6, h)),
                     values(rng, (2, h)) if segments is not None else None, values(rng, (h,)), values(rng, (h,)), mask],
              {"epsilon": 1e-3}, 2)


@draws("ms.FusedConv")
def ms_fused_conv(rng, name):
    c, m = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    activation = pick(rng, "Relu", "Tanh", "Sigmoid", "LeakyRelu", "Clip", "HardSigmoid")
    attributes = {"activation": activation}
    if activation == "LeakyRelu":
        attributes["activation_params"] = [0.2]
    elif activation == "Clip":
        attributes["activation_params"] = [-0.5, 1.5]
    elif activation == "HardSigmoid":
        attributes["activation_params"] = [0.3, 0.4]
    return ms(name, [values(rng, (1, c, 4, 5)), values(rng, (m, c, 2, 2)), values(rng, (m,)) if flag(rng) else None],
              attributes)


@draws("ms.FusedGemm")
def ms_fused_gemm(rng, name):
    draw = gemm(rng, "Gemm")
    draw.inputs = [i.astype(np.float32) if i is not None else None for i in draw.inputs]
    activation = pick(rng, "Relu", "Tanh", "Sigmoid", "LeakyRelu")
    attributes = {**draw.attributes, "activation": activation}
    if activation == "LeakyRelu":
        attributes["activation_alpha"] = 0.2
    return ms(name, draw.inputs, attributes)


@draws("ms.FusedMatMul")
def ms_fused_matmul(rng, name):
    m, k, n = positive_shape(rng, 3)
    batch = positive_shape(rng, int(rng.integers(0, 3)), 3)
    ta, tb, ba, bb = (pick(rng, 0, 1) for _ in range(4))
    if not batch:
        ba = bb = 0

    def operand(rows, columns, swapped, batched):
        dims = [*batch, columns, rows] if swapped else [*batch, rows, columns]
        if batched:  # the axis in front of the last one is stored first
            dims = [dims[-2], *dims[:-2], dims[-1]]
        return values(rng, dims)

    return ms(name, [operand(m, k, ta, ba), operand(k, n, tb, bb)],
              {"transA": ta, "transB": tb, "transBatchA": ba, "transBatchB": bb, "alpha": 0.5})


@draws("ms.MatMulNBits")
def ms_matmul_n_bits(rng, name):
    n, k, block, bits = int(rng.integers(1, 9)), int(rng.integers(1, 70)), pick(rng, 16, 32), pick(rng, 4, 8)
    blocks = -(-k // block)
    inputs = [values(rng, (*positive_shape(rng, 1, 3), k)),
              rng.integers(0, 256, (n, blocks, block * bits // 8)).astype(np.uint8),
              rng.uniform(0.01, 0.1, (n, blocks)).astype(np.float32)]
    if flag(rng):
        inputs.append(rng.integers(0, 256, (n, -(-blocks * bits // 8))).astype(np.uint8))
    return ms(name, inputs, {"N": n, "K": k, "block_size": block, "bits": bits})


def eight_bits(rng, dims, dtype):
    return values(rng, dims, dtype, -128, 127)


def parameters(rng, dtype, scale):
    return [np.float32(scale), values(rng, (), dtype, -9, 9)]


@draws("ms.QLinearAdd", "ms.QLinearMul", "ms.QLinearSigmoid", "ms.QLinearLeakyRelu")
def ms_qlinear(rng, name):
    dtype = pick(rng, "uint8", "int8")
    dims = positive_shape(rng, int(rng.integers(1, 4)))
    inputs = [eight_bits(rng, dims, dtype), *parameters(rng, dtype, 0.0213)]
    if name in ("ms.QLinearAdd", "ms.QLinearMul"):
        inputs += [eight_bits(rng, dims, dtype), *parameters(rng, dtype, 0.0317)]
    inputs += parameters(rng, dtype, 0.0471 if name != "ms.QLinearSigmoid" else 0.0039)
    return ms(name, inputs, {"alpha": 0.2} if name == "ms.QLinearLeakyRelu" else {})


@draws("ms.QLinearConcat")
def ms_qlinear_concat(rng, name):
    dtype = pick(rng, "uint8", "int8")
    dims = list(positive_shape(rng, 2))
    inputs = parameters(rng, dtype, 0.0471)
    for scale in (0.0213, 0.0317):
        dims[1] = int(rng.integers(1, 4))
        inputs += [eight_bits(rng, dims, dtype), *parameters(rng, dtype, scale)]
    return ms(name, inputs, {"axis": 1})


@draws("ms.QLinearAveragePool", "ms.QLinearGlobalAveragePool")
def ms_qlinear_pool(rng, name):
    dtype = pick(rng, "uint8", "int8")
    last = pick(rng, 0, 1)
    dims = (1, 4, 5, 2) if last else (1, 2, 4, 5)
    attributes = {"channels_last": last}
    if name == "ms.QLinearAveragePool":
        attributes["kernel_shape"] = [int(rng.integers(1, 4)), int(rng.integers(1, 4))]
        maybe(rng, attributes, "strides", [2, 1])
    inputs = [eight_bits(rng, dims, dtype), *parameters(rng, dtype, 0.0213), *parameters(rng, dtype, 0.0271)]
    return ms(name, inputs, attributes)


@draws("ms.NhwcMaxPool")
def ms_nhwc_max_pool(rng, name):
    return ms(name, [eight_bits(rng, (2, 4, 5, 3), pick(rng, "uint8", "int8"))],
              {"kernel_shape": [int(rng.integers(1, 4)), int(rng.integers(1, 4))], "strides": [1, 2]})


@draws("ms.QGemm")
def ms_qgemm(rng, name):
    m, k, n = positive_shape(rng, 3)
    ta, tb = pick(rng, 0, 1), pick(rng, 0, 1)
    da, db = "uint8", pick(rng, "uint8", "int8")
    inputs = [eight_bits(rng, (k, m) if ta else (m, k), da), *parameters(rng, da, 0.0131),
              eight_bits(rng, (n, k) if tb else (k, n), db), *parameters(rng, db, 0.0171),
              rng.integers(-500, 500, (n,)).astype(np.int32) if flag(rng) else None]
    if flag(rng):
        inputs += parameters(rng, da, 0.317)
    return ms(name, inputs, {"transA": ta, "transB": tb, "alpha": 1.0})


@draws("ms.DynamicQuantizeMatMul", "ms.MatMulIntegerToFloat")
def ms_quantized_matmul(rng, name):
    m, k, n = positive_shape(rng, 3)
    db = pick(rng, "uint8", "int8")
    p_dims = pick(rng, (), (n,))
    b = [eight_bits(rng, (k, n), db)]
    scale = rng.uniform(0.01, 0.05, p_dims).astype(np.float32)
    zero = values(rng, p_dims, db, -9, 9) if flag(rng) else None
    bias = values(rng, (n,)) if flag(rng) else None
    if name == "ms.DynamicQuantizeMatMul":
        return ms(name, [values(rng, (m, k)), *b, scale, zero, bias])
    da = pick(rng, "uint8", "int8")
    return ms(name, [eight_bits(rng, (m, k), da), *b, np.float32(0.0131), scale, values(rng, (), da, -9, 9), zero, bias])


@draws("ms.Attention")
def ms_attention(rng, name):
    b, s, heads, head = (int(rng.integers(1, 4)) for _ in range(4))
    hidden = heads * head
    past = int(rng.integers(1, 4)) if flag(rng, 0.4) else 0
    total = s + past
    mask = None
    if flag(rng):
        mask = pick(rng, rng.integers(1, total + 1, (b,)), rng.random((b, total)) < 0.7, rng.random((b, s, total)) < 0.7)
        mask = mask.astype(np.int32)
    bias = values(rng, (1, heads, s, total)) if flag(rng, 0.3) else None
    inputs = [values(rng, (b, s, 4)), values(rng, (4, 3 * hidden), "float32", -1, 1), values(rng, (3 * hidden,)), mask,
              values(rng, (2, b, heads, past, head)) if past else None, bias]
    return ms(name, inputs, {"num_heads": heads, "unidirectional": pick(rng, 0, 1)}, 2 if past else 1)


@draws("ms.MultiHeadAttention")
def ms_multi_head(rng, name):
    b, s, t, heads, head = (int(rng.integers(1, 4)) for _ in range(5))
    hidden = heads * head
    packed = pick(rng, "none", "none", "qkv", "kv")
    bias = values(rng, (3 * hidden,)) if flag(rng, 0.4) and packed == "none" else None
    if packed == "qkv":
        t = s
        inputs = [values(rng, (b, s, heads, 3, head)), None, None, bias]
    elif packed == "kv":
        inputs = [values(rng, (b, s, hidden)), values(rng, (b, t, heads, 2, head)), None, bias]
    else:
        inputs = [values(rng, (b, s, hidden)), values(rng, (b, t, hidden)), values(rng, (b, t, hidden)), bias]
    past = int(rng.integers(1, 4)) if flag(rng, 0.3) and packed == "none" else 0
    total = t + past
    mask = (rng.random((b, total)) < 0.7).astype(np.int32) if flag(rng, 0.4) else None
    added = values(rng, (1, heads, s, total)) if flag(rng, 0.3) else None
    inputs += [mask, added]
    if past:
        inputs += [values(rng, (b, heads, past, head)), values(rng, (b, heads, past, head))]
    return ms(name, inputs, {"num_heads": heads}, 3 if past else 1)


@draws("ms.GroupQueryAttention")
def ms_group_query(rng, name):
    b, kv_heads, groups = (int(rng.integers(1, 4)) for _ in range(3))
    heads, head = kv_heads * groups, 16
    past = int(rng.integers(1, 5)) if flag(rng) else 0
    s = 1 if past else int(rng.integers(1, 5))
    total = s + past
    lengths = np.full(b, total - 1, np.int32)
    if past and b > 1:
        lengths[0] = int(rng.integers(0, total))
        lengths[0] = max(lengths[0], s - 1)
    cache = [values(rng, (b, kv_heads, past, head)) for _ in range(2)]
    inputs = [values(rng, (b, s, heads * head), "float32", -1, 1)]
    inputs += [values(rng, (b, s, kv_heads * head), "float32", -1, 1) for _ in range(2)]
    inputs += [*cache, lengths, np.array([total], np.int32)]
    attributes = {"num_heads": heads, "kv_num_heads": kv_heads}
    if flag(rng):
        inputs += [values(rng, (16, head // 2), "float32", -1, 1) for _ in range(2)]
        attributes["do_rotary"] = 1
        maybe(rng, attributes, "rotary_interleaved", 1)
    maybe(rng, attributes, "local_window_size", 2, 0.3)
    maybe(rng, attributes, "softcap", 5.0, 0.3)
    maybe(rng, attributes, "smooth_softmax", 1, 0.2)
    return ms(name, inputs, attributes, 3)


@draws("ms.RotaryEmbedding")
def ms_rotary(rng, name):
    b, s, heads = positive_shape(rng, 3, 3)
    head = 2 * int(rng.integers(1, 5))
    positions = int64s([2]) if flag(rng) else rng.integers(0, 8, (b, s))
    x = values(rng, (b, s, heads * head)) if flag(rng) else values(rng, (b, heads, s, head))
    caches = [values(rng, (8, head // 2), "float32", -1, 1) for _ in range(2)]
    return ms(name, [x, positions, *caches], {"interleaved": pick(rng, 0, 1)})


@draws("ms.Trilu")
def ms_trilu(rng, name):
    return ms(name, trilu(rng, name).inputs, {"upper": pick(rng, 0, 1)})
