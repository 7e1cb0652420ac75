"""Where an oracle of compare_operators.py is not followed, and why.

Each line holds for its draws and one oracle when its condition on the drawn case and on what differed holds: no line
excuses an operator as such. "The standard" is the operator's text of that opset version."""
import dataclasses
import re
import typing

import numpy as np


@dataclasses.dataclass(frozen=True)
class Explanation:
    operators: str  # names of draws, separated by spaces
    oracle: str  # ort or reference
    holds: typing.Callable  # from the Draw and the text of the difference
    why: str


def distance(reason):
    """The largest difference of the elements, infinite where the text has none."""
    found = re.search(r"max abs ([-+.\de]+|inf|nan)", reason)
    return float(found[1]) if found else float("inf")


def names_type(reason):
    return re.search(r"type \w+, expected \w+$", reason) is not None


def names_shape(reason):
    return re.search(r"shape \[[-\d, ]*\], expected \[[-\d, ]*\]$", reason) is not None


def dims(draw, k=0):
    return draw.inputs[k].shape


def kind(draw, k=0):
    return str(draw.inputs[k].dtype)


def has(draw, k):
    return len(draw.inputs) > k and draw.inputs[k] is not None


def given(draw, name, default=None):
    return draw.attributes.get(name, default)


def nothing_summed(draw):
    """A product of matrices whose inner dimension is 0."""
    a = dims(draw)
    return a[0 if given(draw, "transA") else -1] == 0


def has_other_than_ascii(draw):
    return any(not text.isascii() or not text for text in draw.inputs[0].ravel())


