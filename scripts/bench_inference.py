"""Shape inference on 100,000 nodes and on swin_t, against the times that are its goal; `scripts/bench inference` runs it.

What print_facts measures is inference alone, in process time.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

from fill import fill

ROOT = pathlib.Path(__file__).resolve().parent.parent
NUM_NODES = 100_000


def blocks(path):
    """Attention blocks that compute their Reshape targets, one after the other."""
    weights = {"axis": np.int64(1), "first": [0], "one": [1], "rest": [-1], "head": [32], "whole": [256],
               "w": np.zeros((256, 256), np.float32), "scale": np.ones(256, np.float32)}
    nodes = []

    def add(op, inputs, **attributes):
        nodes.append(helper.make_node(op, inputs, [f"v{len(nodes)}"], **attributes))
        return nodes[-1].output[0]

    x = "x"
    while len(nodes) < NUM_NODES:
        q = add("MatMul", [x, "w"])
        shape = add("Shape", [q])
        length = add("Unsqueeze", [add("Gather", [shape, "axis"]), "first"])
        batch = add("Slice", [shape, "first", "one"])
        heads = add("Reshape", [q, add("Concat", [batch, length, "rest", "head"], axis=0)])
        a, b = add("Transpose", [heads], perm=[0, 2, 1, 3]), add("Transpose", [heads], perm=[0, 2, 3, 1])
        mixed = add("Transpose", [add("MatMul", [add("Softmax", [add("MatMul", [a, b])]), a])], perm=[0, 2, 1, 3])
        y = add("Reshape", [mixed, add("Concat", [batch, length, "whole"], axis=0)])
        x = add("LayerNormalization", [add("Add", [x, y]), "scale"])
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", "S", 256])],
                              [helper.make_tensor_value_info(x, TensorProto.FLOAT, None)],
                              [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()])
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return len(nodes)


def row(path):
    """Elementwise nodes, each reading the one before."""
    nodes = [helper.make_node(("Relu", "Neg", "Abs", "Exp")[i % 4], [f"t{i}"], [f"t{i + 1}"]) for i in range(NUM_NODES)]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("t0", TensorProto.FLOAT, ["N", 3, "H", "W"])],
                              [helper.make_tensor_value_info(f"t{NUM_NODES}", TensorProto.FLOAT, None)])
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return len(nodes)


def run(tool, _, folder, runs):
    subprocess.run([ROOT / "scripts" / "build", "release", "print_facts"], check=True, stdout=sys.stderr)
    program = pathlib.Path(tool).with_name("print_facts")
    folder = pathlib.Path(folder)
    path = str(folder / "model.onnx")

    def swin(to):
        fill(str(ROOT / "testdata" / "models" / "swin_t.onnx.gz"), to)
        return 6194

    print(f"inference, median of {runs} runs, {os.cpu_count()} cores\n")
    print("| model | nodes | ms | goal | met |\n| --- | ---: | ---: | ---: | --- |")
    for name, make, goal in (("a row", row, 300), ("attention blocks", blocks, 300), ("swin_t", swin, 50)):
        count = make(path)
        seen = []
        for _ in range(runs):
            done = subprocess.run([program, path], capture_output=True, check=True)
            seen.append(json.loads(done.stdout.splitlines()[-1])["milliseconds"])
        median = statistics.median(seen)
        print(f"| {name} | {count:,} | {median:.0f} | {goal} | {'yes' if median < goal else 'no'} |", flush=True)
