#!/usr/bin/env python3
"""Compares shape inference with other tools and with what really comes out of ONNX Runtime.

For each model: every tensor of which onnx.shape_inference (strict mode, data propagation) or ONNX Runtime's symbolic
shape inference script knows more than we do (what they know and a run refutes does not count), and every tensor whose real type, shape or content in a run differs from the inferred one under the run's values of the
symbols.  Models come with weights (see scripts/fill.py); their side files give the inputs, two sets where dims are
dynamic.  Needs build/print_facts (ninja -C build print_facts) and the onnx and onnxruntime packages.

usage: compare_inference.py [-v] MODEL_OR_FOLDER... [--sides FOLDER] [--no-run]
"""
import argparse
import json
import math
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from fractions import Fraction

import numpy as np
import onnx
from onnx import helper, shape_inference

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
from fill import sample_inputs  # noqa: E402

TENSOR, SEQUENCE = 1, 3


def load_facts(path):
    """The facts of the main graph by value name, and the summary line."""
    done = subprocess.run([str(ROOT / "build" / "print_facts"), str(path)], capture_output=True, check=True)
    lines = [json.loads(line) for line in done.stdout.decode(errors="replace").splitlines()]
    summary = lines.pop()
    if "exception" in summary:
        sys.exit(f"{path}: {summary['exception']}")
    return {line["value"]: line for line in lines if line["main"]}, summary


def dims_of(fact):
    return fact["type"].get("shape")


# ---- Against other tools ---------------------------------------------------------------------------------------------


def by_onnx(model):
    return shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)


def by_onnxruntime(model):
    from onnxruntime.tools.symbolic_shape_infer import SymbolicShapeInference
    return SymbolicShapeInference.infer_shapes(model, 2**31 - 1, True, False, 0)


def facts_of_model(model, named):
    """(element type, dims or None) by name; a dim is an int, a formula of named symbols or None."""
    def dim_of(dim):
        if dim.HasField("dim_value"):
            return dim.dim_value
        symbols = set(re.findall(r"[A-Za-z_][\w.]*", dim.dim_param)) - {"floor", "ceiling", "Max", "Min"}
        return dim.dim_param if symbols and symbols <= named else None

    found = {}
    for info in [*model.graph.value_info, *model.graph.output]:
        if info.type.WhichOneof("value") == "tensor_type":
            tensor = info.type.tensor_type
            dims = [dim_of(d) for d in tensor.shape.dim] if tensor.HasField("shape") else None
            found[info.name] = (tensor.elem_type, dims)
    return found


def input_symbols(model):
    return {d.dim_param for i in model.graph.input for d in i.type.tensor_type.shape.dim if d.dim_param}


def knows_more(theirs, fact, fresh):
    """What another tool knows of a tensor that we do not; "" for nothing."""
    element_type, dims = theirs
    if element_type and fact["type"]["element_type"] == 0:
        return "element type"
    if element_type and element_type != fact["type"]["element_type"]:
        return f"another element type: {element_type}"
    ours = dims_of(fact)
    if dims is None:
        return ""
    if ours is None:
        return "rank"
    if len(dims) != len(ours):
        return f"another rank: {dims}"
    for axis, (a, b) in enumerate(zip(dims, ours)):
        if isinstance(a, int) and a != b:
            return f"axis {axis}: {a}"
        if isinstance(a, str) and isinstance(b, dict) and any(s in fresh for s in b["symbols"]):
            return f"axis {axis}: {a}"
    return ""


def contradicts(theirs, value):
    """Whether a real value shows that another tool is wrong."""
    dims = theirs[1]
    if dims is None or not isinstance(value, np.ndarray):
        return False
    return len(dims) != value.ndim or any(isinstance(d, int) and d != r for d, r in zip(dims, value.shape))


def limited(function, model, seconds):
    """The function's result, or an error text when it raises or takes too long; in a process of its own."""
    def work(pipe):
        os.chdir(tempfile.gettempdir())  # ONNX Runtime's script leaves files behind where it fails
        try:
            pipe.send_bytes(function(model).SerializeToString())
        except Exception as error:
            pipe.send_bytes(b"!" + (str(error) or type(error).__name__).splitlines()[0][:150].encode())

    receiver, sender = multiprocessing.Pipe(False)
    process = multiprocessing.get_context("fork").Process(target=work, args=(sender,))
    process.start()
    try:
        if not receiver.poll(seconds):
            return f"takes over {seconds} s"
        answer = receiver.recv_bytes()
        return answer[1:].decode() if answer[:1] == b"!" else onnx.ModelProto.FromString(answer)
    finally:
        process.kill()
        process.join()


# ---- Against a run ---------------------------------------------------------------------------------------------------


def evaluate(dim, bindings):
    """The integer a dim has, or None while one of its symbols is not bound."""
    if isinstance(dim, int) or dim is None:
        return dim
    if any(s not in bindings for s in dim["symbols"]):
        return None
    names = sorted(dim["symbols"], key=len, reverse=True)
    text = re.sub("|".join(map(re.escape, names)), lambda m: f"Fraction({bindings[m.group(0)]})", dim["text"])
    return int(eval(text, {"Fraction": Fraction, "floor": math.floor, "min": min, "max": max}))


def is_plain(dim):
    return isinstance(dim, dict) and dim["symbols"] == [dim["text"]]


