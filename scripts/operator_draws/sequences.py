"""Sequences and optionals."""
import numpy as np

from .parts import Draw, axis_of, draws, flag, int64s, maybe, pick, positive_shape, shape, size, values


def several(rng, dtype="float32"):
    return [values(rng, positive_shape(rng, int(rng.integers(0, 3)), 3), dtype) for _ in range(rng.integers(1, 5))]


def position(rng, count, inclusive=0):
    return np.array(rng.integers(-count, count + inclusive), pick(rng, "int32", "int64"))


@draws("SequenceAt", "SequenceErase", "SequenceLength", "SequenceInsert")
def on_sequence(rng, name):
    items = several(rng)
    if name == "SequenceLength":
        return Draw(name, 11, [items])
    if name == "SequenceInsert":
        where = position(rng, len(items), 1) if flag(rng) else None
        return Draw(name, 11, [items, values(rng, (2,)), where])
    return Draw(name, 11, [items, position(rng, len(items)) if name == "SequenceAt" or flag(rng) else None])


@draws("SequenceConstruct")
def sequence_construct(rng, name):
    return Draw(name, 11, several(rng, pick(rng, "float32", "int64", "bool")))


@draws("ConcatFromSequence")
def concat_from_sequence(rng, name):
    dims = list(positive_shape(rng, int(rng.integers(1, 4)), 3))
    new = pick(rng, 0, 1)
    axis = int(rng.integers(-len(dims) - new, len(dims) + new))
    items = []
    for _ in range(rng.integers(1, 4)):
        if not new:
            dims[axis] = size(rng, 3)
        items.append(values(rng, dims))
    attributes = {"axis": axis}
    maybe(rng, attributes, "new_axis", new, 1.0 if new else 0.5)
    return Draw(name, 11, [items], attributes)


@draws("SplitToSequence")
def split_to_sequence(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)), 6)
    axis = axis_of(rng, len(dims))
    how = pick(rng, "ones", "size", "cuts")
    split = None
    if how == "size":
        split = np.array(rng.integers(1, dims[axis] + 2), pick(rng, "int32", "int64"))
    elif how == "cuts":
        split = int64s(np.diff([0, *np.sort(rng.integers(0, dims[axis] + 1, int(rng.integers(0, 3)))), dims[axis]]))
    attributes = {"axis": axis}
    maybe(rng, attributes, "keepdims", pick(rng, 0, 1))
    return Draw(name, 11, [values(rng, dims, pick(rng, "float32", "int64", "uint8")), split], attributes)


@draws("OptionalHasElement", "OptionalGetElement")
def optional(rng, name):
    return Draw(name, 18, [several(rng) if flag(rng) else values(rng, shape(rng))])
