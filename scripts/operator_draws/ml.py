"""Operators of ai.onnx.ml; the names of their draws begin with `ml.`."""
import numpy as np
from onnx import numpy_helper

from .parts import Draw, draws, flag, maybe, pick, positive_shape, shape, values
from .strings import words

FEATURES = ("float32", "float32", "float64", "int32", "int64")
TRANSFORMS = ("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT")


def ml(name, inputs, attributes, num_outputs=1, version=3):
    return Draw(name.removeprefix("ml."), 17, inputs, attributes, num_outputs, "ai.onnx.ml", version)


def reals(rng, count, low=-2.0, high=2.0):
    return [float(v) for v in np.round(rng.uniform(low, high, count), 2)]


def rows(rng, width, dtype=None):
    return values(rng, (int(rng.integers(1, 6)), width), dtype or pick(rng, *FEATURES))


def labels(rng, count, ints="classlabels_ints"):
    if flag(rng):
        return {ints: [int(v) for v in rng.permutation(9)[:count]]}
    return {"classlabels_strings": [f"c{v}" for v in rng.permutation(9)[:count]]}


@draws("ml.ArrayFeatureExtractor")
def array_feature_extractor(rng, name):
    dims = positive_shape(rng, int(rng.integers(1, 4)))
    x = words(rng, dims) if flag(rng, 0.2) else values(rng, dims, pick(rng, *FEATURES))
    return ml(name, [x, rng.integers(0, dims[-1], (1, int(rng.integers(1, 5))))], {}, 1, 1)


@draws("ml.Binarizer")
def binarizer(rng, name):
    attributes = {}
    maybe(rng, attributes, "threshold", 0.5)
    return ml(name, [values(rng, shape(rng, 1, 3), pick(rng, *FEATURES))], attributes, 1, 1)


@draws("ml.CastMap")
def cast_map(rng, name):
    keys = sorted(int(v) for v in rng.permutation(8)[: rng.integers(1, 5)])
    entries = {k: np.float32(rng.integers(-3, 4)) for k in keys}
    attributes = {"cast_to": pick(rng, "TO_FLOAT", "TO_INT64")}
    if flag(rng):
        attributes.update(map_form="SPARSE", max_map=9)
    return ml(name, [entries], attributes, 1, 1)


@draws("ml.DictVectorizer")
def dict_vectorizer(rng, name):
    if flag(rng):
        keys = [str(w) for w in ("p", "q", "r", "s")]
        entries = {k: np.float32(rng.integers(-3, 4)) for k in keys[: rng.integers(1, 5)]}
        return ml(name, [entries], {"string_vocabulary": [keys[i] for i in rng.permutation(4)]}, 1, 1)
    entries = {int(k): np.float32(rng.integers(-3, 4)) for k in rng.permutation(5)[: rng.integers(1, 5)]}
    return ml(name, [entries], {"int64_vocabulary": [int(k) for k in rng.permutation(5)]}, 1, 1)


@draws("ml.CategoryMapper")
def category_mapper(rng, name):
    attributes = {"cats_strings": ["a", "B", "the"], "cats_int64s": [3, 1, 2]}
    if flag(rng):
        maybe(rng, attributes, "default_int64", 7)
        return ml(name, [words(rng, shape(rng))], attributes, 1, 1)
    maybe(rng, attributes, "default_string", "none")
    return ml(name, [values(rng, shape(rng), "int64", 0, 4)], attributes, 1, 1)


@draws("ml.FeatureVectorizer")
def feature_vectorizer(rng, name):
    count = int(rng.integers(1, 4))
    n = int(rng.integers(1, 4))
    widths = [int(rng.integers(1, 4)) for _ in range(count)]
    dtype = pick(rng, "float32", "float64", "int32", "int64")
    return ml(name, [values(rng, (n, w), dtype) for w in widths], {"inputdimensions": widths}, 1, 1)


@draws("ml.Imputer")
def imputer(rng, name):
    width = int(rng.integers(1, 5))
    count = pick(rng, 1, width)
    if flag(rng):
        x = rows(rng, width, pick(rng, "float32", "float64")).round()
        lost = pick(rng, float("nan"), 2.0)
        x = np.where(rng.random(x.shape) < 0.4, lost, x).astype(x.dtype)
        return ml(name, [x], {"imputed_value_floats": reals(rng, count), "replaced_value_float": lost}, 1, 1)
    return ml(name, [rows(rng, width, "int64")], {
        "imputed_value_int64s": [int(v) for v in rng.integers(5, 9, count)], "replaced_value_int64": 2}, 1, 1)


