"""The scripts: a second run does no set-up and no build, and the demo shows what it promises."""
import subprocess
import time

from harness import BUILD, ROOT, TOOL


def script(name, *args, timeout=300):
    done = subprocess.run([ROOT / "scripts" / name, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, f"scripts/{name}: exit code {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout, done.stderr


def second_setup(folder):
    stamp = BUILD / "venv" / "requirements.sha256"
    before, start = stamp.stat().st_mtime_ns, time.monotonic()
    assert script("setup") == ("", ""), "expected no output"
    assert stamp.stat().st_mtime_ns == before, "the Python packages were installed again"
    assert time.monotonic() - start < 10, "too slow for doing nothing"


def demo(folder):
    """The demo builds first (a second time: nothing to do), then shows the main job."""
    program = BUILD / "onnx-tool"
    before = program.stat().st_mtime_ns
    out, _ = script("demo")
    assert program.stat().st_mtime_ns == before, "the program was linked again"
    assert out.count("0.9889") == 2, f"expected the accuracy of both networks\n{out[-3000:]}"
    assert "(exit code 1)" in out, "expected the broken copy to be found"


def same_bytes(folder):
    """Same input and flags, same bytes out."""
    model = ROOT / "testdata" / "digits" / "digits_mxnet_style.onnx"
    for command in (["edit", model, "--fix", "mxnet"], ["simplify", ROOT / "testdata" / "digits" / "digits_cnn.onnx"]):
        for name in ("a.onnx", "b.onnx"):
            subprocess.run([TOOL, *command, "-o", folder / name], check=True, capture_output=True)
        assert (folder / "a.onnx").read_bytes() == (folder / "b.onnx").read_bytes(), f"{command[0]} wrote different bytes"


def add_to(suite):
    suite.case("a second set-up does nothing", second_setup)
    suite.case("the demo does the main job", demo)
    suite.case("edit and simplify write the same bytes each time", same_bytes)
