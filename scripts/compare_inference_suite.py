#!/usr/bin/env python3
"""Checks shape inference on every case of the ONNX backend test suite, each in three forms:

  plain      as it is
  constants  integer, bool and string inputs of up to 1024 elements become initializers
  symbols    also, every dim of the inputs that are left becomes a symbol of its own

What a case declares of its outputs is ignored.  Reported are outputs whose expected type or shape differs from the
inferred one under the case's values of the symbols, and outputs of which onnx.shape_inference (strict, data
propagation) knows more.  Needs build/print_facts and the onnx package.

usage: compare_inference_suite.py [-v] [NAME-PART...]
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "scripts"), str(ROOT / "tests" / "conformance")]
from compare_inference import by_onnx, compare_run, contradicts, facts_of_model, input_symbols, knows_more  # noqa: E402
from run_suite import decode, made_cases, stored_cases  # noqa: E402

FORMS = ("plain", "constants", "symbols")

#: What onnx.shape_inference says and other sizes refute: an index that two operands share may be 1 in either (numpy and
#: ONNX Runtime broadcast it), so that the size of the first alone is not the result's.
REFUTED = {("test_einsum_batch_matmul", "symbols"), ("test_einsum_batch_matmul_bfloat16", "symbols")}


def is_shape_like(info, value):
    kind = info.type.tensor_type.elem_type
    small = isinstance(value, np.ndarray) and value.size <= 1024
    return small and kind in (TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL, TensorProto.STRING)


def transformed(model, values, form):
    """A copy of the model in one of the forms, and whether it differs from the form before."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    changed = form == "plain"
    for output in copy.graph.output:
        if output.type.WhichOneof("value") == "tensor_type":
            output.type.tensor_type.ClearField("shape")
    if form == "plain":
        return copy, True
    kept = []
    for info in copy.graph.input:
        value = values.get(info.name)
        if info.type.WhichOneof("value") == "tensor_type" and is_shape_like(info, value):
            tensor = numpy_helper.from_array(value, info.name)
            tensor.data_type = info.type.tensor_type.elem_type
            copy.graph.initializer.append(tensor)
            changed = changed or form == "constants"
            continue
        if form == "symbols" and info.type.WhichOneof("value") == "tensor_type":
            for axis, dim in enumerate(info.type.tensor_type.shape.dim):
                dim.dim_param = f"{info.name}_{axis}"
                changed = True
        kept.append(info)
    kept = [onnx.ValueInfoProto.FromString(info.SerializeToString()) for info in kept]
    del copy.graph.input[:]
    copy.graph.input.extend(kept)
    copy.ir_version = max(copy.ir_version, 4)
    return copy, changed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-v", "--verbose", action="store_true", help="also what is incomplete on both sides")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    work = []
    with tempfile.TemporaryDirectory() as folder:
        for name, model, data_sets, _, _ in (*made_cases(), *stored_cases()):
            if arguments.names and not any(part in name for part in arguments.names):
                continue
            for inputs, outputs in data_sets[:1]:
                values = {i.name: decode(v, i) for i, v in zip(model.graph.input, inputs)}
                expected = {o.name: decode(v, o) for o, v in zip(model.graph.output, outputs)}
                values = {n: v for n, v in values.items() if v is not None}
                expected = {n: v for n, v in expected.items() if v is not None}
                for form in FORMS:
                    copy, changed = transformed(model, values, form)
                    if changed:
                        path = pathlib.Path(folder) / f"{name}.{form}.onnx"
                        path.write_bytes(copy.SerializeToString())
                        work.append((name, form, path, copy, values, expected))
        paths = [str(path) for _, _, path, _, _, _ in work]
        output = b""
        for begin in range(0, len(paths), 500):
            output += subprocess.run([str(ROOT / "build" / "print_facts"), *paths[begin:begin + 500]],
                                     capture_output=True, check=True).stdout
    answers, lines = [], []
    for text in output.decode(errors="replace").splitlines():
        line = json.loads(text)
        if "model" in line:
            answers.append((lines, line))
            lines = []
        else:
            lines.append(line)
    bad = errors = 0
    for (name, form, _, model, values, expected), (lines, summary) in zip(work, answers, strict=True):
        where = f"{name} [{form}]"
        if "exception" in summary:
            print(f"{where}: {summary['exception']}")
            bad += 1
            continue
        facts = {line["value"]: line for line in lines if line["main"]}
        problems = [f"error: {e}" for e in summary["errors"]] + [f"unknown: {o}" for o in summary["unknown_operators"]]
        problems += [f"wrong: {n} {what}" for n, what in compare_run(facts, {**values, **expected})]
        try:
            theirs = facts_of_model(by_onnx(model), input_symbols(model))
        except Exception:  # their failure is not ours
            theirs = {}
            errors += 1
        for output, known in theirs.items():
            if output not in expected:
                continue
            if contradicts(known, expected.get(output)) or (name, form) in REFUTED:
                continue
            if more := knows_more(known, facts[output], set(summary["fresh"])):
                problems.append(f"onnx knows more of {output}: {more}; we have {facts[output]['type']['text']}")
        if arguments.verbose:
            for output in expected:
                dims = facts[output]["type"].get("shape") if output in facts else None
                if output in facts and facts[output]["type"]["kind"] == 1 and (
                        dims is None or any(isinstance(d, dict) and set(d["symbols"]) & set(summary["fresh"]) for d in dims)):
                    print(f"{where}: incomplete: {facts[output].get('op')} {output} is {facts[output]['type']['text']}")
        for problem in problems:
            bad += 1
            print(f"{where}: {problem}")
    print(f"{len(work)} models of {len({name for name, *_ in work})} cases, {bad} findings; "
          f"onnx.shape_inference raised on {errors}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
