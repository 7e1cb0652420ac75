"""Small models that the command-line cases need, written with the onnx package."""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def save(path, nodes, inputs, outputs, weights=(), opset=13, domains=()):
    """inputs and outputs: {name: shape}, all float; weights: {name: array}."""
    infos = [[helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in d.items()] for d in (inputs, outputs)]
    graph = helper.make_graph(nodes, "g", *infos, [numpy_helper.from_array(a, n) for n, a in dict(weights).items()])
    opsets = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), str(path))
    return pathlib.Path(path)


def unknown_operator(folder):
    """An operator of a foreign domain: no kernel, no schema."""
    node = helper.make_node("Frobnicate", ["x"], ["y"], name="frob_1", domain="com.example")
    return save(folder / "unknown_operator.onnx", [node], {"x": [1, 4]}, {"y": [1, 4]}, domains=["com.example"])


def merged_batch(folder):
    """Batch 4 and the features are merged and split otherwise: no other batch can be right."""
    nodes = [helper.make_node("Reshape", ["x", "shape"], ["r"], name="merge"), helper.make_node("Relu", ["r"], ["y"], name="relu")]
    return save(folder / "merged_batch.onnx", nodes, {"x": [4, 6]}, {"y": [3, 8]}, {"shape": np.array([3, 8], np.int64)})
