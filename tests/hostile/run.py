#!/usr/bin/env python3
"""Writes the hostile files once for each version of their maker, and runs the tool on them."""
import os
import pathlib
import subprocess
import sys

import hostile_files

HERE = pathlib.Path(__file__).resolve().parent


def main():
    folder = hostile_files.make()
    tool = os.environ.get("ONNX_TOOL", str(HERE.parent.parent / "build" / "onnx-tool"))
    command = [sys.executable, HERE / "run_hostile.py", "--tool", tool, folder / "manifest.json", "--known", HERE / "known.txt",
               *sys.argv[1:]]
    sys.exit(subprocess.run(command).returncode)


if __name__ == "__main__":
    main()
