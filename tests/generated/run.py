#!/usr/bin/env python3
"""What is written from the facts of the `onnx` package still says what the package says."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness

import onnx
from google.protobuf import descriptor_pb2

FIELD = descriptor_pb2.FieldDescriptorProto


def facts(file):
    """(message, field, number, type, label, ...) of every field, and (enum, name, number) of every enum value."""
    found = set()

    def add_enums(scope, enums):
        for enum in enums:
            found.update((f"{scope}.{enum.name}", value.name, value.number) for value in enum.value)

    def add_messages(scope, messages):
        for message in messages:
            name = f"{scope}.{message.name}"
            found.add((name,))
            for f in message.field:
                oneof = message.oneof_decl[f.oneof_index].name if f.HasField("oneof_index") else ""
                found.add((name, f.name, f.number, FIELD.Type.Name(f.type), FIELD.Label.Name(f.label), f.type_name,
                           f.options.packed, oneof))
            for r in message.reserved_range:
                found.update((name, "reserved", number) for number in range(r.start, r.end))
            found.update((name, "reserved", text) for text in message.reserved_name)
            add_enums(name, message.enum_type)
            add_messages(name, message.nested_type)

    add_enums(file.package, file.enum_type)
    add_messages(file.package, file.message_type)
    return found


def proto_equals_package(folder):
    out = folder / "onnx.desc"
    subprocess.run(["protoc", f"--proto_path={harness.ROOT / 'proto'}", f"--descriptor_set_out={out}", "onnx.proto"], check=True)
    ours = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file[0]
    theirs = descriptor_pb2.FileDescriptorProto()
    onnx.onnx_ml_pb2.DESCRIPTOR.CopyToProto(theirs)
    assert ours.package == theirs.package
    assert len(facts(theirs)) > 200, "the package's description is there"
    assert facts(ours) == facts(theirs), f"only ours: {facts(ours) - facts(theirs)}; only theirs: {facts(theirs) - facts(ours)}"


def operator_table_is_fresh(folder):
    out = folder / "operators.inc"
    subprocess.run([sys.executable, harness.ROOT / "scripts/generate_schema.py", out], check=True)
    committed = harness.ROOT / "libsurgery/src/schema/operators_generated.inc"
    assert out.read_bytes() == committed.read_bytes(), "run scripts/generate_schema.py"


suite = harness.Suite()
suite.case("onnx.proto has the messages, fields and enums of the onnx package", proto_equals_package)
suite.case("the operator table is what its generator writes", operator_table_is_fresh)

if __name__ == "__main__":
    suite.main()
