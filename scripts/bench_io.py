"""Reading and writing of large models beside cp and the `onnx` package; `scripts/bench io` runs it.

One model of 1.8 GB with its weights inside, the same with a data file, and one of 100,000 nodes, all made here; in one
run, in turn, the files in the page cache. "CPU" is the time of the process, user and system.
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

SIZE, LAYERS = 5000, 18  # 18 weights of 100 MB
NODES = 100_000


def varint(value):
    out = b""
    while value >= 128:
        out += bytes([value % 128 | 128])
        value //= 128
    return out + bytes([value])


def field(number, payload_size):
    return varint(number << 3 | 2) + varint(payload_size)


def make_large(path):
    """x [N, SIZE] through LAYERS products; written piece by piece, since protobuf would need several times its size."""
    names = [f"h{i}" for i in range(LAYERS + 1)]
    nodes = [helper.make_node("MatMul", [names[i], f"w{i}"], [names[i + 1]], name=f"product_{i}") for i in range(LAYERS)]
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["N", SIZE]) for n in (names[0], names[-1])]
    graph = helper.make_graph(nodes, "large", ends[:1], ends[1:]).SerializeToString()
    rest = helper.make_model(helper.make_graph([], "", [], []), opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    rest.ClearField("graph")
    weight = np.random.default_rng(1).standard_normal((SIZE, SIZE), dtype=np.float32).tobytes()
    heads = [TensorProto(name=f"w{i}", data_type=TensorProto.FLOAT, dims=[SIZE, SIZE]).SerializeToString() + field(9, len(weight))
             for i in range(LAYERS)]
    tensors = [field(5, len(head) + len(weight)) + head for head in heads]
    size = len(graph) + sum(len(t) + len(weight) for t in tensors)
    with open(path, "wb") as out:
        out.write(rest.SerializeToString() + field(7, size) + graph)
        for head in tensors:
            out.write(head)
            out.write(weight)


def make_long(path):
    nodes = [helper.make_node("Relu" if i % 2 else "Neg", [f"t{i}"], [f"t{i + 1}"], name=f"node_{i}") for i in range(NODES)]
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 8]) for n in ("t0", f"t{NODES}")]
    model = helper.make_model(helper.make_graph(nodes, "long", ends[:1], ends[1:]), opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())


#: Runs its arguments and prints wall seconds, CPU seconds and peak bytes. A process of its own, since Linux counts what the
#: parent had in memory as the child's peak, and this program has much.
MEASURE = """
import os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def measure(argv):
    """(wall seconds, CPU seconds, peak MB) of one run."""
    command = [sys.executable, "-S", "-c", MEASURE, *map(str, argv)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, argv))}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    wall, cpu, peak = map(float, done.stdout.split())
    return wall, cpu, peak / 1e6


def medians(commands, runs, out):
    """Medians by command, the commands taking turns; `out` and its data file are removed before each run."""
    seen = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, argv in commands.items():
            for stale in (out, out.with_name(out.name + ".data")):
                stale.unlink(missing_ok=True)
            result = measure(argv)
            if turn > 0:  # the first turn warms the page cache
                seen[name].append(result)
    return {name: [statistics.median(r[k] for r in results) for k in range(3)] for name, results in seen.items()}


def run(tool, python, folder, runs):
    """Measures and prints; the exit code says whether every goal was met."""
    folder = pathlib.Path(folder)
    large, external, long, out = (folder / f"{n}.onnx" for n in ("large", "external", "long", "out"))
    make_large(large)
    make_long(long)
    subprocess.run([tool, "edit", large, "-o", external, "--external-data", "--verify", "off"], check=True, stdout=subprocess.DEVNULL)
    load = [python, "-c", "import sys, onnx; onnx.load(sys.argv[1])", large]
    imports = [python, "-c", "import onnx"]
    edit = ["--set-batch", "1", "--verify", "off"]
    has_weights = "--weights" in subprocess.run([tool, "inspect", "--help"], capture_output=True, text=True).stdout
    groups = [
        {"inspect": [tool, "inspect", large], "onnx.load": load, "import onnx": imports},
        {"cp": [shutil.which("cp"), large, out], "edit --set-batch 1": [tool, "edit", large, "-o", out, *edit]},
        {"edit --set-batch 1 --reuse-data": [tool, "edit", external, "-o", out, *edit, "--reuse-data"]},
        {"inspect, 100,000 nodes": [tool, "inspect", long], "check, 100,000 nodes": [tool, "check", long]},
    ]
    if has_weights:
        groups.append({"inspect --weights": [tool, "inspect", large, "--weights"]})
    result = {}
    for group in groups:
        result |= medians(group, runs, out)
    loading = result["onnx.load"][0] - result["import onnx"][0]
    copy, edited, reused = result["cp"], result["edit --set-batch 1"], result["edit --set-batch 1 --reuse-data"]
    rows = [
        ("inspect: CPU", f"{result['inspect'][1] * 1000:.0f} ms", "under 30 ms", result["inspect"][1] < 0.030),
        ("inspect: peak", f"{result['inspect'][2]:.0f} MB", "under 50 MB", result["inspect"][2] < 50),
        ("inspect against onnx.load (without its import)", f"{loading / result['inspect'][0]:.0f}x faster", "50x", loading >= 50 * result["inspect"][0]),
        ("onnx.load: peak", f"{result['onnx.load'][2]:.0f} MB", "", None),
        ("edit --set-batch 1 against cp", f"{edited[0] / copy[0]:.2f}x ({edited[0]:.2f} s, {copy[0]:.2f} s)", "within 1.15x", edited[0] <= 1.15 * copy[0]),
        ("edit --set-batch 1: peak", f"{edited[2]:.0f} MB", "under 100 MB", edited[2] < 100),
        ("edit --set-batch 1 --reuse-data", f"{reused[0] * 1000:.0f} ms", "under 100 ms", reused[0] < 0.100),
        ("inspect, 100,000 nodes", f"{result['inspect, 100,000 nodes'][0] * 1000:.0f} ms", "under 150 ms", result["inspect, 100,000 nodes"][0] < 0.150),
        ("check, 100,000 nodes", f"{result['check, 100,000 nodes'][0] * 1000:.0f} ms", "under 500 ms", result["check, 100,000 nodes"][0] < 0.500),
    ]
    if has_weights:
        wall = result["inspect --weights"][0]
        rate = large.stat().st_size / wall / 1e9
        rows.append(("inspect --weights", f"{rate:.1f} GB/s", f"{2 * os.cpu_count()} GB/s", rate >= 2 * os.cpu_count()))
    print(f"{large.stat().st_size / 1e9:.2f} GB, median of {runs}, {os.cpu_count()} cores\n")
    print("| what | measured | goal | met |\n| --- | ---: | --- | --- |")
    for what, measured, goal, met in rows:
        print(f"| {what} | {measured} | {goal} | {'' if met is None else 'yes' if met else 'no'} |")
    return 0 if all(met is not False for *_, met in rows) else 1
