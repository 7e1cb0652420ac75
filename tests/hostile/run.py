#!/usr/bin/env python3
"""Writes the hostile files once for each version of their maker, and runs the tool on them."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build"


def main():
    maker = HERE / "make_hostile.py"
    out = BUILD / "hostile"
    stamp = out / "maker.sha256"
    digest = hashlib.sha256(maker.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(out, ignore_errors=True)
        subprocess.run([sys.executable, maker, out], check=True, stdout=subprocess.DEVNULL)
        stamp.write_text(digest)
    tool = os.environ.get("ONNX_TOOL", str(BUILD / "onnx-tool"))
    command = [sys.executable, HERE / "run_hostile.py", "--tool", tool, out / "manifest.json", "--known", HERE / "known.txt",
               "--skip-command", "check", *sys.argv[1:]]
    sys.exit(subprocess.run(command).returncode)


if __name__ == "__main__":
    main()
