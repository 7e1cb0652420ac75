#!/usr/bin/env python3
"""`onnx-tool check` against onnx.checker (with full_check): hostile files, testdata, and every model of the backend suite.

Both have to say the same of every file, but for those of DIFFERENCES, where the specification decides.

usage: run.py [--jobs N] [NAME-PART...]
"""
import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "hostile"), str(HERE)]

import hostile_files  # noqa: E402
from harness import BUILD, TOOL  # noqa: E402
from oracle import Oracle  # noqa: E402

PAYLOAD = "TensorProto: the payload holds exactly the elements of dims; onnx.checker only asks that it is not shorter"
IN_FILE = "ExternalData: the bytes from offset on, length of them, are in the file and are those of dims"
DIGITS = "ExternalData: offset and length are decimal numbers of bytes; onnx.checker takes what strtoll makes of them"

# The cases on which the two differ: what we say, and why.
DIFFERENCES = {
    "opset-future": ("invalid", "Operator sets: no version 9999 of the domain exists, so the operators mean nothing"),
    "rank-60000": ("invalid", "a limit of ours: ranks over 1024 (docs/architecture.md, Hostile input)"),
    "raw-one-byte-long": ("invalid", PAYLOAD),
    "uint2-raw-long": ("invalid", PAYLOAD),
    "nul-byte": ("invalid", "ExternalData: no file name has a NUL character; onnx.checker opens what comes before it"),
    "external-string": ("invalid", "TensorProto: raw_data, and so external data, cannot hold strings"),
    "offset-past-eof": ("invalid", IN_FILE),
    "length-past-eof": ("invalid", IN_FILE),
    "offset-negative": ("invalid", DIGITS),
    "offset-plus-length-wraps": ("invalid", DIGITS),
    "offset-1e9": ("invalid", DIGITS),
    "length-max-u64": ("invalid", DIGITS),
    "length-under-dims": ("invalid", IN_FILE),
    "file-under-dims": ("invalid", IN_FILE),
    "hard-link": ("valid", "nothing forbids a data file with two names; it is a warning here"),
    "model-cache-layout": ("valid", "model caches link to blobs; a link that stays in the model's folder leads nowhere else"),
    "graph-without-name": ("valid", "Graphs: a name is not needed to run a graph, and old exporters leave it out"),
    "function-expansion-bomb": ("valid", "each function is valid by itself, and nobody has to expand them: onnx.checker never ends"),
    "test_mvn": ("valid", "onnx expands the standard's own function of the operator with a Constant that its opset does not have"),
}


def hostile_cases():
    folder = hostile_files.make()
    for case in json.loads((folder / "manifest.json").read_text()):
        if any(command["argv"][0] == "check" for command in case["commands"]) and "shrink" not in case:
            for path in case.get("files") or [case["path"]]:
                yield case["id"], folder / path


def stored_models():
    for path in sorted((ROOT / "testdata").glob("**/*.onnx")):
        yield path.relative_to(ROOT / "testdata").with_suffix("").as_posix(), path


def suite_models():
    subprocess.run([sys.executable, ROOT / "tests" / "conformance" / "run_suite.py", "--generate-only"], check=True)
    for path in sorted((BUILD / "conformance").glob("*/model.onnx")):
        yield path.parent.name, path


_local = threading.local()
_oracles = []


def oracle():
    if not hasattr(_local, "oracle"):
        _local.oracle = Oracle()
        _oracles.append(_local.oracle)
    return _local.oracle


def compare(item):
    """The fault of one file, or None."""
    name, path = item
    done = subprocess.run([TOOL, "check", path], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=60)
    ours = "valid" if done.returncode == 0 else "invalid"
    if done.returncode not in (0, 1, 3, 4):
        return f"{name}: exit code {done.returncode}: {done.stderr}"
    theirs = oracle().verdict(path)
    if name not in DIFFERENCES:
        same = theirs == "valid" if ours == "valid" else theirs != "valid"
        return None if same else f"{name}: we say {ours} {done.stderr.strip()!r}, onnx.checker {theirs!r}"
    wanted, _ = DIFFERENCES[name]
    if ours != wanted:
        return f"{name}: we say {ours}, expected {wanted}"
    return f"{name}: onnx.checker agrees; take it off the list" if theirs.split(":")[0] == wanted else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("names", nargs="*", help="only the files whose names contain one of these")
    args = parser.parse_args()
    files = [*hostile_cases(), *stored_models(), *suite_models()]
    unknown = set(DIFFERENCES) - {name for name, _ in files}
    files = [(name, path) for name, path in files
             if path.is_file() and (not args.names or any(part in name for part in args.names))]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        faults = [fault for fault in pool.map(compare, files) if fault]
    for each in _oracles:
        each.stop()
    faults += [f"{name}: listed as a difference, but there is no such file" for name in sorted(unknown)]
    print("\n".join(faults))
    print(f"{len(files) - len(faults)} passed, {len(faults)} failed")
    sys.exit(1 if faults or not files else 0)


if __name__ == "__main__":
    main()
