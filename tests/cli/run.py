#!/usr/bin/env python3
"""The command line as scripts see it: exit codes, messages, JSON, files.

usage: run.py [--only TEXT] [--jobs N] [--times]
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import bad_input  # noqa: E402
import checks  # noqa: E402
import edits  # noqa: E402
import forms  # noqa: E402
import inspections  # noqa: E402
import reports  # noqa: E402
import runs  # noqa: E402
import scripts  # noqa: E402
import storage  # noqa: E402
from harness import Suite  # noqa: E402


def main():
    suite = Suite()
    for module in (scripts, bad_input, checks, edits, forms, inspections, reports, runs, storage):
        module.add_to(suite)
    suite.main()


if __name__ == "__main__":
    main()
