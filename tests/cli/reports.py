"""What the commands print for people and, with --json, for scripts."""
import json
import subprocess

import numpy as np

import models
from harness import DIGITS, TOOL, tool

CNN = DIGITS / "digits_cnn.onnx"
MXNET = DIGITS / "digits_mxnet_style.onnx"
TEST_SET = DIGITS / "digits_test.npz"


def report(*args, code=0):
    """The one JSON object that a command prints."""
    return json.loads(tool(*args, "--json", code=code).out)


def inspect_text(folder):
    out = tool("inspect", CNN).out
    for word in ("image", "probability", "Conv", "BatchNormalization", "13"):
        assert word in out, f"expected {word} in\n{out}"
    listing = tool("inspect", MXNET, "--nodes").out
    for name in ("conv1", "bn1", "pool1", "dropout0", "pre_fc1"):
        assert name in listing, f"expected {name} in\n{listing}"
    assert "10x16x8x8" in listing.replace(",", "x").replace(" ", ""), f"expected the shape of conv1\n{listing}"


def closed_pipe(folder):
    """A reader that leaves early ends the program quietly."""
    done = subprocess.run(["sh", "-c", f"'{TOOL}' inspect '{CNN}' --nodes | head -n 1"], capture_output=True, text=True, timeout=60)
    assert done.stderr == "", done.stderr


def digit(folder):
    for n in (0, 7):
        out = tool("run", CNN, "--input", f"image={DIGITS}/digit_{n}.png", "--top", "1").out
        assert str(n) in out, out


def accuracy(folder):
    out = tool("run", CNN, "--input", f"image={TEST_SET}:images", "--labels", f"{TEST_SET}:labels").out
    assert "0.9889" in out, out


def same_seed(folder):
    """The seed decides the inputs."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        tool("run", CNN, "--seed", seed, "-o", folder / f"{name}.npz")
    a, b, c = (np.load(folder / f"{n}.npz")["probability"] for n in "abc")
    assert np.array_equal(a, b) and not np.array_equal(a, c)


def intermediate(folder):
    tool("run", CNN, "--dim", "N=5", "--outputs", "/conv1/Conv_output_0,/Relu_output_0", "-o", folder / "out.npz")
    got = np.load(folder / "out.npz")
    assert sorted(got) == ["/Relu_output_0", "/conv1/Conv_output_0"], sorted(got)
    assert got["/conv1/Conv_output_0"].shape == (5, 16, 8, 8) and got["/Relu_output_0"].min() >= 0


def help_and_version(folder):
    assert "0.1.0" in tool("--version").out
    for command in ([], ["inspect"], ["edit"], ["simplify"], ["diff-run"], ["run"]):
        assert tool(*command, "--help").out, command


def keys(value, *wanted):
    assert set(wanted) <= set(value), f"expected the keys {wanted}, found {list(value)}"


def json_inspect(folder):
    found = report("inspect", MXNET, "--nodes")
    keys(found, "version", "command", "file", "size_bytes", "ir_version", "producer", "opsets", "inputs", "outputs", "num_nodes",
         "operators", "weights", "metadata", "remarks", "nodes")
    assert found["inputs"] == [{"name": "data", "type": "float", "shape": [10, 1, 8, 8]}], found["inputs"]
    assert found["opsets"] == [{"domain": "ai.onnx", "version": 8}] and found["num_nodes"] == len(found["nodes"]) == 11
    assert found["operators"]["BatchNormalization"] == 3 and found["weights"]["num_tensors"] == 17, found["weights"]
    assert found["nodes"][0]["outputs"] == [{"name": "conv1", "type": "float", "shape": [10, 16, 8, 8]}], found["nodes"][0]
    assert report("inspect", CNN)["inputs"][0]["shape"] == ["N", 1, 8, 8]


def json_edit(folder):
    found = report("edit", MXNET, "-o", folder / "out.onnx", "--remove-node", "dropout0", "--fill", "bn1_gamma=ones", "--verify", "off")
    keys(found, "version", "command", "input", "output", "edits", "proofs", "remarks")
    assert [(e["option"], e["argument"]) for e in found["edits"]] == [("--remove-node", "dropout0"), ("--fill", "bn1_gamma=ones")]
    assert [e["meaning"] for e in found["edits"]] == ["kept", "changed"], found["edits"]


def json_simplify(folder):
    found = report("simplify", CNN, "-o", folder / "out.onnx")
    keys(found, "version", "command", "input", "output", "num_nodes_before", "num_nodes_after", "rewrites", "undone", "proof", "remarks")
    assert found["num_nodes_after"] < found["num_nodes_before"] and found["undone"] == []
    assert found["proof"]["ran"] and found["proof"]["equal"], found["proof"]


def json_diff_run(folder):
    found = report("diff-run", CNN, CNN)
    keys(found, "version", "command", "a", "b", "rtol", "atol", "equal", "first_bad", "unpaired_outputs", "tensors")
    assert found["equal"] and found["first_bad"] is None and all(t["max_abs"] == 0 for t in found["tensors"])
    tool("edit", CNN, "-o", folder / "broken.onnx", "--fill", "conv2.bias=zeros")
    found = report("diff-run", CNN, folder / "broken.onnx", code=1)
    assert not found["equal"] and "Conv" in found["first_bad"]["node"], found["first_bad"]


def json_run(folder):
    found = report("run", CNN, "--input", f"image={TEST_SET}:images", "--labels", f"{TEST_SET}:labels")
    keys(found, "version", "command", "model", "outputs", "accuracy")
    assert found["accuracy"]["right"] == 356 and found["accuracy"]["all"] == 360, found["accuracy"]
    assert found["outputs"][0]["name"] == "probability" and found["outputs"][0]["shape"] == [360, 10]


def names_are_escaped(folder):
    """A name cannot move the cursor of the terminal that shows it."""
    node = models.helper.make_node("Relu", ["x"], ["y"], name="evil\x1b[2J")
    path = models.save(folder / "evil.onnx", [node], {"x": [1]}, {"y": [1]})
    result = tool("inspect", path, "--nodes")
    assert "\x1b" not in result.out + result.err, result


def add_to(suite):
    for command, case in (("inspect", json_inspect), ("edit", json_edit), ("simplify", json_simplify), ("diff-run", json_diff_run),
                          ("run", json_run)):
        suite.case(f"{command} --json has the documented keys", case)
    suite.case("names from a model are escaped", names_are_escaped)
    for name, case in (
        ("inspect shows inputs, outputs, nodes, shapes", inspect_text),
        ("a closed pipe is no error", closed_pipe),
        ("run names the digit on a PNG", digit),
        ("run prints the accuracy on the test set", accuracy),
        ("run: the seed decides the inputs", same_seed),
        ("run --outputs gives intermediate tensors", intermediate),
        ("--help and --version", help_and_version),
    ):
        suite.case(name, case)