@draws("ml.LabelEncoder")
def label_encoder(rng, name):
    kinds = ("int64s", "floats", "strings")
    source, target = pick(rng, *kinds), pick(rng, *kinds)
    table = {"int64s": [3, 1, 2], "floats": [0.5, 1.0, -2.0], "strings": ["a", "B", "the"]}
    x = {"int64s": lambda d: values(rng, d, "int64", 0, 5), "floats": lambda d: np.round(values(rng, d) * 2) / 2,
         "strings": lambda d: words(rng, d)}[source](shape(rng, 0, 3))
    if source == "floats":
        x = np.asarray(x, np.float32)
    attributes = {f"keys_{source}": table[source], f"values_{target}": table[target]}
    default = {"int64s": ("default_int64", 9), "floats": ("default_float", 1.5), "strings": ("default_string", "?")}
    maybe(rng, attributes, *default[target])
    return ml(name, [x], attributes, 1, pick(rng, 2, 4))


@draws("ml.LinearClassifier")
def linear_classifier(rng, name):
    classes, width = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    attributes = {"coefficients": reals(rng, classes * width), "post_transform": pick(rng, *TRANSFORMS),
                  **labels(rng, max(classes, 2))}
    maybe(rng, attributes, "intercepts", reals(rng, classes), 1.0 if classes == 1 else 0.7)
    maybe(rng, attributes, "multi_class", pick(rng, 0, 1))
    return ml(name, [rows(rng, width)], attributes, 2, 1)


@draws("ml.LinearRegressor")
def linear_regressor(rng, name):
    targets, width = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    attributes = {"coefficients": reals(rng, targets * width), "targets": targets,
                  "post_transform": pick(rng, *TRANSFORMS)}
    maybe(rng, attributes, "intercepts", reals(rng, targets))
    return ml(name, [rows(rng, width)], attributes, 1, 1)


@draws("ml.Normalizer")
def normalizer(rng, name):
    return ml(name, [rows(rng, int(rng.integers(1, 5)))], {"norm": pick(rng, "MAX", "L1", "L2")}, 1, 1)


@draws("ml.Scaler")
def scaler(rng, name):
    width = int(rng.integers(1, 5))
    count = pick(rng, 1, width)
    return ml(name, [rows(rng, width)], {"offset": reals(rng, count), "scale": reals(rng, count)}, 1, 1)


@draws("ml.OneHotEncoder")
def one_hot_encoder(rng, name):
    attributes = {}
    maybe(rng, attributes, "zeros", 1)
    dims = shape(rng, 0, 3)
    if flag(rng):
        return ml(name, [words(rng, dims, ("a", "B", "the", "x") if attributes else ("a", "B", "the"))],
                  {**attributes, "cats_strings": ["a", "B", "the"]}, 1, 1)
    x = values(rng, dims, pick(rng, "int64", "int32", "float32", "float64"), 0, 2).round()
    return ml(name, [x], {**attributes, "cats_int64s": [2, 0, 1]}, 1, 1)


@draws("ml.ZipMap")
def zip_map(rng, name):
    count = int(rng.integers(1, 5))
    return ml(name, [rows(rng, count, "float32")], labels(rng, count, "classlabels_int64s"), 1, 1)


def kernel(rng):
    return {"kernel_type": pick(rng, "LINEAR", "POLY", "RBF", "SIGMOID"), "kernel_params": [0.3, 0.1, 2.0]}


@draws("ml.SVMClassifier")
def svm_classifier(rng, name):
    classes, width = int(rng.integers(2, 5)), int(rng.integers(1, 4))
    attributes = {**kernel(rng), **labels(rng, classes), "post_transform": pick(rng, *TRANSFORMS)}
    pairs = classes * (classes - 1) // 2
    if flag(rng, 0.2):  # a linear model
        attributes.update(coefficients=reals(rng, classes * width), rho=reals(rng, 1))
        return ml(name, [rows(rng, width)], attributes, 2, 1)
    counts = [int(rng.integers(1, 3)) for _ in range(classes)]
    total = sum(counts)
    attributes.update(vectors_per_class=counts, support_vectors=reals(rng, total * width),
                      coefficients=reals(rng, total * (classes - 1)), rho=reals(rng, pairs))
    if flag(rng):
        attributes.update(prob_a=reals(rng, pairs, -2, -0.5), prob_b=reals(rng, pairs))
    return ml(name, [rows(rng, width)], attributes, 2, 1)


@draws("ml.SVMRegressor")
def svm_regressor(rng, name):
    width, count = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    attributes = {**kernel(rng), "rho": reals(rng, 1)}
    maybe(rng, attributes, "post_transform", pick(rng, *TRANSFORMS), 0.2)
    maybe(rng, attributes, "one_class", pick(rng, 0, 1), 0.3)
    if flag(rng, 0.3):
        return ml(name, [rows(rng, width, "float32")], {**attributes, "coefficients": reals(rng, width), "n_supports": 0}, 1, 1)
    attributes.update(n_supports=count, support_vectors=reals(rng, count * width), coefficients=reals(rng, count))
    return ml(name, [rows(rng, width, "float32")], attributes, 1, 1)


MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ")