REFERENCE = (
    ("Attention", lambda draw, reason: given(draw, "qk_matmul_output_mode") == 0 and "softcap" in draw.attributes
     and "'o3'" in reason, "shows the products after softcap, which changes them in place"),
    ("Add.old Sub.old Mul.old Div.old And.old Or.old Greater.old Less.old Equal.old",
     lambda draw, reason: given(draw, "broadcast") == 1 and "axis" in draw.attributes,
     "ignores the attribute axis and broadcasts as numpy"),
    ("BatchNormalization BatchNormalization.old", lambda draw, reason: draw.opset == 9,
     "version 9 mixes the statistics of the batch into those given, which only training does"),
    ("ConvTranspose", lambda draw, reason: given(draw, "group", 1) > 1 and has(draw, 2),
     "adds the bias of the first group to every group"),
    ("Gelu", lambda draw, reason: kind(draw) == "float64" and distance(reason) < 1e-6,
     "runs the body, whose constants are floats, for doubles"),
    ("Erf", lambda draw, reason: kind(draw) == "float64" and distance(reason) < 1e-6,
     "computes erf of doubles in float"),
    ("HardSwish", lambda draw, reason: kind(draw) == "float64" and distance(reason) < 1e-6,
     "takes 1/6 as a float for doubles"),
    ("RNN", lambda draw, reason: has(draw, 4) or "clip" in draw.attributes,
     "ignores sequence_lens and clip"),
    ("GRU", lambda draw, reason: has(draw, 4) or {"clip", "activations"} & set(draw.attributes),
     "ignores sequence_lens, clip and activations"),
    ("LSTM", lambda draw, reason: has(draw, 4) or {"clip", "activations", "input_forget"} & set(draw.attributes),
     "ignores sequence_lens, clip, activations and input_forget"),
    ("GlobalMaxPool", lambda draw, reason: len(dims(draw)) != 4 and names_shape(reason),
     "reduces the wrong axes of anything but images"),
    ("Softmax LogSoftmax Hardmax", lambda draw, reason: draw.opset < 13,
     "has the semantics of version 13 for the older ones, which flatten"),
    ("LRN", lambda draw, reason: dims(draw)[0] < dims(draw)[1],
     "goes through as many channels as the batch is large"),
    ("Loop", lambda draw, reason: names_shape(reason),
     "concatenates what an iteration gives along axis 0 instead of stacking it"),
    ("MaxPool AveragePool LpPool", lambda draw, reason: "auto_pad" in draw.attributes and names_shape(reason),
     "gives fewer positions under auto_pad than the stride asks for"),
    ("MaxPool AveragePool", lambda draw, reason: any(
        stride > size for stride, size in zip(given(draw, "strides", []), given(draw, "kernel_shape")))
     and given(draw, "auto_pad", "").startswith("SAME"), "pads by a negative number where windows leave gaps"),
    ("AveragePool", lambda draw, reason: draw.opset < 7, "counts padding, which came with an attribute of version 7"),
    ("LpPool", lambda draw, reason: given(draw, "ceil_mode") == 1,
     "divides what a window that sticks out adds up by the taps it has"),
    ("MaxPool AveragePool LpPool", lambda draw, reason: any(given(draw, "pads", [])) and names_shape(reason),
     "does not count positions by the standard's formula where padding is uneven or ceil_mode asks for more"),
    ("MaxPool AveragePool LpPool", lambda draw, reason: any(given(draw, "pads", [])) and given(draw, "ceil_mode") == 1,
     "with ceil_mode takes other taps for padding than the standard"),
    ("MaxPool.old", lambda draw, reason: "output 'o1'" in reason,
     "numbers the maxima within a plane, not within the tensor"),
    ("QLinearConv", lambda draw, reason: len(dims(draw)) != 4 and dims(draw, 4),
     "lines the scales of the channels up with an axis of images, whatever the rank"),
    ("RegexFullMatch", lambda draw, reason: has_other_than_ascii(draw), "has Python's classes of Unicode, not RE2's"),
    ("Resize Resize.old", lambda draw, reason: given(draw, "coordinate_transformation_mode") == "pytorch_half_pixel",
     "takes -0.5 as the coordinate where the result has size 1; the standard says 0"),
    ("RoiAlign", lambda draw, reason: draw.opset < 16,
     "shifts by half a pixel, which came with version 16"),
    ("Scan", lambda draw, reason: min(given(draw, "scan_input_axes", [0])) < 0, "takes a negative axis for the first"),
    ("Selu", lambda draw, reason: draw.opset < 6, "has the default alpha and gamma of version 6"),
    ("SequenceInsert", lambda draw, reason: has(draw, 2) and int(draw.inputs[2]) == len(draw.inputs[0]),
     "inserts before the last element where the position says behind it"),
    ("Slice", lambda draw, reason: has(draw, 4) and draw.inputs[4].min() < 0 and names_shape(reason),
     "takes nothing from a start in front of the axis on backwards; the standard clamps it to the first element"),
    ("Shape", lambda draw, reason: min(given(draw, "end", 0), given(draw, "start", 0)) < -len(dims(draw)),
     "does not clamp a start or end below the rank"),
    ("StringNormalizer", lambda draw, reason: has_other_than_ascii(draw),
     "strips accents and drops empty strings"),
    ("TfIdfVectorizer", lambda draw, reason: sorted(given(draw, "ngram_indexes")) != given(draw, "ngram_indexes")
     and "weights" in draw.attributes, "takes the weights by column; they are those of the pool's n-grams"),
    ("Unique", lambda draw, reason: given(draw, "sorted") == 0 and "axis" in draw.attributes,
     "loses slices when it restores the order of an axis"),
    ("Unsqueeze.old", lambda draw, reason: sorted(given(draw, "axes")) != given(draw, "axes")
     or min(given(draw, "axes")) < 0 <= max(given(draw, "axes")),
     "inserts axes one after the other, in the order given"),
    ("Dropout", lambda draw, reason: draw.opset == 7 and reason.endswith("expected bool"),
     "gives the mask of version 7 as bool; its type is that of the input"),
    ("ml.DictVectorizer", lambda draw, reason: names_shape(reason),
     "gives a vector; ONNX Runtime a row, which the converted pipelines build on"),
    ("ml.Scaler ml.LinearRegressor ml.SVMClassifier ml.SVMRegressor ml.Normalizer ml.LinearClassifier",
     lambda draw, reason: kind(draw).startswith("int"), "computes in the integer type of the input"),
    ("ml.Normalizer", lambda draw, reason: given(draw, "norm") == "MAX" and bool((draw.inputs[0] < 0).any()),
     "divides by the largest magnitude; the standard says max(X)"),
    ("ml.LinearClassifier ml.LinearRegressor", lambda draw, reason: "intercepts" not in draw.attributes,
     "gives NaN without intercepts, which are optional"),
    ("ml.LinearClassifier", lambda draw, reason: len(given(draw, "intercepts", [])) == 1,
     "differs from ONNX Runtime on one score for two classes, where the standard is silent"),
    ("ml.SVMClassifier", lambda draw, reason: "support_vectors" not in draw.attributes and "output 'o0'" in reason,
     "gives a label that is none of a linear model's"),
    ("ml.SVMClassifier", lambda draw, reason: "prob_a" in draw.attributes and len(given(draw, "vectors_per_class")) > 2
     and "output 'o1'" in reason, "couples the probabilities of pairs otherwise than libsvm"),
    ("ml.SVMClassifier", lambda draw, reason: len(given(draw, "rho")) == 1 and "SOFTMAX" in given(draw, "post_transform")
     and "output 'o1'" in reason,
     "applies softmax to -x and x of one score; ONNX Runtime, followed where the standard is silent, gives 1 - x and x"),
    ("ml.SVMClassifier", lambda draw, reason: len(given(draw, "rho")) == 1 and min(given(draw, "coefficients")) >= 0
     and "output 'o0'" in reason, "ignores the sign of the decision when no coefficient is negative; libsvm goes by it"),
    ("ml.SVMClassifier ml.LinearClassifier ml.TreeEnsembleClassifier ml.LinearRegressor",
     lambda draw, reason: given(draw, "post_transform") == "PROBIT" and distance(reason) < 0.02,
     "approximates the inverse of erf to two digits"),
    ("ml.TreeEnsembleClassifier ml.LinearClassifier ml.SVMClassifier",
     lambda draw, reason: given(draw, "post_transform") == "PROBIT" and ("'o0'" in reason or "NaN" in reason),
     "takes the label from the transformed scores, NaN among them, and 0 as the probit of 0"),
    ("ml.TreeEnsembleClassifier", lambda draw, reason: "'o0'" in reason and "base_values" not in draw.attributes
     and len(set(given(draw, "class_ids"))) > 1,
     "lets a class win by the 0 of no leaf; the standard is silent, ONNX Runtime does not"),
    ("ml.TreeEnsembleClassifier", lambda draw, reason: len(set(given(draw, "class_ids"))) == 1,
     "differs from ONNX Runtime on trees that speak of one class alone, where the standard is silent"),
    ("ml.TreeEnsembleClassifier ml.TreeEnsembleRegressor ml.TreeEnsemble",
     lambda draw, reason: bool(np.isnan(draw.inputs[0]).any()), "takes another way than the standard for NaN"),
    ("ml.TreeEnsemble ml.TreeEnsembleRegressor", lambda draw, reason: given(draw, "aggregate_function")
     in (2, 3, "MIN", "MAX") and distance(reason) > 1e37,
     "gives the largest float to a target that no leaf speaks of"),
    ("ml.TreeEnsemble", lambda draw, reason: given(draw, "post_transform") != 0,
     "has no post_transform for this operator"),
)

