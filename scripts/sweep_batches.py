#!/usr/bin/env python3
"""Gives models other batches with `edit --set-batch` and compares ONNX Runtime's results, sample by sample.

Each model is set to 1, to 3, to the symbol N, and from N back to what it was.  The original runs on the same samples,
in groups of its own batch where it has a fixed one.  With --fixed the same is done to copies that were set to 1 and to
2 and then simplified, which hides the batch in constants.  Models come with weights (see scripts/fill.py); their side
files give the inputs.  A refusal is listed with its reason and fails nothing.

usage: sweep_batches.py [--tool PROGRAM] [--fixed] MODEL_OR_FOLDER... [--sides FOLDER]
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
from fill import sample_inputs  # noqa: E402

RTOL, ATOL = 1e-3, 1e-4
SAMPLES_OF_N = 5


class Refused(Exception):
    pass


def tool(program, *arguments):
    done = subprocess.run([str(program), *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"exit {done.returncode}: " + done.stderr.strip().removeprefix("onnx-tool: error: ")[:300])


def session(path):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def shapes(path):
    """Dims of the inputs without an initializer; None for what is no tensor."""
    graph = onnx.load(str(path), load_external_data=False).graph
    weights = {w.name for w in graph.initializer}
    return {i.name: [d.dim_param or d.dim_value for d in i.type.tensor_type.shape.dim]
            if i.type.WhichOneof("value") == "tensor_type" else None for i in graph.input if i.name not in weights}


def take(value, indices, axis=0):
    return [value[i] for i in indices] if isinstance(value, list) else np.take(value, indices, axis)


def samples(inputs, carriers, count, seed):
    """`count` samples of each input that carries the batch, no two the same."""
    rng = np.random.default_rng(seed)
    made = dict(inputs)
    for name, axis in carriers.items():
        value = inputs[name]
        rows = [take(value, [i % value.shape[axis]], axis) for i in range(count)]
        for i in range(value.shape[axis], count):
            if value.dtype.kind == "f":
                rows[i] = (rows[i] + rng.standard_normal(rows[i].shape) * 0.1).astype(value.dtype)
            elif value.dtype.kind in "iu":
                rows[i] = rng.permutation(rows[i].reshape(-1)).reshape(rows[i].shape)
        made[name] = np.concatenate(rows, axis)
    return made


def in_groups(original, inputs, carriers, count, batch):
    """The original's outputs for each group of `batch` samples. Where there are too few, other samples, which stand
    behind the first `count` of the inputs, fill the group up: a row that is broadcast to the old batch shows."""
    results = []
    for first in range(0, count, batch):
        group = {n: take(v, range(first, first + batch), carriers[n]) if n in carriers else v for n, v in inputs.items()}
        results.append(original.run(None, group))
    return results


def differences(name, got, groups, count, batch):
    """What is wrong with one output, "" for nothing."""
    if isinstance(got, list):
        expected = [x for group in groups for x in group][:count]
        if got and isinstance(got[0], dict):
            same = len(got) == len(expected) and all(
                a.keys() == b.keys() and np.allclose(list(a.values()), list(b.values()), RTOL, ATOL)
                for a, b in zip(got, expected))
            return "" if same else f"{name}: maps differ"
        return f"{name}: a sequence, not compared"
    if len(groups) == 1 and got.shape == groups[0].shape:  # without samples, or as many as the old batch
        expected = groups[0]
    else:
        axes = [i for i in range(got.ndim) if got.ndim == groups[0].ndim and got.shape[i] == count
                and groups[0].shape[i] == batch and got.shape[:i] + got.shape[i + 1:] == groups[0].shape[:i] + groups[0].shape[i + 1:]]
        if not axes:
            return f"{name}: {got.shape}, in groups {groups[0].shape}"
        expected = take(np.concatenate(groups, axes[0]), range(count), axes[0])
    if got.dtype.kind == "f":
        worst = float(np.max(np.abs(got - expected), initial=0))
        return "" if np.allclose(got, expected, RTOL, ATOL, equal_nan=True) else f"{name}: differs by {worst:g}"
    return "" if np.array_equal(got, expected) else f"{name}: differs"


def compare(path, changed, inputs, before, count):
    """What is wrong with the changed model on `count` samples, as a list."""
    after = shapes(changed)
    carriers = {}
    for name in inputs:
        axes = [i for i, (a, b) in enumerate(zip(before[name], after[name])) if a != b]
        if axes:
            carriers[name] = axes[0]
    leader = next(iter(carriers), None)
    if leader is None:  # as it was
        now, then = session(changed).run(None, inputs), session(path).run(None, inputs)
        return [x for i, o in enumerate(session(changed).get_outputs())
                if (x := differences(o.name, now[i], [then[i]], sys.maxsize, 1))]
    fixed = before[leader][carriers[leader]]
    batch = fixed if isinstance(fixed, int) and fixed > 0 else count
    num_groups = -(-count // batch)
    all_samples = samples(inputs, carriers, num_groups * batch, 1)
    now = session(changed)
    found = now.run(None, {n: take(v, range(count), carriers[n]) if n in carriers else v for n, v in all_samples.items()})
    groups = in_groups(session(path), all_samples, carriers, count, batch)
    wrong = [differences(o.name, found[i], [g[i] for g in groups], count, batch) for i, o in enumerate(now.get_outputs())]
    return [text for text in wrong if text]


def fitted(inputs, declared):
    """Inputs with the sizes that the model declares as numbers."""
    for name, value in inputs.items():
        for axis, size in enumerate(declared[name]):
            if isinstance(size, int) and size > 0 and value.shape[axis] != size:
                value = np.take(value, [i % value.shape[axis] for i in range(size)], axis)
        inputs[name] = value
    return inputs


def sweep(path, side, program, folder):
    """(agreeing, refused, wrong) counts."""
    before = shapes(path)
    if not before or None in before.values() or not any(before.values()):
        print(f"{path.stem}: no batch")
        return 0, 0, 0
    specs = json.loads(side.read_text())["inputs"]
    inputs = fitted({n: v for n, v in sample_inputs(specs, 0).items() if n in before}, before)
    counts = [0, 0, 0]
    free = folder / "N.onnx"
    was = None
    for target, count in (("1", 1), ("3", 3), ("N", SAMPLES_OF_N), ("back", SAMPLES_OF_N)):
        out = free if target == "N" else folder / "out.onnx"
        try:
            if target != "back":
                tool(program, "edit", path, "-o", out, "--set-batch", target, "--verify", "off")
            elif not was:
                continue
            else:
                tool(program, "edit", free, "-o", out, "--set-batch", was, "--verify", "off")
            wrong = compare(path, out, inputs, before, count)
            if target == "N":
                sizes = [b for n in before for b, a in zip(before[n], shapes(free)[n]) if a != b]
                was = str(sizes[0] or "original") if sizes else None
        except Refused as refusal:
            counts[1] += 1
            print(f"{path.stem} -> {target}: refused, {refusal}")
            continue
        except Exception as error:  # ONNX Runtime's
            wrong = [f"{type(error).__name__}: {str(error)[:300]}"]
        counts[2 if wrong else 0] += 1
        for text in wrong:
            print(f"{path.stem} -> {target}: WRONG, {text}")
    print(f"{path.stem}: {counts[0]} agree, {counts[1]} refused, {counts[2]} wrong", flush=True)
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=ROOT / "build" / "onnx-tool")
    parser.add_argument("--sides", type=pathlib.Path)
    parser.add_argument("--fixed", action="store_true", help="also copies that were fixed at 1 and 2 and simplified")
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    paths = [p for m in arguments.models for p in (sorted(m.glob("*.onnx")) if m.is_dir() else [m])]
    totals = np.zeros(3, int)
    for path in paths:
        side = (arguments.sides or path.parent) / f"{path.stem}.json"
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            totals += sweep(path, side, arguments.tool, folder)
            for batch in ("1", "2") if arguments.fixed else ():
                fixed, small = folder / "fixed.onnx", folder / f"{path.stem}_{batch}.onnx"
                try:
                    tool(arguments.tool, "edit", path, "-o", fixed, "--set-batch", batch, "--verify", "off")
                    tool(arguments.tool, "simplify", fixed, "-o", small, "--verify", "off")
                except Refused:
                    continue
                totals += sweep(small, side, arguments.tool, folder)
    print(f"{totals[0]} agree, {totals[1]} refused, {totals[2]} wrong")
    return int(totals[2] > 0)


if __name__ == "__main__":
    sys.exit(main())
