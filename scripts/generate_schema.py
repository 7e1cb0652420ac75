#!/usr/bin/env python3
"""Write the operator table from the facts that the `onnx` package holds.

usage: generate_schema.py [OUT]

OUT is libsurgery/src/schema/operators_generated.inc unless told. Needs the `onnx` package of scripts/requirements.txt; the same
package gives the same bytes, which tests/generated/run.py checks. Names, types, arities, defaults and versions
only: no documentation is copied.

Rows that several operator versions share (lists of inputs, attributes, type sets) are written once, so an operator is
one line that points into the tables before it.
"""
import pathlib
import re
import sys

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, defs, helper

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEFAULT_OUT = ROOT / "libsurgery/src/schema/operators_generated.inc"
UNLIMITED = 2**31 - 1

ATTRIBUTE_TYPES = {
    AttributeProto.FLOAT: "kFloat", AttributeProto.INT: "kInt", AttributeProto.STRING: "kString",
    AttributeProto.TENSOR: "kTensor", AttributeProto.GRAPH: "kGraph", AttributeProto.FLOATS: "kFloats",
    AttributeProto.INTS: "kInts", AttributeProto.STRINGS: "kStrings", AttributeProto.TENSORS: "kTensors",
    AttributeProto.GRAPHS: "kGraphs", AttributeProto.SPARSE_TENSOR: "kSparseTensor",
    AttributeProto.SPARSE_TENSORS: "kSparseTensors", AttributeProto.TYPE_PROTO: "kTypeProto",
    AttributeProto.TYPE_PROTOS: "kTypeProtos",
}  # fmt: skip
OPTIONS = {"Single": "kSingle", "Optional": "kOptional", "Variadic": "kVariadic"}
# In the order of the bits of surgery::schema::MapType.
MAPS = ["map(int64,string)", "map(int64,float)", "map(int64,double)", "map(string,int64)", "map(string,float)",
        "map(string,double)", "seq(map(int64,float))", "seq(map(string,float))"]  # fmt: skip


def quote(text):
    assert all(32 <= ord(c) < 127 and c not in '"\\' for c in text), text
    return f'"{text}"'


def type_set(names):
    """The row of a TypeSet: masks over data types for tensors, sequences, optionals, optional sequences; map kinds."""
    masks = {"tensor({})": 0, "seq(tensor({}))": 0, "optional(tensor({}))": 0, "optional(seq(tensor({})))": 0}
    maps = 0
    for name in names:
        # Two spellings are in use: "map(int64, float)" and "map(int64,tensor(float))".
        flat = name.replace(" ", "")
        element = re.fullmatch(r"(?:optional\()?(?:seq\()?tensor\((\w+)\)+", flat)
        if element:
            form = flat.replace(f"({element[1]})", "({})")
            masks[form] |= 1 << TensorProto.DataType.Value(element[1].upper())
        else:
            maps |= 1 << MAPS.index(re.sub(r",tensor\((\w+)\)", r",\1", flat))
    return "{" + ", ".join(hex(m) for m in [*masks.values(), maps]) + "}"


class Table:
    """Rows of one constexpr array; a run of rows that is there already is not written again."""

    def __init__(self, declaration):
        self.declaration, self.array = declaration, declaration.split()[-1]
        self.rows, self.runs = [], {}

    def add(self, rows):
        """The initializer of a span over these rows."""
        rows = tuple(rows)
        if not rows:
            return "{}"
        if rows not in self.runs:
            self.runs[rows] = len(self.rows)
            self.rows.extend(rows)
        return f"{{{self.array} + {self.runs[rows]}, {len(rows)}}}"

    def text(self):
        return f"constexpr {self.declaration}[] = {{\n" + "".join(f"  {row},\n" for row in self.rows) + "};\n\n"


def float_literal(value):
    text = np.format_float_positional(np.float32(value), unique=True, trim="0")
    return text + "F"


