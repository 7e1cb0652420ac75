#!/usr/bin/env python3
"""The tool on models that real exporters wrote, against ONNX Runtime and against the peers that simplify.

usage: run.py [--all] [--only TEXT] [--jobs N] [--times]
  --all: every model, and the peers' node counts measured now and not taken from peer_counts.json
"""
import json
import sys

import numpy as np
import onnx
from onnx import numpy_helper

import corpus  # first: it makes harness and fill importable
from corpus import assert_close, filled, input_sets, node_count, ort_run, ort_session
from harness import Suite, tool

EVERYDAY = ("resnet50", "mobilenet_v3_small", "squeezenet1_1", "shufflenet_v2_x1_0", "super_resolution", "srcnn",
            "size0_reshape", "size0_reshape_hw", "hardcoded_batch")
REST = ("alexnet", "mobilenet_v2", "densenet121", "efficientnet_b0")
NEW_BATCH = 3


def run_equals_onnxruntime(folder, name):
    for key, inputs in input_sets(name).items():
        given = folder / f"{key}.npz"
        np.savez(given, **inputs)
        options = [x for i in inputs for x in ("--input", f"{i}={given}:{i}")]
        tool("run", filled(name), *options, "-o", folder / "out.npz")
        assert_close(dict(np.load(folder / "out.npz")), ort_run(filled(name), inputs), key)


def set_batch_agrees(folder, name):
    out = folder / "batch3.onnx"
    tool("edit", filled(name), "-o", out, f"--set-batch={NEW_BATCH}")
    session = ort_session(out)
    rng = np.random.RandomState(3)
    inputs = {i.name: rng.uniform(0, 1, [NEW_BATCH] + i.shape[1:]).astype(np.float32) for i in fixed_inputs(session, name)}
    got = dict(zip([o.name for o in session.get_outputs()], session.run(None, inputs)))
    assert_close(got, original_on(name, inputs), "batch 3")


class FixedInput:
    def __init__(self, name, shape):
        self.name, self.shape = name, shape


def fixed_inputs(session, name):
    """The inputs of the edited model; dimensions that are still dynamic take the size of the side file."""
    specs = corpus.side(name)["inputs"]
    found = [FixedInput(i.name, [d if isinstance(d, int) else s for d, s in zip(i.shape, specs[i.name]["shape"])])
             for i in session.get_inputs()]
    for i in found:
        assert i.shape[0] == NEW_BATCH, f"input {i.name} has shape {i.shape}, expected batch {NEW_BATCH}"
    return found


def original_on(name, inputs):
    """The original's outputs for NEW_BATCH samples, fed in chunks of the batch that the file fixes (padded with zeros)."""
    session = ort_session(filled(name))
    batch = session.get_inputs()[0].shape[0]
    if not isinstance(batch, int):
        return ort_run(filled(name), inputs)
    names = [o.name for o in session.get_outputs()]
    parts = []
    for start in range(0, NEW_BATCH, batch):
        chunk = {}
        for key, value in inputs.items():
            samples = value[start:start + batch]
            chunk[key] = np.concatenate([samples, np.zeros([batch - len(samples), *value.shape[1:]], value.dtype)])
        parts.append(session.run(None, chunk))
    return {n: np.concatenate([p[k] for p in parts])[:NEW_BATCH] for k, n in enumerate(names)}


def simplify_agrees_and_is_small(folder, name, live):
    out = folder / "simple.onnx"
    tool("simplify", filled(name), "-o", out)
    onnx.checker.check_model(str(out))
    for key, inputs in input_sets(name).items():
        assert_close(ort_run(out, inputs), ort_run(filled(name), inputs), key)
    best = min(count for peer, count in peers(name, live).items() if peer != "original")
    assert node_count(out) <= best, f"{node_count(out)} nodes, expected at most {best}"
    tool("diff-run", filled(name), out)


def peers(name, live):
    if live:
        import peer_counts
        return peer_counts.measure(name)
    return json.loads((corpus.ROOT / "tests" / "corpus" / "peer_counts.json").read_text())["models"][name]


def perturbed_weight_is_found(folder, name):
    """Changes one weight of the Conv in the middle: its output is the first bad layer."""
    model = onnx.load(str(filled(name)))
    weights = {i.name: i for i in model.graph.initializer}
    uses = [x for n in model.graph.node for x in n.input]
    convs = [n for n in model.graph.node if n.op_type == "Conv" and n.input[1] in weights and uses.count(n.input[1]) == 1]
    victim = convs[len(convs) // 2]
    weight = weights[victim.input[1]]
    changed = folder / "changed.onnx"
    change_one_element(model, weight, live_input_channel(folder, name, victim, weight), changed)
    report = json.loads(tool("diff-run", filled(name), changed, "--json", code=1).out)
    found = report["first_bad"]
    assert victim.output[0] in json.dumps(found), f"first bad layer {found}, expected {victim.output[0]}"


def live_input_channel(folder, name, conv, weight):
    """The channel of the Conv's first group with the largest input: behind a Relu others can be zero throughout."""
    tool("run", filled(name), "--outputs", conv.input[0], "-o", folder / "conv_input.npz")
    first_group = np.load(folder / "conv_input.npz")[conv.input[0]][:, : weight.dims[1]]
    return int(np.argmax(np.abs(first_group).max(axis=(0, 2, 3))))


def change_one_element(model, weight, channel, path):
    value = numpy_helper.to_array(weight).copy()
    middle = tuple(size // 2 for size in value.shape[2:])
    value[(0, channel, *middle)] += 1 + 10 * np.abs(value).max()
    weight.CopyFrom(numpy_helper.from_array(value, weight.name))
    onnx.save(model, str(path))


def main():
    everything = "--all" in sys.argv
    suite = Suite()
    for name in (EVERYDAY + REST if everything else EVERYDAY):
        suite.case(f"{name}: run equals ONNX Runtime", run_equals_onnxruntime, name)
        suite.case(f"{name}: edit --set-batch 3 agrees with the original", set_batch_agrees, name)
        suite.case(f"{name}: simplify agrees with the original and is no larger than the peers'", simplify_agrees_and_is_small, name, everything)
        suite.case(f"{name}: a perturbed weight is found at its layer", perturbed_weight_is_found, name)
    suite.main([a for a in sys.argv[1:] if a != "--all"])


if __name__ == "__main__":
    main()
