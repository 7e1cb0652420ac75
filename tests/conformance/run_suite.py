#!/usr/bin/env python3
"""Runs the ONNX backend test suite of the installed `onnx` package through the executor.

The cases are written to build/conformance in the layout of the package's own data: NAME/model.onnx and
NAME/test_data_set_K/input_0.pb, output_0.pb, ... build/conformance_suite then runs all of them in one process and
compares the failures of each mode with expected_failures_MODE.txt. With --inference, build/inference_suite holds each
value of each run against what inference says of it.

usage: run_suite.py [--folder FOLDER] [--program PROGRAM] [--generate-only] [--mode exact|oracle] [--update]
                    [--inference] [NAME-PART...]
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import warnings

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LISTS = pathlib.Path(__file__).resolve().parent


def encode(value, info):
    """A value as the protobuf message that its declared type asks for."""
    import numpy as np
    from onnx import TensorProto, numpy_helper

    if isinstance(value, TensorProto):
        return value.SerializeToString()
    if info.type.HasField("map_type"):
        return numpy_helper.from_dict(value, info.name).SerializeToString()
    if info.type.HasField("sequence_type"):
        return numpy_helper.from_list(value, info.name).SerializeToString()
    if info.type.HasField("optional_type"):
        return numpy_helper.from_optional(value, info.name).SerializeToString()
    return numpy_helper.from_array(np.asarray(value), info.name).SerializeToString()


def decode(data, info):
    """What the suite's data holds, as the onnx package reads it; None for an empty optional."""
    import onnx
    from onnx import numpy_helper

    kind = info.type.WhichOneof("value")
    if kind == "map_type":
        return numpy_helper.to_dict(onnx.MapProto.FromString(data))
    if kind == "sequence_type":
        return numpy_helper.to_list(onnx.SequenceProto.FromString(data))
    if kind == "optional_type":
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(data))
    return numpy_helper.to_array(onnx.TensorProto.FromString(data))


def made_cases():
    """(name, model, data sets, rtol, atol) of the cases that are made by code. The model cases come with the package's
    data too, but for those that were added since its data was made."""
    from onnx.backend.test.case.model import collect_testcases as model_testcases
    from onnx.backend.test.case.node import collect_testcases as node_testcases

    for case in (*node_testcases(None), *(c for c in model_testcases() if c.model is not None)):
        sets = []
        for inputs, outputs in case.data_sets:
            sets.append(([encode(v, i) for v, i in zip(inputs, case.model.graph.input)],
                         [encode(v, i) for v, i in zip(outputs, case.model.graph.output)]))
        yield case.name, case.model, sets, case.rtol, case.atol


def stored_cases():
    """The same for the package's data folders; their tolerances are the package's defaults."""
    import onnx

    for kind in ("pytorch-converted", "pytorch-operator", "simple"):
        for folder in sorted((data_folder() / kind).iterdir()):
            if not (folder / "model.onnx").exists():
                continue
            sets = []
            for data_set in sorted(folder.glob("test_data_set_*")):
                sets.append([[(data_set / f"{side}_{i}.pb").read_bytes()
                              for i in range(len(list(data_set.glob(f"{side}_*.pb"))))] for side in ("input", "output")])
            yield folder.name, onnx.load(folder / "model.onnx"), sets, 1e-3, 1e-7


def light_cases():
    """Networks whose weights are made by nodes, as the package's runner feeds them."""
    import onnx
    from onnx.backend.test.runner import Runner

    for folder in sorted((data_folder() / "real").iterdir()):
        facts = json.loads((folder / "data.json").read_text())
        path = data_folder() / "light" / pathlib.Path(facts["url"]).name
        model = onnx.load(path)
        weights = {weight.name for weight in model.graph.initializer}
        inputs = [encode(Runner.generate_dummy_data(info, seed=0, name=facts["model_name"], random=False), info)
                  for info in model.graph.input if info.name not in weights]
        outputs = [path.with_name(f"{path.stem}_output_{i}.pb").read_bytes() for i in range(len(model.graph.output))]
        yield folder.name, model, [(inputs, outputs)], facts["rtol"], facts["atol"]


def data_folder():
    import onnx

    return pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data"


def operator_of(model):
    operators = {node.op_type for node in model.graph.node}
    return operators.pop() if len(operators) == 1 else "(several)"


def generate(folder):
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    lines = {}
    for name, model, data_sets, rtol, atol in (*made_cases(), *stored_cases(), *light_cases()):
        case = folder / name
        case.mkdir(exist_ok=True)  # a model case that is stored too: the stored one counts
        (case / "model.onnx").write_bytes(model.SerializeToString())
        for number, (inputs, outputs) in enumerate(data_sets):
            data = case / f"test_data_set_{number}"
            data.mkdir(exist_ok=True)
            for side, values in (("input", inputs), ("output", outputs)):
                for index, value in enumerate(values):
                    (data / f"{side}_{index}.pb").write_bytes(value)
        lines[name] = f"{name}\t{operator_of(model)}\t{rtol!r}\t{atol!r}\n"
    (folder / "cases.txt").write_text("".join(lines[name] for name in sorted(lines)))
    (folder / "complete").write_text(version())


def version():
    import onnx

    return f"{onnx.__version__} {os.path.getmtime(__file__)}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "conformance")
    parser.add_argument("--program", default=ROOT / "build" / "conformance_suite")
    parser.add_argument("--generate-only", action="store_true")
    parser.add_argument("--update", action="store_true", help="write the failures found into the lists")
    parser.add_argument("--mode", choices=["exact", "oracle"], help="this mode alone")
    parser.add_argument("--inference", action="store_true", help="compare each value with what inference says of it")
    parser.add_argument("names", nargs="*", help="run only the cases whose names contain one of these")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    stamp = options.folder / "complete"
    if not stamp.exists() or stamp.read_text() != version():
        generate(options.folder)
    if options.generate_only:
        return 0
    if options.inference:
        program = ROOT / "build" / "inference_suite"
        return subprocess.run([str(program), str(options.folder), *options.names], check=False).returncode
    command = [options.program, options.folder, LISTS] + ["--update"] * options.update + options.names
    if options.mode:
        command += ["--mode", options.mode]
    return subprocess.run(list(map(str, command)), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
