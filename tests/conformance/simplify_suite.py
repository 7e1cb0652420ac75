#!/usr/bin/env python3
"""Simplifies every model of the ONNX backend test suite; what changes must give ONNX Runtime the same results.

usage: simplify_suite.py [--only TEXT] [--jobs N] [--times]
A case that ONNX Runtime cannot run before the change is skipped; so is one that simplify leaves as it is.
"""
import json
import pathlib
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

sys.path.insert(0, str(HERE))

from harness import BUILD, Skip, Suite, tool  # noqa: E402
from run_suite import decode  # noqa: E402

CASES = BUILD / "conformance"


def run(path, feeds):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, feeds)


def feeds_of(name):
    folder = CASES / name
    model = onnx.load(str(folder / "model.onnx"))
    files = [folder / "test_data_set_0" / f"input_{i}.pb" for i in range(len(model.graph.input))]
    return {info.name: decode(file.read_bytes(), info) for info, file in zip(model.graph.input, files) if file.exists()}


def assert_same(got, wanted):
    assert got.shape == wanted.shape and got.dtype == wanted.dtype, f"{got.dtype}{got.shape}, expected {wanted.dtype}{wanted.shape}"
    if wanted.dtype.kind in "fc":  # sums may be taken in another order: float32 rounding, not more
        np.testing.assert_allclose(got, wanted, rtol=1e-3, atol=1e-5, equal_nan=True)
    else:
        np.testing.assert_array_equal(got, wanted)


def simplified_agrees(folder, name):
    out = folder / "simple.onnx"
    report = json.loads(tool("simplify", CASES / name / "model.onnx", "-o", out, "--verify", "off", "--json").out)
    if report["steps"] == 0:
        raise Skip("unchanged")
    feeds = feeds_of(name)
    try:
        wanted = run(CASES / name / "model.onnx", feeds)
    except Exception as error:  # whatever the runtime does not support
        raise Skip("ONNX Runtime: " + str(error)[:80]) from error
    for a, b in zip(run(out, feeds), wanted, strict=True):
        if isinstance(b, np.ndarray):
            assert_same(a, b)


def main():
    subprocess.run([sys.executable, str(HERE / "run_suite.py"), "--generate-only"], check=True)
    suite = Suite()
    for line in (CASES / "cases.txt").read_text().splitlines():
        name = line.split("\t")[0]
        suite.case(name, simplified_agrees, name)
    suite.main()


if __name__ == "__main__":
    main()
