#!/usr/bin/env python3
"""Every model of the ONNX backend suite and of the corpus through every form, with the `onnx` package as the oracle.

Unchanged models are written back byte for byte. Text format and JSON are, character for character, what the package
writes; the textual syntax is too, except where the package's own text does not say everything (see `syntax_differs`).
What the package writes in any form reads as the same content here, and what is written here reads so there.

usage: run.py [--all] [--only TEXT] [--models FOLDER]

--all: every case of the suite, not each fourth one; FOLDER: more models, whatever lies below it.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import warnings

import onnx
import onnx.parser
import onnx.printer
from onnx import TensorProto
from onnx.serialization import registry

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests")]
sys.path[:0] = [str(ROOT / "tests" / "conformance")]

from harness import BUILD  # noqa: E402

PROGRAM = BUILD / "convert_many"
OUT = BUILD / "forms"
SUFFIXES = {"textproto": ".textproto", "json": ".json", "onnxtxt": ".onnx.txt"}
EVERYDAY_STRIDE = 4  # of the suite's node cases, which differ little in their form
LARGE = 8 << 20  # bytes; from here on a model is only copied: its text would be ten times that


def models(more):
    """(name, encoded model) of all."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = collect_testcases(None)
    for case in cases:
        if case.model is not None:
            yield f"node-{case.name}", case.model.SerializeToString()
    data = pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data"
    for folder in [data, ROOT / "testdata", *more]:
        for path in sorted(folder.rglob("*.onnx")):
            yield re.sub(r"\W+", "-", str(path.relative_to(folder.parent))), path.read_bytes()


def walk(message):
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in value if field.is_repeated else [value]:
                yield from walk(inner)


UNPRINTED = {TensorProto.UINT4, TensorProto.INT4, TensorProto.FLOAT4E2M1, TensorProto.UINT2, TensorProto.INT2,
             TensorProto.FLOAT6E2M3, TensorProto.FLOAT6E3M2, TensorProto.COMPLEX64, TensorProto.COMPLEX128}


def syntax_differs(model):
    """Why the package's text in its own syntax leaves something out; "" where ours has to be the same."""
    for message in walk(model):
        kind = message.DESCRIPTOR.name
        if kind == "FunctionProto" and (message.attribute_proto or message.value_info or message.doc_string):
            return "defaults, value_info and documentation of functions are not printed"
        if kind == "TensorProto" and message.data_type in UNPRINTED:
            return "elements are printed as '...'"
        if kind == "TensorProto" and message.data_type == TensorProto.STRING and not message.string_data:
            return "an empty string tensor is printed as '}'"
        if kind == "TensorProto" and message.data_location == TensorProto.EXTERNAL:
            return "an attribute with external data is printed without '='"
        if kind == "AttributeProto" and not message.type:
            return "an attribute without a type is printed without a value"
    return ""


def not_in_syntax(model):
    """Whether the textual syntax has no way to write the model."""
    for message in walk(model):
        kind = message.DESCRIPTOR.name
        if kind == "GraphProto" and message.sparse_initializer:
            return True
        if kind == "AttributeProto" and (message.HasField("sparse_tensor") or message.sparse_tensors):
            return True
    return False


def package_text(model, form):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return registry.get(form).serialize_proto(model)
    except Exception:  # the syntax printer refuses some
        return None


def package_model(text, form):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return registry.get(form).deserialize_proto(text, onnx.ModelProto())


