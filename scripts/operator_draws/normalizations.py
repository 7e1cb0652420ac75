"""Normalisations."""
from .parts import Draw, axis_of, draws, flag, pick, positive_shape, values


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
