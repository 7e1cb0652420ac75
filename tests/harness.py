"""A small test runner: named cases, a few at a time, one line per failure and a count at the end.

A suite is a program that fills a Suite and calls main().  A case is a function; it passes by returning, fails by
raising, and is skipped by raising Skip.  Each case gets its own empty folder.
"""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
DIGITS = ROOT / "testdata" / "digits"
TOOL = os.environ.get("ONNX_TOOL", str(BUILD / "onnx-tool"))


class Skip(Exception):
    """Raised by a case that cannot run here; its text says why."""


class Result:
    """What one call of the tool left behind: exit code, stdout and stderr as text."""

    def __init__(self, argv, code, out, err):
        self.argv, self.code, self.out, self.err = argv, code, out, err

    def __str__(self):
        return f"$ {' '.join(map(str, self.argv))}\nexit code {self.code}\nstdout: {self.out[-2000:]}\nstderr: {self.err[-2000:]}"


def tool(*args, cwd=None, code=0, timeout=300, stdout=subprocess.PIPE):
    """Runs onnx-tool, demands the exit code (None: any that is no crash) and returns the Result."""
    argv = [TOOL, *map(str, args)]
    done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True,
                          errors="replace", timeout=timeout)
    result = Result(argv, done.returncode, done.stdout or "", done.stderr)
    wanted = result.code in range(0, 126) if code is None else result.code == code
    assert wanted, f"expected exit code {'below 126' if code is None else code}\n{result}"
    return result


class Suite:
    def __init__(self):
        self.cases = []

    def case(self, name, function, *args):
        """Adds a case: function(folder, *args)."""
        self.cases.append((name, function, args))

    def _run(self, case):
        name, function, args = case
        start = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="onnx-tool-test-") as folder:
                function(pathlib.Path(folder), *args)
            outcome, text = "ok", ""
        except Skip as skip:
            outcome, text = "skipped", str(skip)
        except AssertionError as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            outcome, text = "FAILED", f"{os.path.relpath(frame.filename, ROOT)}:{frame.lineno}: {frame.line}\n{error}"
        except Exception:
            outcome, text = "FAILED", traceback.format_exc()
        return name, outcome, text, time.monotonic() - start

    def main(self, argv=None):
        parser = argparse.ArgumentParser()
        parser.add_argument("--only", default="", help="only the cases with this text in their name")
        parser.add_argument("--jobs", type=int, default=os.cpu_count())
        parser.add_argument("--times", action="store_true", help="show the seconds of each case")
        args = parser.parse_args(argv)
        cases = [c for c in self.cases if args.only in c[0]]
        counts = {"ok": 0, "FAILED": 0, "skipped": 0}
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            for name, outcome, text, seconds in pool.map(self._run, cases):
                counts[outcome] += 1
                if args.times:
                    print(f"{seconds:7.2f} s  {outcome:7}  {name}")
                if outcome != "ok":
                    print(f"{outcome} {name}: {text}", flush=True)
        skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
        print(f"{counts['ok']} passed, {counts['FAILED']} failed{skipped}")
        sys.exit(1 if counts["FAILED"] or not cases else 0)
