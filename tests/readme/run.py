#!/usr/bin/env python3
"""The README's examples: its C++ compiles, links and runs; its console blocks print what they say.

A ```console block holds `$ command` lines, each followed by the output to expect; `...` in it stands for any text.
The blocks run in order in one folder, in which testdata/ is the repository's and onnx-tool is on the PATH.
Blocks that call scripts/ are instructions for people and are not run.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import BUILD, ROOT, Suite  # noqa: E402

README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def examples():
    """[(command, expected output)] of all console blocks."""
    found = []
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.split("\n")
            end = 1 + next((i for i, line in enumerate(lines) if not line.endswith("\\")), 0)
            found.append(("\n".join(lines[:end]), "\n".join(lines[end:]).strip("\n")))
    return [x for x in found if not x[0].startswith(("scripts/", "git "))]


NUMBER = r"(?<![\w.])\d+(?:\.\d+)?e[+-]?\d+|(?<![\w.])\d+\.\d+(?![\w.])"


def same_number(expected, got):
    """Measured differences are rounding errors: processors with other vector widths give others of their size."""
    try:
        a, b = float(expected), float(got)
    except ValueError:
        return False
    return abs(a - b) <= 0.05 * max(abs(a), abs(b)) or max(abs(a), abs(b)) < 1e-4


def matches(expected, got):
    """Equal but for `...`, for the number of blanks, and for decimals, which may differ as same_number() says."""
    def blanks_folded(text):
        return re.sub(r" +", " ", text.strip("\n"))

    tokens = re.split(rf"(\.\.\.|{NUMBER})", blanks_folded(expected))
    is_number = [re.fullmatch(NUMBER, token) is not None for token in tokens]
    pattern = "".join(r"([^\s,;()]+)" if number else ".*" if token == "..." else re.escape(token)
                      for token, number in zip(tokens, is_number))
    found = re.fullmatch(pattern, blanks_folded(got), re.DOTALL)
    wanted = [token for token, number in zip(tokens, is_number) if number]
    return found is not None and all(map(same_number, wanted, found.groups()))


def console(folder):
    (folder / "testdata").symlink_to(ROOT / "testdata")
    environment = dict(os.environ, PATH=f"{BUILD}:{os.environ['PATH']}")
    assert examples(), "README.md has no console examples"
    for command, expected in examples():
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        assert matches(expected, done.stdout), f"$ {command}\nthe README says\n{expected}\nbut it is\n{done.stdout}"


def cpp(folder):
    """Each C++ example is a whole program on the public headers of libsurgery."""
    assert blocks("cpp"), "README.md has no C++ example"
    for index, source in enumerate(blocks("cpp")):
        path, program = folder / f"example_{index}.cpp", folder / f"example_{index}"
        path.write_text(source)
        build = ["g++", "-std=c++20", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/libsurgery/include", path, "-o", program,
                 BUILD / "libsurgery" / "libsurgery.a", BUILD / "proto" / "libonnx_proto.a", "-lprotobuf", "-lz"]
        done = subprocess.run(build, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        (folder / "testdata").symlink_to(ROOT / "testdata")
        done = subprocess.run([program], cwd=folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def main():
    suite = Suite()
    suite.case("the console examples print what the README says", console)
    suite.case("the C++ examples compile and run", cpp)
    suite.main()


if __name__ == "__main__":
    main()
