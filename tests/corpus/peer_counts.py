#!/usr/bin/env python3
"""Writes peer_counts.json: the top-level nodes that onnxsim and onnxslim, as pinned, leave of each corpus model."""
import importlib.metadata
import json
import pathlib

import onnx
import onnxsim
import onnxslim

import corpus

PEERS = ("onnxsim", "onnxslim")


def measure(name):
    """{"original": N, "onnxsim": N, "onnxslim": N}; a peer that fails on the model is left out."""
    path = str(corpus.filled(name))
    counts = {"original": corpus.node_count(path)}
    for peer, simplify in (("onnxsim", lambda m: onnxsim.simplify(m)[0]), ("onnxslim", onnxslim.slim)):
        try:
            counts[peer] = len(simplify(onnx.load(path)).graph.node)
        except Exception as error:  # whatever a peer throws
            print(f"{name}: {peer}: {error}")
    return counts


def main():
    table = {
        "versions": {peer: importlib.metadata.version(peer) for peer in PEERS},
        "models": {path.stem: measure(path.stem) for path in sorted(corpus.MODELS.glob("*.onnx"))},
    }
    text = json.dumps(table, indent=1)
    (pathlib.Path(__file__).parent / "peer_counts.json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