def run_all(path, inputs):
    """Every tensor of the main graph by name, as ONNX Runtime computes it."""
    import onnxruntime
    model = onnx.load(str(path))
    have = {o.name for o in model.graph.output}
    for node in model.graph.node:
        for name in node.output:
            if name and name not in have:
                have.add(name)
                model.graph.output.append(onnx.ValueInfoProto(name=name))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    return {**inputs, **dict(zip(names, session.run(names, inputs)))}


def element_type_of(array):
    return 8 if array.dtype.kind in "OSU" else helper.np_dtype_to_tensor_dtype(array.dtype)


def compare_run(facts, values):
    """What is wrong, as (name, what) pairs."""
    wrong = []
    bindings = {}
    pending = []  # (name, what, dim, real)
    order = sorted(values, key=lambda name: not facts.get(name, {}).get("input", False))
    for name in order:
        value, fact = values[name], facts.get(name)
        if fact is None:
            continue
        if not isinstance(value, np.ndarray):
            kind = TENSOR if np.isscalar(value) else SEQUENCE
            if fact["type"]["kind"] not in (kind, 0, 5):
                wrong.append((name, f"is no {fact['type']['text']}"))
            continue
        if fact["type"]["kind"] not in (TENSOR, 0, 5):
            wrong.append((name, f"is a tensor, not {fact['type']['text']}"))
            continue
        if fact["type"]["element_type"] not in (0, element_type_of(value)):
            wrong.append((name, f"is {value.dtype}, not {fact['type']['text']}"))
        dims = dims_of(fact)
        if dims is None:
            continue
        if len(dims) != value.ndim:
            wrong.append((name, f"has shape {value.shape}, not {fact['type']['text']}"))
            continue
        pending += [(name, f"axis {i} of {fact['type']['text']}", d, r) for i, (d, r) in enumerate(zip(dims, value.shape))]
        if "content" in fact:
            real = value.reshape(-1)
            if len(real) != len(fact["content"]):
                wrong.append((name, f"has {len(real)} elements, not {len(fact['content'])}"))
            else:
                pending += [(name, f"element {i}", d, int(r)) for i, (d, r) in enumerate(zip(fact["content"], real))]
    while pending:
        left = []
        for name, what, dim, real in pending:
            if is_plain(dim) and dim["text"] not in bindings:
                bindings[dim["text"]] = real
            found = evaluate(dim, bindings)
            if found is None:
                left.append((name, what, dim, real))
            elif found != real:
                text = dim["text"] if isinstance(dim, dict) else dim
                wrong.append((name, f"{what} is {real}, not {text} = {found}"))
        if len(left) == len(pending):
            break  # unknown, or symbols of subgraphs
        pending = left
    return wrong


# ---- Report ----------------------------------------------------------------------------------------------------------


def compare(path, side, arguments):
    facts, summary = load_facts(path)
    fresh = set(summary["fresh"])
    produced = [f for f in facts.values() if "op" in f]
    ranked = [f for f in produced if f["type"]["kind"] != TENSOR or dims_of(f) is not None]
    complete = [f for f in ranked if not any(
        isinstance(d, dict) and any(s in fresh for s in d["symbols"]) for d in dims_of(f) or [])]
    print(f"{path.stem}: {len(produced)} tensors, {len(ranked)} with rank, {len(complete)} in the model's own symbols, "
          f"{summary['milliseconds']:.1f} ms")
    lines = [f"error: {e}" for e in summary["errors"]] + [f"contradiction: {c}" for c in summary["contradictions"]]
    lines += [f"unknown operator: {o}" for o in summary["unknown_operators"]]
    bad = 0
    specs = json.loads(side.read_text()) if side.exists() else {}
    real = {}
    for key in ["inputs", "inputs_other"] if not arguments.no_run else []:
        if key not in specs:
            continue
        values = run_all(path, sample_inputs(specs[key]))
        real = real or values
        for name, what in compare_run(facts, values):
            bad += 1
            lines.append(f"wrong in the run of {key}: {name} ({facts[name].get('op', 'input')}) {what}")
    model = onnx.load(str(path))
    for tool, function in (("onnx.shape_inference", by_onnx), ("symbolic_shape_infer", by_onnxruntime)):
        answer = limited(function, model, arguments.limit)
        if isinstance(answer, str):
            lines.append(f"{tool} fails: {answer}")
            continue
        for name, known in facts_of_model(answer, input_symbols(model)).items():
            if name not in facts or contradicts(known, real.get(name)):
                continue
            if more := knows_more(known, facts[name], fresh):
                bad += 1
                lines.append(f"{tool} knows more of {name} ({facts[name].get('op', 'input')}): {more}; we have "
                             f"{facts[name]['type']['text']}")
    shown = lines if arguments.verbose else lines[:12]
    for line in shown:
        print(f"  {line}")
    if len(shown) < len(lines):
        print(f"  ... {len(lines) - len(shown)} more")
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--sides", type=pathlib.Path, help="folder of the side files (default: beside each model)")
    parser.add_argument("--no-run", action="store_true", help="compare with the other tools alone")
    parser.add_argument("--limit", type=float, default=60, metavar="SECONDS", help="for each of the other tools")
    parser.add_argument("-v", "--verbose", action="store_true", help="every line")
    arguments = parser.parse_args()
    paths = [p for m in arguments.models for p in (sorted(m.glob("*.onnx")) if m.is_dir() else [m])]
    bad = sum(compare(p, (arguments.sides or p.parent) / (p.stem + ".json"), arguments) for p in paths)
    print(f"{len(paths)} models, {bad} tensors that others know better or that we have wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