class Tables:
    def __init__(self):
        self.type_sets = Table("TypeSet kTypeSets")
        self.ints = Table("int64_t kDefaultInts")
        self.strings = Table("std::string_view kDefaultStrings")
        self.parameters = Table("ParameterSpec kParameters")
        self.constraints = Table("TypeConstraintSpec kConstraints")
        self.attributes = Table("AttributeSpec kAttributes")
        self.operators = Table("OpSchema kOperators")

    def types(self, names):
        span = self.type_sets.add([type_set(names)])
        return span[1:].split(",")[0]  # "kTypeSets + 3"

    def parameter(self, p):
        option = OPTIONS[p.option.name]
        arity = p.min_arity if option == "kVariadic" else int(option == "kSingle")
        homogeneous = "true" if p.is_homogeneous else "false"
        return f"{{{quote(p.name)}, {quote(p.type_str)}, {self.types(p.types)}, {option}, {homogeneous}, {arity}}}"

    def constraint(self, c):
        return f"{{{quote(c.type_param_str)}, {self.types(c.allowed_type_strs)}}}"

    def default(self, attribute):
        d = attribute.default_value
        if d is None or d.type == AttributeProto.UNDEFINED:
            return ""
        if d.type == AttributeProto.INT:
            value = f".int_value = {d.i}"
        elif d.type == AttributeProto.FLOAT:
            value = f".float_value = {float_literal(d.f)}"
        elif d.type == AttributeProto.STRING:
            value = f".string_value = {quote(d.s.decode())}"
        elif d.type == AttributeProto.INTS:
            value = f".ints = {self.ints.add(str(i) for i in d.ints)}"
        elif d.type == AttributeProto.STRINGS:
            value = f".strings = {self.strings.add(quote(s.decode()) for s in d.strings)}"
        else:
            raise ValueError(f"{attribute.name}: a default of type {d.type}")
        return f", {{.is_set = true, {value}}}"

    def attribute(self, a):
        kind = ATTRIBUTE_TYPES[int(a.type)]
        required = "true" if a.required else "false"
        return f"{{{quote(a.name)}, AttributeType::{kind}, {required}{self.default(a)}}}"

    def operator(self, s):
        limit = lambda n: "kUnlimited" if n == UNLIMITED else str(n)
        flags = [flag for flag, on in [
            ("kDeprecatedFlag", s.deprecated), ("kFunctionFlag", s.has_function or s.has_context_dependent_function),
            ("kRandomFlag", is_random(s)), ("kExperimentalFlag", s.support_level == defs.OpSchema.SupportType.EXPERIMENTAL),
        ] if on]  # fmt: skip
        return "{" + ", ".join([
            quote(s.domain), quote(s.name), str(s.since_version),
            str(s.min_input), limit(s.max_input), str(s.min_output), limit(s.max_output), " | ".join(flags) or "0",
            self.parameters.add(map(self.parameter, s.inputs)), self.parameters.add(map(self.parameter, s.outputs)),
            self.attributes.add(self.attribute(a) for _, a in sorted(s.attributes.items())),
            self.constraints.add(map(self.constraint, s.type_constraints)),
        ]) + "}"  # fmt: skip


def is_random(schema):
    """Whether the operator draws random numbers itself. The package also counts every operator with a subgraph as
    non-deterministic, and every function whose body has such a node; for those the answer lies in the body."""
    if schema.node_determinism != defs.OpSchema.NodeDeterminism.NonDeterministic:
        return False
    if any(a.type == defs.OpSchema.AttrType.GRAPH for a in schema.attributes.values()):
        return False
    return not schema.has_function or any(
        is_random(defs.get_schema(n.op_type, schema.since_version, n.domain)) for n in all_nodes(schema.function_body))


def all_nodes(graph):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                yield from all_nodes(attribute.g)


def domains():
    """{domain: [IR version that opset 1 needs, opset 2, ...]}, "" for ai.onnx."""
    known = {("" if d == "ai.onnx" else d, v): ir for (d, v), ir in helper.OP_SET_ID_VERSION_MAP.items()}
    result = {}
    for domain, (_, newest) in sorted(defs.C.schema_version_map().items()):
        versions, ir = [], 3
        for opset in range(1, newest + 1):
            ir = max(ir, known.get((domain, opset), ir))
            versions.append(ir)
        result[domain] = versions
    return result


def generate():
    tables = Tables()
    schemas = defs.get_all_schemas_with_history()
    schemas.sort(key=lambda s: (s.domain, s.name, s.since_version))
    tables.operators.rows = [tables.operator(s) for s in schemas]

    versions = Table("int8_t kIrVersions")
    rows = Table("DomainSpec kDomains")
    rows.rows = [f"{{{quote(d)}, {len(irs)}, {versions.add(map(str, irs))}}}" for d, irs in domains().items()]

    out = [
        "// Generated by scripts/generate_schema.py; change that, not this.\n// clang-format off\n\n",
        f"constexpr int64_t kLatestIrVersion = {onnx.IR_VERSION};\n\n",
        *(t.text() for t in (versions, rows, tables.type_sets, tables.ints, tables.strings, tables.parameters,
                             tables.constraints, tables.attributes)),
        "// By domain, name, version: find() searches it by halves.\n",
        tables.operators.text(),
        "// clang-format on\n",
    ]  # fmt: skip
    return "".join(out)


if __name__ == "__main__":
    if len(sys.argv) > 2 or sys.argv[1:2] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    pathlib.Path(sys.argv[1] if len(sys.argv) == 2 else DEFAULT_OUT).write_text(generate())
