#!/usr/bin/env python3
"""Compares operators with ONNX Runtime and with the reference implementation of the `onnx` package.

Draws models of one node with random attributes, shapes (sizes 0 and 1 and broadcasting included) and types, runs each
in both oracles, and lets build/conformance_suite compare the executor with each. Prints, per operator, how often all
three agree, and every case where two agree against one, so that it can be run again by its number: drawing is
reproducible. What an oracle refuses, it has no vote in. Exit code 1 when the executor stands alone.

usage: compare_operators.py [--cases N] [--seed N] [--operators A,B] [--program PROGRAM] [--keep FOLDER] [-v]
"""
import argparse
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnx
from onnx import helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from operator_draws import DRAWS  # noqa: E402

#: By the type of the expected output: rtol, atol. Sums of float products in another order need the second.
TOLERANCES = {np.dtype("float16"): (4e-3, 2e-3), np.dtype("float64"): (1e-9, 1e-9)}
DEFAULT_TOLERANCE = (1e-3, 1e-5)


def model_of(draw):
    names = [f"i{k}" if value is not None else "" for k, value in enumerate(draw.inputs)]
    while names and not names[-1]:
        names.pop()
    outputs = [f"o{k}" for k in range(draw.num_outputs)]
    node = helper.make_node(draw.op, names, outputs, domain=draw.domain, **draw.attributes)
    infos = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for name, value in zip(names, draw.inputs)
        if name
    ]
    graph = helper.make_graph([node], "g", infos, [onnx.ValueInfoProto(name=name) for name in outputs])
    opsets = [helper.make_opsetid("", draw.opset)]
    if draw.domain:
        opsets.append(helper.make_opsetid(draw.domain, 1))
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    return model


def ort_outputs(model, feeds):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, feeds)


def reference_outputs(model, feeds):
    from onnx.reference import ReferenceEvaluator

    return [np.asarray(value) for value in ReferenceEvaluator(model).run(None, feeds)]


def attempt(run, model, feeds):
    """The outputs, or the reason why there are none."""
    try:
        with np.errstate(all="ignore"):
            outputs = run(model, feeds)
        return outputs, ""
    except Exception as error:  # noqa: BLE001 whatever an oracle raises is a refusal
        return None, str(error).split("\n")[0][:150]


def agree(a, b):
    if len(a) != len(b):
        return False
    for x, y in zip(a, b):
        if x.dtype != y.dtype or x.shape != y.shape:
            return False
        if x.dtype.kind in "OUS":
            if not np.array_equal(x, y):
                return False
            continue
        rtol, atol = TOLERANCES.get(y.dtype, DEFAULT_TOLERANCE)
        wide = complex if x.dtype.kind == "c" else np.longdouble
        with np.errstate(all="ignore"):
            if not np.allclose(x.astype(wide), y.astype(wide), rtol, atol, equal_nan=True):
                return False
    return True


def write_case(folder, name, model, op, feeds, outputs):
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
    # As tests/conformance/run_suite.py writes data sets: a model without nodes whose initializers are the tensors.
    tensors = [numpy_helper.from_array(value, f"input:{key}") for key, value in feeds.items()]
    tensors += [numpy_helper.from_array(value, f"output:{k}") for k, value in enumerate(outputs)]
    data = helper.make_model(helper.make_graph([], "data", [], [], tensors))
    (folder / f"{name}.data0.onnx").write_bytes(data.SerializeToString())
    rtol, atol = TOLERANCES.get(outputs[0].dtype, DEFAULT_TOLERANCE)
    return f"{name}\t{op}\t{rtol!r}\t{atol!r}\t1\n"


def judge(program, folder):
    """{case name: what is wrong} for the cases that the executor does not give as expected."""
    command = [str(program), str(folder), os.devnull, "--mode", "exact"]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return {m[1]: m[2] for m in re.finditer(r"^UNEXPECTED (\S+) \([^)]*\): (.*)$", output, re.M)}


def verdict(case, wrong):
    """all, alone (the executor), ort-alone, reference-alone, disagree, refused-by-us, no-oracle."""
    votes = {name: wrong.get(f"{case.name}.{name}") for name in case.oracles}
    if not votes:
        return "no-oracle"
    if all(reason is None for reason in votes.values()):
        return "all"
    if len(votes) == 1 or case.oracles_agree:
        return "alone"
    if all(votes.values()):
        return "disagree"
    return "ort-alone" if votes["ort"] else "reference-alone"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--operators", default="")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" / "conformance_suite")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("-v", "--verbose", action="store_true", help="print where one oracle stands alone, too")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    wanted = [name for name in options.operators.split(",") if name]
    draws = {name: draw for name, draw in DRAWS.items() if not wanted or name in wanted}
    names = sorted(draws)
    temporary = tempfile.TemporaryDirectory()
    folder = options.keep or pathlib.Path(temporary.name)
    folder.mkdir(parents=True, exist_ok=True)
    Case = collections.namedtuple("Case", "name op draw oracles oracles_agree refusals")
    cases = []
    lines = []
    for index in range(options.cases):
        op = names[index % len(names)]
        draw = draws[op](np.random.default_rng([options.seed, index]))
        model = model_of(draw)
        feeds = {f"i{k}": np.asarray(value) for k, value in enumerate(draw.inputs) if value is not None}
        found = {}
        refusals = {}
        for oracle, run in (("ort", ort_outputs), ("reference", reference_outputs)):
            outputs, reason = attempt(run, model, feeds)
            if outputs is None:
                refusals[oracle] = reason
                continue
            found[oracle] = outputs
        name = f"{op}-{index}"
        for oracle, outputs in found.items():
            lines.append(write_case(folder, f"{name}.{oracle}", model, op, feeds, outputs))
        both = len(found) == 2 and agree(found["ort"], found["reference"])
        cases.append(Case(name, op, draw, list(found), both, refusals))
    (folder / "cases.txt").write_text("".join(lines))
    wrong = judge(options.program, folder)
    totals = collections.Counter()
    by_op = collections.defaultdict(collections.Counter)
    for case in cases:
        outcome = verdict(case, wrong)
        totals[outcome] += 1
        by_op[case.op][outcome] += 1
        if outcome in ("alone", "disagree") or (options.verbose and outcome not in ("all", "no-oracle")):
            reasons = " | ".join(f"{o}: {wrong.get(f'{case.name}.{o}', 'agrees')}" for o in case.oracles)
            shapes = [f"{i.dtype}{list(i.shape)}" if i is not None else "-" for i in case.draw.inputs]
            print(f"{outcome} {case.name} opset {case.draw.opset} {case.draw.attributes} {shapes}\n    {reasons}")
        if outcome == "no-oracle" and options.verbose:
            print(f"no-oracle {case.name} {case.draw.attributes} {case.refusals}")
    for op in names:
        print(f"{op:28}", dict(by_op[op]))
    print(dict(totals))
    return 1 if totals["alone"] else 0


if __name__ == "__main__":
    sys.exit(main())
