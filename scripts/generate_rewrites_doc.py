#!/usr/bin/env python3
"""Writes docs/rewrites.md from the sources of the rewrites: their order in registry.cpp, names, descriptions, and the
comments that specify them. Run it after changing any of these; a test compares."""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "libsurgery" / "src" / "rewrite"
HEAD = """# Rewrites

What `onnx-tool simplify` does, one section per rewrite, in the order in which they are tried. `--only` and `--skip` take
the names; `--list-rewrites` prints them. Each keeps what the model computes, for every value of its symbolic dims, and
declines where that cannot be shown. Standard ONNX goes in and standard ONNX of the same opset comes out.

Written by `scripts/generate_rewrites_doc.py` from `libsurgery/src/rewrite/`.
"""


def specification(text, before):
    """The last comment of several /// lines that has a Requires, above a position in the text."""
    blocks = re.findall(r"(?:^/// ?.*\n)+", text[:before], re.MULTILINE)
    blocks = [b for b in blocks if "Requires" in b]
    lines = [re.sub(r"^/// ?", "", line) for line in blocks[-1].splitlines()]
    return "\n".join(lines)


def main():
    registry = (SOURCES / "registry.cpp").read_text()
    sections = []
    for heading, macro in (("Node by node", "NODE_REWRITES"), ("On whole graphs", "GRAPH_REWRITES")):
        sections.append(f"## {heading}\n")
        body = re.search(rf"#define {macro}\(ENTRY\)(.*?)\n\n", registry, re.DOTALL).group(1)
        for function in re.findall(r"ENTRY\((\w+)\)", body):
            for path in sorted(SOURCES.glob("*.cpp")):
                text = path.read_text()
                made = re.search(rf"Rewrite& {function}\(\) {{.*?rewrite\(\s*\"(\w+)\",\s*((?:\"[^\"]*\"\s*)+),", text, re.DOTALL)
                if made:
                    break
            description = "".join(re.findall(r'"([^"]*)"', made.group(2)))
            sections.append(f"### {made.group(1)}\n\n{description}\n\n```\n{specification(text, made.start())}\n```\n")
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "rewrites.md").write_text(HEAD + "\n" + "\n".join(sections))


main()
