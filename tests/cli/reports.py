"""What the commands print for people and, with --json, for scripts."""
import json
import subprocess

import numpy as np

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
    tool("run", MXNET, "--outputs", "conv1,relu1", "-o", folder / "out.npz")
    got = np.load(folder / "out.npz")
    assert sorted(got) == ["conv1", "relu1"] and got["conv1"].shape == (10, 16, 8, 8), sorted(got)


def help_and_version(folder):
    assert "0.1.0" in tool("--version").out
    for command in ([], ["inspect"], ["edit"], ["simplify"], ["diff-run"], ["run"]):
        assert tool(*command, "--help").out, command


def add_to(suite):
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
