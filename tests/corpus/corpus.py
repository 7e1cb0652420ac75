"""The convolutional models of testdata/models, filled, with seeded inputs and what ONNX Runtime makes of them."""
import functools
import json
import pathlib
import sys
import threading

import numpy as np
import onnx
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts")]

import fill  # noqa: E402

MODELS = ROOT / "testdata" / "models"
FILLED = ROOT / "build" / "corpus"
RTOL, ATOL = 1e-3, 1e-4

_filling = threading.Lock()


def filled(name):
    """The path of the model with its weights, made once and again when the stripped model or its side file changed."""
    path = FILLED / f"{name}.onnx"
    sources = [MODELS / f"{name}.onnx", MODELS / f"{name}.json", ROOT / "scripts" / "fill.py"]
    with _filling:
        if not path.exists() or path.stat().st_mtime < max(s.stat().st_mtime for s in sources):
            FILLED.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".new")
            fill.fill(str(sources[0]), str(fresh))
            fresh.rename(path)
    return path


@functools.lru_cache(maxsize=None)
def side(name):
    return json.loads((MODELS / f"{name}.json").read_text())


def input_sets(name):
    """The seeded inputs of the side file: {"inputs": {...}} and, where something is dynamic, {"inputs_other": {...}}."""
    return {key: fill.sample_inputs(side(name)[key], seed) for seed, key in enumerate(("inputs", "inputs_other")) if key in side(name)}


def ort_session(path):
    """A session that runs the graph as it is written: no graph optimisation, one thread (cases run side by side)."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def ort_run(path, inputs):
    session = ort_session(path)
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, inputs)))


def assert_close(got, wanted, what):
    """numpy's rule, |got - wanted| <= ATOL + RTOL * |wanted|, for every output; the message names the worst."""
    assert set(got) == set(wanted), f"{what}: outputs {sorted(got)}, expected {sorted(wanted)}"
    for name, expected in wanted.items():
        actual = np.asarray(got[name])
        assert actual.shape == expected.shape, f"{what}: {name} has shape {actual.shape}, expected {expected.shape}"
        assert actual.dtype == expected.dtype, f"{what}: {name} is {actual.dtype}, expected {expected.dtype}"
        if not np.allclose(actual, expected, rtol=RTOL, atol=ATOL):
            worst = np.max(np.abs(actual.astype(np.float64) - expected))
            raise AssertionError(f"{what}: {name} differs by up to {worst:g}")


def node_count(path):
    return len(onnx.load(str(path), load_external_data=False).graph.node)