def trees(rng, width, count):
    """Whole binary trees of depth 1 or 2: the attributes of the nodes, and the (tree, node) of each leaf."""
    nodes = {key: [] for key in ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids")}
    tracks = []
    leaves = []
    mode = pick(rng, "BRANCH_LEQ", "BRANCH_LEQ", *MODES, "mixed")
    for tree in range(count):
        depth = int(rng.integers(1, 3))
        inner = 2**depth - 1
        for node in range(2 * inner + 1):
            is_leaf = node >= inner
            nodes["treeids"].append(tree)
            nodes["nodeids"].append(node)
            nodes["featureids"].append(0 if is_leaf else int(rng.integers(width)))
            nodes["modes"].append("LEAF" if is_leaf else pick(rng, *MODES) if mode == "mixed" else mode)
            nodes["values"].append(0.0 if is_leaf else float(rng.integers(-2, 3)))
            nodes["truenodeids"].append(0 if is_leaf else 2 * node + 1)
            nodes["falsenodeids"].append(0 if is_leaf else 2 * node + 2)
            tracks.append(int(rng.integers(0, 2)))
            if is_leaf:
                leaves.append((tree, node))
    attributes = {f"nodes_{key}": value for key, value in nodes.items()}
    maybe(rng, attributes, "nodes_missing_value_tracks_true", tracks, 0.3)
    return attributes, leaves


def tree_rows(rng, width):
    x = rows(rng, width, pick(rng, "float32", "float64")).round()
    return np.where(rng.random(x.shape) < 0.1, np.nan, x).astype(x.dtype) if flag(rng, 0.3) else x


@draws("ml.TreeEnsembleClassifier")
def tree_classifier(rng, name):
    width, classes = int(rng.integers(1, 4)), int(rng.integers(2, 5))
    attributes, leaves = trees(rng, width, int(rng.integers(1, 5)))
    binary = classes == 2 and flag(rng)
    ids = [0 if binary else int(rng.integers(classes)) for _ in leaves]
    low = 0.0 if flag(rng) else -2.0
    attributes.update(class_treeids=[t for t, _ in leaves], class_nodeids=[n for _, n in leaves], class_ids=ids,
                      class_weights=reals(rng, len(leaves), low), post_transform=pick(rng, *TRANSFORMS),
                      **labels(rng, classes, "classlabels_int64s"))
    if flag(rng, 0.3):
        attributes["base_values"] = reals(rng, 1 if binary else classes)
    return ml(name, [tree_rows(rng, width)], attributes, 2, pick(rng, 1, 3))


@draws("ml.TreeEnsembleRegressor")
def tree_regressor(rng, name):
    width, targets = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    attributes, leaves = trees(rng, width, int(rng.integers(1, 5)))
    attributes.update(target_treeids=[t for t, _ in leaves], target_nodeids=[n for _, n in leaves],
                      target_ids=[int(rng.integers(targets)) for _ in leaves], target_weights=reals(rng, len(leaves)),
                      n_targets=targets)
    maybe(rng, attributes, "aggregate_function", pick(rng, "SUM", "AVERAGE", "MIN", "MAX"))
    maybe(rng, attributes, "post_transform", pick(rng, *TRANSFORMS), 0.4)
    maybe(rng, attributes, "base_values", reals(rng, targets), 0.3)
    return ml(name, [tree_rows(rng, width)], attributes, 1, pick(rng, 1, 3))


@draws("ml.TreeEnsemble")
def tree_ensemble(rng, name):
    width, targets, count = int(rng.integers(1, 4)), int(rng.integers(1, 4)), int(rng.integers(1, 4))
    dtype = pick(rng, np.float32, np.float64)
    modes = {"BRANCH_LEQ": 0, "BRANCH_LT": 1, "BRANCH_GTE": 2, "BRANCH_GT": 3, "BRANCH_EQ": 4, "BRANCH_NEQ": 5}
    mode = modes[pick(rng, "BRANCH_LEQ", *MODES)]
    attributes = {  # stumps, each with two leaves
        "tree_roots": list(range(count)), "nodes_featureids": [int(rng.integers(width)) for _ in range(count)],
        "nodes_splits": numpy_helper.from_array(rng.integers(-2, 3, count).astype(dtype)),
        "nodes_modes": numpy_helper.from_array(np.full(count, mode, np.uint8)),
        "nodes_truenodeids": [2 * k for k in range(count)], "nodes_trueleafs": [1] * count,
        "nodes_falsenodeids": [2 * k + 1 for k in range(count)], "nodes_falseleafs": [1] * count,
        "leaf_targetids": [int(rng.integers(targets)) for _ in range(2 * count)],
        "leaf_weights": numpy_helper.from_array(np.array(reals(rng, 2 * count), dtype)),
        "n_targets": targets, "aggregate_function": int(rng.integers(0, 4)), "post_transform": int(rng.integers(0, 5))}
    maybe(rng, attributes, "nodes_missing_value_tracks_true", [int(rng.integers(0, 2)) for _ in range(count)], 0.3)
    x = rows(rng, width, dtype).round()
    return ml(name, [x], attributes, 1, 5)
