"""Where weights go when a model is written, and faults while it is: the old files stay."""
import os
import resource
import subprocess

import numpy as np
import onnx
from onnx import numpy_helper

from harness import DIGITS, TOOL, Result, Skip, tool

CNN = DIGITS / "digits_cnn.onnx"


def weights(path):
    return {i.name: numpy_helper.to_array(i) for i in onnx.load(str(path)).graph.initializer}


def locations(path):
    model = onnx.load(str(path), load_external_data=False)
    return {i.name: {e.key: e.value for e in i.external_data}.get("location", "") for i in model.graph.initializer}


def assert_same_weights(path):
    got, expected = weights(path), weights(CNN)
    assert got.keys() == expected.keys() and all(np.array_equal(got[n], expected[n]) for n in got)


def weights_go_out_and_come_in(folder):
    out, back = folder / "out.onnx", folder / "back.onnx"
    assert tool("edit", CNN, "-o", out, "--external-data").out == f"wrote {out}\n"
    assert_same_weights(out)
    found = locations(out)
    assert found["conv2.weight"] == "out.onnx.data" and found["conv1.bias" if "conv1.bias" in found else "fc1.bias"] == ""
    assert out.stat().st_size < 6000
    tool("edit", out, "-o", back, "--inline")
    assert_same_weights(back)
    assert set(locations(back).values()) == {""}


def threshold_and_name_of_the_data_file(folder):
    out = folder / "out.onnx"
    tool("edit", CNN, "-o", out, "--external-data", "all.bin", "--threshold", "0")
    assert set(locations(out).values()) == {"all.bin"}
    assert_same_weights(out)
    tool("edit", CNN, "-o", out, "--external-data", "none.bin", "--threshold", "1M")
    assert set(locations(out).values()) == {""} and not (folder / "none.bin").exists()


def data_is_shared(folder):
    first, second = folder / "first.onnx", folder / "second.onnx"
    tool("edit", CNN, "-o", first, "--external-data", "w.bin")
    before = (folder / "w.bin").stat()
    assert "proven" in tool("edit", first, "-o", second, "--set-batch", "3", "--reuse-data").out
    assert locations(second)["conv2.weight"] == "w.bin"
    after = (folder / "w.bin").stat()
    assert (before.st_ino, before.st_mtime_ns, before.st_size) == (after.st_ino, after.st_mtime_ns, after.st_size)
    (folder / "elsewhere").mkdir()
    result = tool("edit", first, "-o", folder / "elsewhere" / "x.onnx", "--set-batch", "3", "--reuse-data", code=2)
    assert "w.bin" in result.err and not list((folder / "elsewhere").iterdir())


def a_rewrite_does_not_grow(folder):
    model = folder / "m.onnx"
    tool("edit", CNN, "-o", model, "--external-data", "w.bin")
    size = (folder / "w.bin").stat().st_size
    for _ in range(3):
        tool("edit", model, "-o", model, "--external-data", "w.bin", "--set-batch", "2", "--verify", "off")
        assert (folder / "w.bin").stat().st_size == size
    assert_same_weights(model)
    assert sorted(p.name for p in folder.iterdir()) == ["m.onnx", "w.bin"]


def another_models_data_file_is_safe(folder):
    model = folder / "m.onnx"
    tool("edit", CNN, "-o", model, "--external-data", "w.bin")
    before = (folder / "w.bin").read_bytes()
    result = tool("edit", model, "-o", folder / "n.onnx", "--external-data", "w.bin", "--threshold", "0", code=2)
    assert "would no longer fit" in result.err
    assert (folder / "w.bin").read_bytes() == before and not (folder / "n.onnx").exists()


def options_that_contradict(folder):
    for options in (["--inline", "--reuse-data"], ["--external-data", "a.bin", "--inline"], ["--inline", "--threshold", "3"]):
        tool("edit", CNN, "-o", folder / "x.onnx", *options, code=2)
    assert "no data file to reuse" in tool("edit", CNN, "-o", folder / "x.onnx", "--reuse-data", code=2).err
    assert not list(folder.iterdir())


def documentation_is_one_change(folder):
    out = folder / "out.onnx"
    result = tool("edit", CNN, "-o", out, "--set-doc", "about digits")
    assert "documentation 'about digits'" in result.out and "proven" in result.out
    before, after = CNN.read_bytes(), out.read_bytes()
    field = b"\x32\x0cabout digits"
    at = after.index(field)
    assert after[:at] + after[at + len(field):] == before


def assert_old_stays(folder, command, code, text, **run):
    """The command with an old model and data file in place fails, and both are as they were, nothing beside them."""
    out = folder / "out.onnx"
    out.write_bytes(b"old model")
    (folder / "out.onnx.data").write_bytes(b"old data")
    argv = [TOOL, *map(str, command), str(out)] if command[0] == "convert" else [TOOL, *map(str, command), "-o", str(out)]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, **run)
    result = Result(argv, done.returncode, done.stdout, done.stderr)
    assert done.returncode == code and text in done.stderr, result
    assert out.read_bytes() == b"old model" and (folder / "out.onnx.data").read_bytes() == b"old data", result
    assert sorted(p.name for p in folder.iterdir()) == ["out.onnx", "out.onnx.data"], result


def a_full_disk_leaves_the_old_files(folder):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

    for command in (["edit", CNN, "--set-batch", "3", "--verify", "off"], ["edit", CNN, "--external-data"], ["convert", CNN],
                    ["simplify", CNN, "--verify", "off"]):
        assert_old_stays(folder, command, 5, "file too large", preexec_fn=limit)


def a_folder_without_permission_leaves_the_old_files(folder):
    if os.geteuid() != 0:
        folder.chmod(0o555)
        try:
            result = tool("edit", CNN, "-o", folder / "out.onnx", "--set-batch", "3", "--verify", "off", code=5)
            assert "permission denied" in result.err and not list(folder.iterdir()), result
        finally:
            folder.chmod(0o755)
        return
    folder.chmod(0o755)
    try:
        can_run = subprocess.run([TOOL, "inspect", CNN], user=65534, capture_output=True).returncode == 0
    except PermissionError:
        can_run = False
    if not can_run:
        raise Skip("other users cannot run the program, or read testdata")
    assert_old_stays(folder, ["edit", CNN, "--set-batch", "3", "--verify", "off"], 5, "permission denied", user=65534)


def add_to(suite):
    for name, function in list(globals().items()):
        if callable(function) and getattr(function, "__module__", "") == __name__ and name not in ("add_to", "weights", "locations") and not name.startswith("assert_"):
            suite.case("storage: " + name.replace("_", " "), function)
