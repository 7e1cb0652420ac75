#!/usr/bin/env python3
"""Runs the ONNX backend test suite of the installed `onnx` package through the executor.

The cases are written to build/conformance: for each one a model, and per data set a second model that only carries the
input and expected output tensors as initializers, so that one reader serves both. build/conformance_suite then runs
all of them in one process and compares the failures with expected_failures.txt.

usage: run_suite.py [--folder FOLDER] [--program PROGRAM] [--generate-only] [--update] [NAME-PART...]
"""
import argparse
import glob
import os
import pathlib
import shutil
import subprocess
import sys
import warnings

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EXPECTED = pathlib.Path(__file__).resolve().parent / "expected_failures.txt"


def tensor_proto(value, type_proto, name):
    """A TensorProto called `name`, or None for what is no tensor (sequences, maps, optionals)."""
    import numpy as np
    from onnx import TensorProto, numpy_helper

    if isinstance(value, TensorProto):
        copy = TensorProto()
        copy.CopyFrom(value)
        copy.name = name
        return copy
    if type_proto is not None and not type_proto.HasField("tensor_type"):
        return None
    if isinstance(value, (list, dict)) or value is None:
        return None
    return numpy_helper.from_array(np.asarray(value), name)


def carrier(model, inputs, outputs):
    """A model without nodes that holds the data set: input:NAME and output:NUMBER. None when it is not all tensors."""
    from onnx import helper

    tensors = []
    for info, value in zip(model.graph.input, inputs):
        tensors.append(tensor_proto(value, info.type, "input:" + info.name))
    for index, value in enumerate(outputs):
        info = model.graph.output[index] if index < len(model.graph.output) else None
        tensors.append(tensor_proto(value, info.type if info else None, f"output:{index}"))
    if None in tensors:
        return None
    return helper.make_model(helper.make_graph([], "data", [], [], tensors))


def node_cases():
    """(name, model, data sets, rtol, atol) of the cases that are made by code."""
    from onnx.backend.test.case.node import collect_testcases

    for case in collect_testcases(None):
        yield case.name, case.model, case.data_sets, case.rtol, case.atol


def stored_cases():
    """The same for the package's data folders; their tolerances are the package's defaults."""
    import onnx
    from onnx import TensorProto

    data = pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data"
    for kind in ("pytorch-converted", "pytorch-operator", "simple"):
        for folder in sorted((data / kind).iterdir()):
            if not (folder / "model.onnx").exists():
                continue
            model = onnx.load(folder / "model.onnx")
            sets = []
            for data_set in sorted(folder.glob("test_data_set_*")):
                sides = []
                for side, infos in (("input", model.graph.input), ("output", model.graph.output)):
                    values = []
                    for index in range(len(glob.glob(str(data_set / f"{side}_*.pb")))):
                        if not infos[index].type.HasField("tensor_type"):
                            values.append(None)
                            continue
                        tensor = TensorProto()
                        tensor.ParseFromString((data_set / f"{side}_{index}.pb").read_bytes())
                        values.append(tensor)
                    sides.append(values)
                sets.append(sides)
            yield folder.name, model, sets, 1e-3, 1e-7


def operator_of(model):
    operators = {node.op_type for node in model.graph.node}
    return operators.pop() if len(operators) == 1 else "(several)"


def generate(folder):
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    lines = []
    for name, model, data_sets, rtol, atol in (*node_cases(), *stored_cases()):
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
        count = 0
        for inputs, outputs in data_sets:
            data = carrier(model, inputs, outputs)
            if data is None:
                count = 0
                break
            (folder / f"{name}.data{count}.onnx").write_bytes(data.SerializeToString())
            count += 1
        lines.append(f"{name}\t{operator_of(model)}\t{rtol!r}\t{atol!r}\t{count}\n")
    (folder / "cases.txt").write_text("".join(sorted(lines)))
    (folder / "complete").write_text(version())


def version():
    import onnx

    return f"{onnx.__version__} {os.path.getmtime(__file__)}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "conformance")
    parser.add_argument("--program", default=ROOT / "build" / "conformance_suite")
    parser.add_argument("--generate-only", action="store_true")
    parser.add_argument("--update", action="store_true", help="write the failures found into expected_failures.txt")
    parser.add_argument("names", nargs="*", help="run only the cases whose names contain one of these")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    stamp = options.folder / "complete"
    if not stamp.exists() or stamp.read_text() != version():
        generate(options.folder)
    if options.generate_only:
        return 0
    command = [options.program, options.folder, EXPECTED] + ["--update"] * options.update + options.names
    return subprocess.run(list(map(str, command)), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
