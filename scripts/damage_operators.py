#!/usr/bin/env python3
"""Runs damaged models of one operator: each has to end with a result or an error that names its node.

Takes the draws of compare_operators.py and damages them: indices and sizes out of range, zeros, infinities, shapes and
types that do not fit, inputs and attributes that are missing or extreme. Lets a conformance_suite run them, best that
of the asan preset, and reports each block of cases in which it crashes, hangs or names no node. Exit code 1 when one does.

usage: damage_operators.py [--cases N] [--seed N] [--operators A,B] [--program PROGRAM]
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

import numpy as np

import compare_operators as compare
from operator_draws import DRAWS
from operator_draws.parts import flag, pick

BLOCK = 200
SECONDS = 300
EXTREME = (0, 1, -1, 2, 7, -7, 1000, 2**31 - 1, -(2**31), 2**31, 2**62, 2**63 - 1, -(2**63))


def damage_array(rng, value):
    how = pick(rng, "element", "element", "element", "zeros", "shape", "shape", "type")
    if how == "element" and value.size and value.dtype.kind in "iuf":
        value = value.copy()
        at = int(rng.integers(value.size))
        if value.dtype.kind == "f":
            value.flat[at] = pick(rng, float("nan"), float("inf"), -float("inf"), 0.0, 3e38)
        else:
            info = np.iinfo(value.dtype)
            value.flat[at] = min(max(pick(rng, *EXTREME), int(info.min)), int(info.max))
        return value
    if how == "zeros" and value.dtype.kind in "iufb":
        return np.zeros_like(value)
    if how == "type" and value.dtype.kind in "iufb":
        return value.astype(pick(rng, "float32", "int64", "int32", "uint8", "bool", "float16"))
    if flag(rng) and value.ndim:
        return value[(slice(0, int(rng.integers(0, value.shape[0] + 1))),)]
    return value[None] if flag(rng) or not value.ndim else value[..., None]


def damage_attribute(rng, value):
    if isinstance(value, (bool, int)):
        return int(pick(rng, *EXTREME))
    if isinstance(value, float):
        return pick(rng, float("nan"), float("inf"), 0.0, -1.0)
    if isinstance(value, str):
        return pick(rng, "", "NONSENSE")
    if isinstance(value, list) and value and isinstance(value[0], int):
        value = list(value)
        if flag(rng, 0.3):
            return value[:-1] or [1, 2, 3]
        value[int(rng.integers(len(value)))] = int(pick(rng, *EXTREME))
    return value


def damage(rng, draw):
    for _ in range(rng.integers(1, 4)):
        arrays = [k for k, value in enumerate(draw.inputs) if isinstance(value, np.ndarray)]
        if draw.attributes and (not arrays or flag(rng, 0.4)):
            name = pick(rng, *sorted(draw.attributes))
            if flag(rng, 0.2):
                del draw.attributes[name]
            else:
                draw.attributes[name] = damage_attribute(rng, draw.attributes[name])
        elif arrays:
            k = pick(rng, *arrays)
            draw.inputs[k] = None if flag(rng, 0.1) else damage_array(rng, draw.inputs[k])
    return draw


def write(folder, name, draw):
    """The line of a case that expects no outputs, so that whatever comes out differs."""
    model = compare.model_of(draw)
    data = folder / name / "test_data_set_0"
    data.mkdir(parents=True)
    (folder / name / "model.onnx").write_bytes(model.SerializeToString())
    given = [value for value in draw.inputs if value is not None]
    for k, value in enumerate(given):
        (data / f"input_{k}.pb").write_bytes(compare.encode(value, f"i{k}").SerializeToString())
    return f"{name}\t{draw.op}\t1e-3\t1e-5\n"


def run_block(program, folder, count):
    """What is wrong with the run of a block of cases; an empty list when nothing is."""
    try:
        command = [str(program), str(folder), os.devnull, "--mode", "exact"]
        run = subprocess.run(command, capture_output=True, text=True, errors="replace",
                             timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return [f"still runs after {SECONDS} s"]
    if f" of {count} cases pass" not in run.stdout:
        return [f"exit code {run.returncode}", run.stderr[-3000:]]
    wrong = []
    for name, reason in re.findall(r"^UNEXPECTED (\S+) \([^)]*\): (.*)$", run.stdout, re.M):
        if "node" not in reason and "input" not in reason and "outputs, expected" not in reason:
            wrong.append(f"{name}: {reason}")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--operators", default="")
    parser.add_argument("--program", type=pathlib.Path, default=compare.ROOT / "build-asan" / "conformance_suite")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    wanted = [name for name in options.operators.split(",") if name]
    names = sorted(name for name in DRAWS if not wanted or name in wanted)
    bad = 0
    for start in range(0, options.cases, BLOCK):
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            lines = []
            for k in range(start, min(start + BLOCK, options.cases)):
                rng = np.random.default_rng([options.seed, k])
                op = names[k % len(names)]
                with np.errstate(all="ignore"):
                    draw = damage(rng, compare.draw_case(op, rng))
                lines.append(write(folder, f"{op}-{k}", draw))
            (folder / "cases.txt").write_text("".join(lines))
            wrong = run_block(options.program, folder, len(lines))
        bad += len(wrong)
        for each in wrong:
            print(f"cases {start} to {start + BLOCK - 1}: {each}", flush=True)
    print(f"{options.cases} cases, {bad} complaints")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
