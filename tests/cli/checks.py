"""`check`: what it says of good and bad models, for people and for scripts."""
import json

import numpy as np
import onnx
from onnx import TensorProto, helper

import models
from harness import DIGITS, tool

CNN = DIGITS / "digits_cnn.onnx"


def two_faults(folder):
    """A Relu that reads a ghost, and an attribute that Neg does not have."""
    nodes = [helper.make_node("Relu", ["ghost"], ["a"], name="relu_1"), helper.make_node("Neg", ["x"], ["y"], name="neg_1", alpha=1.0)]
    return models.save(folder / "two_faults.onnx", nodes, {"x": [1, 4]}, {"y": [1, 4]})


def double_use(folder):
    """A model that is valid with a warning: one value is an output twice."""
    model = onnx.load(models.save(folder / "m.onnx", [helper.make_node("Relu", ["x"], ["y"])], {"x": [4]}, {"y": [4]}))
    model.graph.output.append(model.graph.output[0])
    onnx.save(model, str(folder / "double.onnx"))
    return folder / "double.onnx"


def valid(folder):
    done = tool("check", CNN)
    assert done.out == f"{CNN}: valid\n" and done.err == "", done


def all_findings(folder):
    path = two_faults(folder)
    done = tool("check", path, code=1)
    assert done.out == (
        "error undefined-input at graph/node[0] 'relu_1'/input[0]\n"
        "  found     'ghost' is read, but nothing in scope produces, stores or gives it\n"
        "  expected  what a node reads is produced, stored or given by a graph in scope\n"
        "error unknown-attribute at graph/node[1] 'neg_1'/attribute 'alpha'\n"
        "  found     Neg-13 has no attribute 'alpha'\n"
        "  expected  an operator has the attributes that are given\n"), done.out
    assert done.err == (f"onnx-tool: error: {path}: 2 errors, the first at graph/node[0] 'relu_1'/input[0]: "
                        "'ghost' is read, but nothing in scope produces, stores or gives it\n"), done.err


def as_json(folder):
    report = json.loads(tool("check", two_faults(folder), "--json", code=1).out)
    assert (report["command"], report["valid"], report["num_errors"], report["num_warnings"]) == ("check", False, 2, 0), report
    assert report["findings"][1] == {"rule": "unknown-attribute", "severity": "error", "place": "graph/node[1] 'neg_1'/attribute 'alpha'",
                                     "found": "Neg-13 has no attribute 'alpha'", "expected": "an operator has the attributes that are given"}, report
    assert json.loads(tool("check", CNN, "--json").out)["findings"] == []


def warnings(folder):
    path = double_use(folder)
    done = tool("check", path)
    assert done.out.startswith("warning repeated-output at graph/output[1] 'y'\n"), done
    assert done.out.endswith(": valid, 1 warning\n") and done.err == "", done
    strict = tool("check", path, "--strict", code=1)
    assert "1 warning, the first at graph/output[1] 'y'" in strict.err, strict


def coverage(folder):
    path = models.unknown_operator(folder)
    assert tool("check", path).out == f"{path}: valid\n"
    assert "com.example.Frobnicate" in tool("check", path, "--full").out
    tool("check", path, "--full", "--strict", code=1)


def shapes(folder):
    """Types and shapes are inferred, weights included."""
    path = models.save(folder / "m.onnx", [helper.make_node("MatMul", ["x", "w"], ["y"], name="mm")], {"x": [1, 4]}, {"y": [1, 4]},
                       {"w": np.ones((3, 4), np.float32)})
    assert "impossible-node at graph/node[0] 'mm'" in tool("check", path, code=1).out
    declared = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 4])
    model = onnx.load(models.save(folder / "n.onnx", [helper.make_node("Relu", ["x"], ["y"], name="r")], {"x": [1, 4]}, {"y": [1, 4]}))
    model.graph.output[0].CopyFrom(declared)
    onnx.save(model, str(folder / "n.onnx"))
    found = tool("check", folder / "n.onnx", code=1).out
    assert "'y' is declared as a graph output to be float[2, 4], but node 'r' (Relu) makes it float[1, 4]" in found, found


def rules(folder):
    listed = tool("check", "--rules").out.splitlines()
    report = json.loads(tool("check", "--rules", "--json").out)
    assert len(listed) == len(report["rules"]) + 1 and len(report["rules"]) >= 45, len(listed)
    assert set(report["rules"][0]) == {"id", "severity", "description"}, report["rules"][0]


def names_are_escaped(folder):
    node = helper.make_node("Relu", ["no\x1b[31mred"], ["y"], name="evil\x1b]0;title\x07")
    done = tool("check", models.save(folder / "m.onnx", [node], {"x": [1]}, {"y": [1]}), code=1)
    assert "\x1b" not in done.out + done.err and "\\x1B" in done.out, done


def add_to(suite):
    for name, function in {
        "a valid model": valid, "all findings in one run": all_findings, "as JSON": as_json, "warnings and --strict": warnings,
        "--full names what cannot be checked": coverage, "types and shapes": shapes, "--rules": rules,
        "names are escaped": names_are_escaped,
    }.items():
        suite.case(f"check: {name}", function)
