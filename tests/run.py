#!/usr/bin/env python3
"""Runs the test suites and adds up what they say.  scripts/test calls it after the build.

usage: run.py [--all] [SUITE...]
"""
import argparse
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SUMMARIES = (
    re.compile(r"^(?P<passed>\d+) passed, (?P<failed>\d+) failed(?:, (?P<skipped>\d+) skipped)?$"),
    re.compile(r"^\[doctest\] test cases: +\d+ \| +(?P<passed>\d+) passed \| +(?P<failed>\d+) failed \| +(?P<skipped>\d+) skipped$"),
)
TIMEOUT_S = 1800


def suites(everything):
    """name -> command. Python is the one that runs this program: the build's own environment."""
    python = sys.executable
    return {
        "format": ["scripts/format"],
        "unit": ["build-asan/unit_tests", "--no-colors=true"],
        "generated": [python, "tests/generated/run.py"],
        "cli": [python, "tests/cli/run.py"],
        "forms": [python, "tests/forms/run.py"] + ["--all"] * everything,
        "corpus": [python, "tests/corpus/run.py"] + ["--all"] * everything,
        "hostile": [python, "tests/hostile/run.py"] + ["--all"] * everything,
        "conformance": [python, "tests/conformance/run_suite.py"],
        "inference": [python, "tests/conformance/run_suite.py", "--inference"],
        "checker": [python, "tests/checker/run.py"],
        "readme": [python, "tests/readme/run.py"],
    } | ({"simplify": [python, "tests/conformance/simplify_suite.py"]} if everything else {})


def count(output):
    """(passed, failed, skipped) from the last summary line, or None."""
    for line in reversed(output.splitlines()):
        for summary in SUMMARIES:
            match = summary.match(line.strip())
            if match:
                return [int(match[k] or 0) for k in ("passed", "failed", "skipped")]
    return None


def run(name, command):
    """Runs one suite; a suite without a summary counts as one test."""
    environment = dict(os.environ, UBSAN_OPTIONS="print_stacktrace=1")
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=TIMEOUT_S)
        code, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        code, output = -1, f"{(late.stdout or b'').decode(errors='replace')}\n{name}: no end after {TIMEOUT_S} s"
    counts = count(output)
    if counts is None:
        counts = [int(code == 0 and name == "format"), 0, 0]
    broken = (code != 0 and counts[1] == 0) or sum(counts) == 0
    if broken:
        counts[1] += 1
        output += f"\n{name}: broke (exit code {code})"
    return counts, output


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true", help="the longest sweeps too")
    parser.add_argument("suite", nargs="*")
    args = parser.parse_args()
    known = suites(args.all)
    unknown = set(args.suite) - set(known)
    if unknown:
        parser.error(f"no suite {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    totals = [0, 0, 0]
    for name, command in known.items():
        if args.suite and name not in args.suite:
            continue
        start = time.monotonic()
        counts, output = run(name, command)
        totals = [a + b for a, b in zip(totals, counts)]
        if counts[1]:
            print(f"==== {name}\n{output}")
        elif counts[2]:
            print("\n".join(x for x in output.splitlines() if x.startswith("skipped")))
        print(f"{name + ':':10} passed {counts[0]}, failed {counts[1]}, skipped {counts[2]}  ({time.monotonic() - start:.1f} s)", flush=True)
    print(f"{totals[0]} passed, {totals[1]} failed" + (f", {totals[2]} skipped" if totals[2] else ""))
    sys.exit(1 if totals[1] or not totals[0] else 0)


if __name__ == "__main__":
    main()
