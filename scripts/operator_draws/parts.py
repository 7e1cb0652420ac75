"""What the draws are made of: the record of a case, the registry, shapes, values."""
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
    domain_version: int = 1
    oldest: int = 1  # the first version that takes what was drawn, where its schema does not tell


DRAWS = {}


def draws(*names):
    def register(function):
        for name in names:
            DRAWS[name] = lambda rng, name=name: function(rng, name)
        return function

    return register


def pick(rng, *choices):
    return choices[rng.integers(len(choices))]


def flag(rng, probability=0.5):
    return bool(rng.random() < probability)


def size(rng, most=5):
    return int(pick(rng, 0, 1, *range(1, most + 1), *range(1, most + 1), *range(2, most + 1)))


def shape(rng, least=0, most=4, longest=5):
    """Sizes up to `longest`; now and then one that vectors do not divide and threads share."""
    dims = [size(rng, longest) for _ in range(rng.integers(least, most + 1))]
    if dims and longest >= 5 and flag(rng, 0.05):
        dims[rng.integers(len(dims))] = int(rng.integers(17, 400))
    return tuple(dims)


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
