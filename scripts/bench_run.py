"""The exact executor beside ONNX Runtime as it comes (optimised, CPU), on as many threads; `scripts/bench run` runs it.

Each turn is one process of either, which loads the model, runs it once unmeasured and then a few times; they take turns.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys

import numpy as np

import fill

MODELS = ("resnet50", "mobilenet_v2", "bert", "gpt2", "swin_t")
TESTDATA = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "models"
REPEATS = 5
GOAL = 3.0  # times the peer's time

PEER = """
import sys, time, numpy as np, onnxruntime as ort
model, inputs, threads, repeats = sys.argv[1], dict(np.load(sys.argv[2])), int(sys.argv[3]), int(sys.argv[4])
options = ort.SessionOptions()
options.intra_op_num_threads = threads
options.log_severity_level = 3
session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
session.run(None, inputs)
for _ in range(repeats):
    start = time.perf_counter()
    session.run(None, inputs)
    print(time.perf_counter() - start)
"""


def output_of(command):
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {command[0]}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def run(tool, python, folder, runs, threads=os.cpu_count()):
    """Measures and prints; the exit code says whether every goal was met."""
    folder = pathlib.Path(folder)
    print(f"median of {runs} turns of {REPEATS} runs, {threads} threads\n")
    print("| model | onnx-tool, exact | ONNX Runtime | onnx-tool takes | goal | met |\n| --- | ---: | ---: | --- | --- | --- |")
    met = True
    for name in MODELS:
        model, inputs = folder / f"{name}.onnx", folder / f"{name}.npz"
        fill.fill(str(TESTDATA / f"{name}.onnx"), str(model))  # it may lie there gzipped
        side = json.loads(fill.read(str(TESTDATA / f"{name}.json")))
        values = fill.sample_inputs(side["inputs"], 0)
        np.savez(inputs, **values)
        given = [x for key in values for x in ("--input", f"{key}={inputs}:{key}")]
        ours_command = [tool, "run", model, *given, "--threads", threads, "--repeat", REPEATS, "--json"]
        ours, theirs = [], []
        for _ in range(runs):
            ours += json.loads(output_of(ours_command))["profile"]["seconds"]
            theirs += map(float, output_of([python, "-c", PEER, model, inputs, threads, REPEATS]).split())
        a, b = statistics.median(ours), statistics.median(theirs)
        met = met and a <= GOAL * b
        print(f"| {name} | {a * 1000:.1f} ms | {b * 1000:.1f} ms | {a / b:.2f}x as long | within {GOAL:g}x | {'yes' if a <= GOAL * b else 'no'} |", flush=True)
    return 0 if met else 1
