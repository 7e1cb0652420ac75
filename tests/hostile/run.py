#!/usr/bin/env python3
"""Writes the hostile files once for each version of their maker, and runs the tool on them: as make_hostile.py says, in
the release build and under AddressSanitizer and UndefinedBehaviorSanitizer, and with every command that reads a model.

usage: run.py [--all] [ARGUMENT of run_hostile.py...]     --all: with every option, and all under the sanitizers too
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

import every_command
import hostile_files

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DIGITS = ROOT / "testdata" / "digits" / "digits_cnn.onnx"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true", help="with every option, and all under the sanitizers too")
    args, rest = parser.parse_known_args()
    folder = hostile_files.make()
    release = os.environ.get("ONNX_TOOL", str(ROOT / "build" / "onnx-tool"))
    sanitized = ROOT / "build-asan" / "onnx-tool"
    main_commands, every = folder / "manifest.json", every_command.write(folder, DIGITS, args.all)
    # Times are judged with the main commands of the release build. The sanitizers' is not optimised: 200,000 nodes take
    # it 20 s, on a machine with nothing else to do.
    patient = ["--timeout", "40"]
    runs = [(release, main_commands, []), (sanitized, main_commands, patient), (release, every, patient)]
    runs += [(sanitized, every, patient)] * args.all
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    broken = False
    for tool, manifest, options in runs:
        command = [sys.executable, HERE / "run_hostile.py", "--tool", tool, manifest, "--known", HERE / "known.txt", *options, *rest]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, errors="replace")
        print(f"{pathlib.Path(tool).parent.name}, {manifest.stem}:\n{done.stdout}", end="")
        lines = done.stdout.splitlines()
        counted = re.findall(r"(\d+) (passed|failed|skipped)", lines[-1] if lines else "")
        broken = broken or done.returncode != 0 or not counted
        for number, what in counted:
            totals[what] += int(number)
    print(", ".join(f"{number} {what}" for what, number in totals.items()))
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