def comparable(model):
    """A copy in which tensors have their elements in one way and nothing is left that the syntax does not say."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for message in walk(copy):
        kind = message.DESCRIPTOR.name
        for name in ("doc_string", "metadata_props", "denotation", "device_configurations", "quantization_annotation"):
            keeps = kind == "ModelProto" or (kind == "FunctionProto" and name == "doc_string")
            if name in message.DESCRIPTOR.fields_by_name and not keeps:
                message.ClearField(name)
        if kind == "TensorProto" and message.data_location != TensorProto.EXTERNAL and message.data_type != TensorProto.STRING:
            raw = raw_elements(message)
            for name in ("float_data", "int32_data", "int64_data", "double_data", "uint64_data"):
                message.ClearField(name)
            message.raw_data = raw
        for name in ("domain", "overload", "name"):  # written as "" or not at all
            if name in message.DESCRIPTOR.fields_by_name and not message.DESCRIPTOR.fields_by_name[name].is_repeated and getattr(message, name) == "":
                message.ClearField(name)
        if kind == "AttributeProto" and message.ref_attr_name and not message.type:
            message.ClearField("type")
    copy.ClearField("training_info")
    copy.ClearField("configuration")
    return copy


def raw_elements(tensor):
    import numpy as np

    if tensor.HasField("raw_data"):
        return tensor.raw_data
    kind = tensor.data_type
    if kind in (TensorProto.FLOAT, TensorProto.COMPLEX64):
        return np.array(tensor.float_data, np.float32).tobytes()
    if kind in (TensorProto.DOUBLE, TensorProto.COMPLEX128):
        return np.array(tensor.double_data, np.float64).tobytes()
    if kind == TensorProto.INT64:
        return np.array(tensor.int64_data, np.int64).tobytes()
    if kind in (TensorProto.UINT64, TensorProto.UINT32):
        return np.array(tensor.uint64_data, np.uint64).astype(np.uint32 if kind == TensorProto.UINT32 else np.uint64).tobytes()
    wide = {TensorProto.INT32: np.int32, TensorProto.INT16: np.uint16, TensorProto.UINT16: np.uint16,
            TensorProto.FLOAT16: np.uint16, TensorProto.BFLOAT16: np.uint16}
    entries = np.array(tensor.int32_data, np.int64)
    if kind in (TensorProto.FLOAT6E2M3, TensorProto.FLOAT6E3M2):
        bits = sum(int(e) << (6 * i) for i, e in enumerate(entries))
        return bits.to_bytes((6 * len(entries) + 7) // 8, "little")
    return entries.astype(wide.get(kind, np.uint8)).tobytes()


class Checks:
    def __init__(self):
        self.passed = self.failed = 0
        self.pairs = []  # (in, out)
        self.after = []  # what to check when all pairs are written: (name, function)

    def convert(self, source, target):
        self.pairs.append((source, target))
        return len(self.pairs) - 1

    def check(self, name, function):
        self.after.append((name, function))

    def run(self):
        lines = "".join(f"{a}\t{b}\n" for a, b in self.pairs)
        done = subprocess.run([PROGRAM], input=lines, stdout=subprocess.PIPE, text=True, errors="replace", cwd=OUT)
        answers = done.stdout.splitlines()
        assert done.returncode == 0 and len(answers) == len(self.pairs), f"{PROGRAM} ended early: exit code {done.returncode}"
        for name, function in self.after:
            try:
                function(answers)
                self.passed += 1
            except Exception as error:  # noqa: BLE001
                self.failed += 1
                if self.failed <= 20:
                    print(f"FAILED {name}: {type(error).__name__}: {str(error)[:600]}")
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed or not self.passed else 0)


def first_difference(a, b):
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return f"at {at}: {a[max(0, at - 40):at + 40]!r}, expected {b[max(0, at - 40):at + 40]!r}"


def add(checks, name, encoded):
    source, copy = OUT / f"{name}.onnx", OUT / f"{name}.copy.onnx"
    source.write_bytes(encoded)
    checks.convert(source, copy)

    def same_bytes(_):
        assert copy.read_bytes() == encoded, "a copy is not the same"

    checks.check(f"{name}: copied byte for byte", same_bytes)
    if len(encoded) > LARGE:
        return
    model = onnx.load_model_from_string(encoded)
    for form, suffix in SUFFIXES.items():
        ours, theirs, back, read = (OUT / f"{name}.{x}" for x in (f"ours{suffix}", f"theirs{suffix}", f"{form}.back.onnx", f"{form}.read.onnx"))
        wrote = checks.convert(source, ours)
        checks.convert(ours, back)
        text = package_text(model, form)
        is_syntax = form == "onnxtxt"

        def written(answers, ours=ours, text=text, is_syntax=is_syntax, wrote=wrote):
            if is_syntax and not_in_syntax(model):
                assert "has no way to write" in answers[wrote], answers[wrote]
                return
            assert answers[wrote].startswith("ok"), answers[wrote]
            if is_syntax and (text is None or syntax_differs(model)):
                return
            got = ours.read_bytes()
            assert got == text, first_difference(got, text)

        def read_back(answers, ours=ours, back=back, form=form, is_syntax=is_syntax):
            if is_syntax and not_in_syntax(model):
                return
            again = onnx.load_model_from_string(back.read_bytes())
            if is_syntax:
                assert comparable(again) == comparable(model), "the text is read back as something else"
            else:
                assert again == model, "the text is read back as something else"

        checks.check(f"{name}: written as {form}", written)
        checks.check(f"{name}: {form} read back", read_back)
        if text is None:
            continue
        try:
            expected = package_model(text, form)
        except Exception:  # the package does not read what it wrote
            continue
        theirs.write_bytes(text)
        parsed = checks.convert(theirs, read)

        def same_reading(answers, read=read, expected=expected, parsed=parsed):
            assert answers[parsed].startswith("ok"), answers[parsed]
            got = onnx.load_model_from_string(read.read_bytes())
            assert got == expected, first_difference(str(got), str(expected))

        checks.check(f"{name}: the package's {form} read", same_reading)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--models", type=pathlib.Path, action="append", default=[])
    args = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    checks = Checks()
    for index, (name, encoded) in enumerate(models(args.models)):
        is_due = args.all or args.only or index % EVERYDAY_STRIDE == 0 or not name.startswith("node-")
        if is_due and args.only in name:
            add(checks, name, encoded)
    checks.run()


if __name__ == "__main__":
    main()
