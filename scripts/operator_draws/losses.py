"""Losses."""
from .parts import Draw, draws, flag, pick, positive_shape, values


@draws("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss")
def loss(rng, name):
    n, c, *rest = positive_shape(rng, int(rng.integers(2, 5)), 4)
    labels = rng.integers(0, c, (n, *rest))
    attributes = {"reduction": pick(rng, "none", "sum", "mean")}
    if flag(rng, 0.4):
        attributes["ignore_index"] = int(rng.integers(-1, c))
    weights = values(rng, (c,), "float32", 0.2, 2) if flag(rng) else None
    return Draw(name, 13, [values(rng, (n, c, *rest)), labels, weights], attributes)