ORT = (
    ("Attention", lambda draw, reason: given(draw, "qk_matmul_output_mode") == 2 and "'o3'" in reason
     and "infinity" in reason, "shows the lowest float where a mask adds -infinity"),
    ("Attention", lambda draw, reason: given(draw, "is_causal") == 1 and dims(draw)[2] == 1 and dims(draw, 1)[2] > 1,
     "lets a single query see every key, those behind it too"),
    ("Gelu", lambda draw, reason: kind(draw) == "float64" and distance(reason) < 1e-6,
     "runs the body, whose constants are floats, for doubles"),
    ("AffineGrid", lambda draw, reason: given(draw, "align_corners") == 1 and 1 in draw.inputs[1][2:],
     "puts the only point of an axis of size 1 at 0; from -1 on, in even steps, it is at -1"),
    ("Cast.old", lambda draw, reason: given(draw, "to") == 8 and kind(draw).startswith("float"),
     "writes a float with more digits than tell it from its neighbours"),
    ("GridSample", lambda draw, reason: given(draw, "mode") == "cubic" and given(draw, "padding_mode") == "border",
     "clamps each tap; the standard moves the location itself to the border"),
    ("Loop", lambda draw, reason: "does not iterate" in reason,
     "gives [0] as the shape of what no iteration made and nothing declares"),
    ("Gemm MatMul MatMulInteger ms.FusedGemm ms.FusedMatMul", lambda draw, reason: nothing_summed(draw),
     "leaves the result of a product without inner elements unset"),
    ("MeanVarianceNormalization",
     lambda draw, reason: all(dims(draw)[a] == 1 for a in given(draw, "axes", [0, 2, 3])) and "NaN" in reason,
     "divides by a deviation of 0; the standard's body adds 1e-9"),
    ("ReduceSum ReduceL1 ReduceL2 ReduceProd ReduceMean ReduceSumSquare ReduceLogSum ReduceLogSumExp ReduceMax ReduceMin",
     lambda draw, reason: 0 in dims(draw) and names_shape(reason), "keeps axes of an empty tensor that are reduced"),
    ("Resize Resize.old", lambda draw, reason: given(draw, "coordinate_transformation_mode") == "align_corners"
     and has(draw, 2) and not has(draw, 3),
     "takes the size of the result where the scale gives a fraction of it; the backend suite takes the fraction"),
    ("LSTM", lambda draw, reason: "clip" in draw.attributes,
     "does not clip the cell state, which is the input of the third activation"),
    ("Shrink", lambda draw, reason: kind(draw) == "float64" and (
        distance(reason) < 1e-6 or bool(np.isclose(np.abs(draw.inputs[0]), given(draw, "lambd", 0.5)).any())),
     "computes doubles in float"),
    ("SplitToSequence", lambda draw, reason: given(draw, "keepdims") == 0 and has(draw, 1) and names_shape(reason),
     "drops the axis though split is given, with which keepdims is ignored"),
    ("StringSplit", lambda draw, reason: given(draw, "delimiter") and bool((draw.inputs[0] == "").any()),
     "counts no substring in an empty string; split by a delimiter it is one empty substring"),
    ("StringSplit", lambda draw, reason: given(draw, "maxsplit") == 0 and not given(draw, "delimiter"),
     "keeps the blanks at the end of what is not split"),
    ("Dropout", lambda draw, reason: draw.opset < 12 and "output 'o1'" in reason,
     "gives a mask of zeros, which would mean that everything was dropped"),
    ("ml.LinearClassifier ml.SVMClassifier ml.TreeEnsembleClassifier ml.LinearRegressor",
     lambda draw, reason: given(draw, "post_transform") == "PROBIT" and distance(reason) < 0.02,
     "approximates the inverse of erf to two digits"),
    ("ml.LinearClassifier", lambda draw, reason: given(draw, "post_transform") == "PROBIT"
     and len(given(draw, "intercepts", [])) == 1, "writes one score per row into two columns, the rest is unset"),
    ("ml.SVMClassifier", lambda draw, reason: given(draw, "post_transform") == "PROBIT" and len(given(draw, "rho")) == 1
     and names_shape(reason), "leaves a second column unset"),
    ("ml.SVMClassifier", lambda draw, reason: "support_vectors" not in draw.attributes and "output 'o0'" in reason
     and len(given(draw, "classlabels_ints", given(draw, "classlabels_strings"))) == 2,
     "gives the second label to any positive score of a linear model, though the first class has the higher one"),
    ("ml.SVMRegressor", lambda draw, reason: given(draw, "post_transform") == "PROBIT", "ignores post_transform"),
    ("ml.TreeEnsembleRegressor ml.TreeEnsembleClassifier", lambda draw, reason: "base_values" in draw.attributes,
     "drops the base value of what no leaf that a row reaches speaks of"),
    ("ml.TreeEnsembleClassifier", lambda draw, reason: len(set(given(draw, "class_ids"))) == 1
     and given(draw, "post_transform") == "PROBIT", "leaves a second column unset"),
    ("ml.TreeEnsembleClassifier", lambda draw, reason: len(set(given(draw, "class_ids"))) == 2
     and len(given(draw, "classlabels_int64s", given(draw, "classlabels_strings"))) == 2,
     "numbers the classes instead of giving their labels, and goes by a threshold instead of the higher score"),
    ("ml.TreeEnsemble", lambda draw, reason: kind(draw) == "float64" and distance(reason) < 1e-5,
     "computes doubles in float"),
    ("ml.TreeEnsemble", lambda draw, reason: given(draw, "post_transform") in (1, 2),
     "swaps the numbers of SOFTMAX and LOGISTIC"),
)

EXPLANATIONS = tuple(Explanation(operators, oracle, holds, why)
                     for oracle, table in (("reference", REFERENCE), ("ort", ORT)) for operators, holds, why in table)
