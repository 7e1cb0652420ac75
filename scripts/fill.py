#!/usr/bin/env python3
"""Re-create the weights of the stripped models in testdata/models (needs only onnx and numpy).

usage: fill.py IN.onnx OUT.onnx       one model; its side file IN.json lies beside it (both may be gzipped: IN.onnx.gz)
       fill.py --all OUTDIR           every model of testdata/models

A stripped model keeps the name, type and dims of each large float tensor but not its
payload.  The side file says how to make it again:
  "tensors": {key: {"mean", "std", "min"}}   seeded normal values, clipped to >= min if min >= 0
  "tensors": {key: {"zlib": base64}}         structured tensors (masks, grids, ones), exact bytes
  "inputs":  {name: {...}}                   one set of valid inputs, see sample_inputs()
  "inputs_other"                             the same with every dynamic dimension changed (absent: none can be)
The same file always gives the same bytes: values come from numpy's frozen RandomState,
seeded with the CRC of the tensor's key.
"""
import base64
import gzip
import json
import os
import sys
import zlib

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper


def walk_tensors(model):
    """Yield (key, TensorProto) for each initializer and each tensor attribute, in any (sub)graph
    or function.  A key is NAME for an initializer, OUTPUT:ATTRIBUTE for a node's tensor; inside a
    subgraph it is preceded by OUTPUT.ATTRIBUTE/ of the node that owns the subgraph."""

    def nodes(ns, prefix):
        for n in ns:
            tag = next((o for o in n.output if o), n.name)
            for a in n.attribute:
                if a.type == AttributeProto.TENSOR:
                    yield f"{prefix}{tag}:{a.name}", a.t
                elif a.type == AttributeProto.GRAPH:
                    yield from graph(a.g, f"{prefix}{tag}.{a.name}/")
                elif a.type == AttributeProto.GRAPHS:
                    for i, g in enumerate(a.graphs):
                        yield from graph(g, f"{prefix}{tag}.{a.name}{i}/")

    def graph(g, prefix):
        for t in g.initializer:
            yield prefix + t.name, t
        yield from nodes(g.node, prefix)

    yield from graph(model.graph, "")
    for f in model.functions:
        yield from nodes(f.node, f"{f.domain}::{f.name}/")


def is_float(t):
    return t.data_type in (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16)


def is_stripped(t):
    """True for a float tensor that has elements by its dims but no payload."""
    payload = t.raw_data or t.float_data or t.double_data or t.int32_data or t.external_data
    return is_float(t) and not payload and int(np.prod(t.dims, dtype=np.int64)) > 0


def fill_tensor(key, t, spec):
    dtype = helper.tensor_dtype_to_np_dtype(t.data_type)
    if "zlib" in spec:
        t.raw_data = zlib.decompress(base64.b64decode(spec["zlib"]))
        return
    rng = np.random.RandomState(zlib.crc32(key.encode()))
    values = rng.standard_normal(tuple(t.dims)) * spec["std"] + spec["mean"]
    if spec["min"] >= 0:
        values = np.maximum(values, spec["min"])
    t.raw_data = values.astype(dtype).tobytes()


def read(path):
    """The bytes of a file; of its gzipped form where that has `.gz` behind the name. None where neither exists."""
    if os.path.exists(path):
        return open(path, "rb").read()
    return gzip.open(path + ".gz").read() if os.path.exists(path + ".gz") else None


def fill(src, dst):
    stem = src.removesuffix(".gz").removesuffix(".onnx")
    source = read(stem + ".onnx")
    if source is None:
        sys.exit(f"fill.py: {src}: no such file")
    model = onnx.load_from_string(source)
    side = read(stem + ".json")
    specs = json.loads(side)["tensors"] if side else {}
    for key, t in walk_tensors(model):
        if is_stripped(t):
            fill_tensor(key, t, specs[key])
    onnx.save(model, dst)
    return model


def sample_inputs(inputs, seed=0):
    """A dict of numpy arrays for the "inputs" of a side file.

    Each entry has "dtype" and "shape", and one of: nothing (normal values), "low"/"high"
    (uniform, high excluded), "values" (drawn from a list: text, classes), "data" (exact)."""
    rng = np.random.RandomState(seed)
    out = {}
    for name, s in inputs.items():
        dtype = np.dtype(object) if s["dtype"] == "string" else np.dtype(s["dtype"])
        shape = tuple(s["shape"])
        if "data" in s:
            v = np.array(s["data"], dtype=dtype).reshape(shape)
        elif "values" in s:
            v = np.array(s["values"], dtype=dtype)[rng.randint(0, len(s["values"]), shape)]
        elif "low" in s:
            if dtype.kind == "f":
                v = rng.uniform(s["low"], s["high"], shape)
            else:
                v = rng.randint(s["low"], s["high"], shape)
        else:
            v = rng.standard_normal(shape)
        out[name] = np.asarray(v).astype(dtype)
    return out


def main():
    args = sys.argv[1:]
    if len(args) != 2:
        sys.exit(__doc__)
    if args[0] != "--all":
        fill(*args)
        return
    src = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "testdata", "models")
    os.makedirs(args[1], exist_ok=True)
    for name in sorted(os.listdir(src)):
        if name.endswith((".onnx", ".onnx.gz")):
            fill(os.path.join(src, name), os.path.join(args[1], name.removesuffix(".gz")))
            print(name)


if __name__ == "__main__":
    main()
