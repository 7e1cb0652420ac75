#!/usr/bin/env python3
"""Compares operators with ONNX Runtime and with the reference implementation of the `onnx` package.

Draws models of one node with random attributes, opset versions, shapes (sizes 0 and 1 and broadcasting included) and
types, runs each in both oracles, and lets build/conformance_suite compare the executor with each. What an oracle
refuses, it has no vote in. A disagreement with an oracle is explained when a line of operator_draws/explanations.py
says so: which operator and oracle, under which condition, why. Prints the explained ones by reason and every other one,
so that it can be run again by its number: drawing is reproducible. Exit code 1 when one is not explained.

usage: compare_operators.py [--cases N] [--seed N] [--operators A,B] [--program PROGRAM] [--keep FOLDER] [-v] [--stale]
"""
import argparse
import collections
import os
import pathlib
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnx
from onnx import helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from operator_draws import DRAWS  # noqa: E402
from operator_draws.explanations import EXPLANATIONS  # noqa: E402
from operator_draws.older_versions import older_versions  # noqa: E402

#: By the type of the first expected output: rtol, atol. Sums of float products in another order need the second.
TOLERANCES = {"float16": (4e-3, 2e-3), "float64": (1e-9, 1e-9), "bfloat16": (2e-2, 2e-2)}
DEFAULT_TOLERANCE = (1e-3, 1e-5)

#: Cases whose oracles run in one process.
BLOCK = 200

Case = collections.namedtuple("Case", "name op draw oracles refusals")


def type_of(value):
    """The ONNX type of an input: an array, or a list of arrays."""
    if isinstance(value, list):
        element = type_of(value[0])
        if element.HasField("tensor_type"):
            element.tensor_type.ClearField("shape")  # each element has its own
        return helper.make_sequence_type_proto(element)
    if isinstance(value, dict):
        key, entry = next(iter(value.items()))
        key_type = onnx.TensorProto.STRING if isinstance(key, str) else onnx.TensorProto.INT64
        entry_type = onnx.TensorProto.STRING if isinstance(entry, str) else helper.np_dtype_to_tensor_dtype(
            np.asarray(entry).dtype)
        return helper.make_map_type_proto(key_type, helper.make_tensor_type_proto(entry_type, []))
    return helper.make_tensor_type_proto(element_type(value), value.shape)


def element_type(value):
    return onnx.TensorProto.STRING if value.dtype.kind in "OU" else helper.np_dtype_to_tensor_dtype(value.dtype)


def model_of(draw):
    names = [f"i{k}" if value is not None else "" for k, value in enumerate(draw.inputs)]
    while names and not names[-1]:
        names.pop()
    outputs = [f"o{k}" for k in range(draw.num_outputs)]
    node = helper.make_node(draw.op, names, outputs, domain=draw.domain, **draw.attributes)
    infos = [helper.make_value_info(name, type_of(value)) for name, value in zip(names, draw.inputs) if name]
    graph = helper.make_graph([node], "g", infos, [onnx.ValueInfoProto(name=name) for name in outputs])
    opsets = [helper.make_opsetid("", draw.opset)]
    if draw.domain:
        opsets.append(helper.make_opsetid(draw.domain, draw.domain_version))
    return helper.make_model(graph, opset_imports=opsets, ir_version=14 if draw.opset > 23 else 10)


def ort_outputs(model, feeds):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    # Its Python interface takes numpy's own types alone: others go in and out as their bits.
    odd = [value for value in feeds.values() if isinstance(value, np.ndarray) and is_extension(value.dtype)]
    if odd or any(re.search("bfloat16|float8|int4|int2", each.type) for each in session.get_outputs()):
        return through_values(session, feeds)
    return session.run(None, feeds)


def is_extension(dtype):
    """bfloat16 and narrower types, which ml_dtypes adds to numpy."""
    return dtype.isbuiltin == 2


def through_values(session, feeds):
    import onnxruntime

    binding = session.io_binding()
    kept = []
    for name, value in feeds.items():
        if "int" in value.dtype.name and is_extension(value.dtype):
            raise NotImplementedError("4-bit types are packed")
        if is_extension(value.dtype):
            bits = np.ascontiguousarray(value.view(np.uint16 if value.dtype.itemsize == 2 else np.uint8))
            each = onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(bits, element_type(value))
        else:
            each = onnxruntime.OrtValue.ortvalue_from_numpy(value)
        kept.append(each)
        binding.bind_ortvalue_input(name, each)
    for each in session.get_outputs():
        binding.bind_output(each.name)
    session.run_with_iobinding(binding)
    return [from_ort_value(value) for value in binding.get_outputs()]


def from_ort_value(value):
    dtype = np.dtype(helper.tensor_dtype_to_np_dtype(value.element_type()))
    if not is_extension(dtype):
        return value.numpy()
    if "int" in dtype.name:
        raise NotImplementedError("4-bit types are packed")
    import ctypes

    shape = tuple(value.shape())
    data = ctypes.string_at(value.data_ptr(), int(np.prod(shape)) * dtype.itemsize)
    return np.frombuffer(data, dtype).reshape(shape)


#: Where the reference implementation gives a wider type than the operator's: what to round floats and integers to.
NARROWER = {"DictVectorizer": ("float32", None), "FeatureVectorizer": ("float32", "float32"),
            "Normalizer": ("float32", None), "Scaler": ("float32", None), "SVMClassifier": ("float32", None),
            "LinearClassifier": ("float32", None), "LinearRegressor": ("float32", None),
            "TreeEnsembleClassifier": ("float32", None), "TreeEnsembleRegressor": ("float32", None),
            "Adam": ("float32", None)}


def reference_outputs(model, feeds):
    from onnx.reference import ReferenceEvaluator

    op = model.graph.node[0].op_type
    outputs = []
    for value in ReferenceEvaluator(model).run(None, feeds):
        if not isinstance(value, (list, dict)):
            value = np.asarray(value)
            real, integer = NARROWER.get(op, (None, None))
            to = feeds["i0"].dtype if op == "ReduceSumSquare" else {"f": real, "i": integer}.get(value.dtype.kind)
            value = value.astype(to) if to else value
        outputs.append(value)
    return outputs


def attempt(run, model, feeds):
    """The outputs, or None and why there are none."""
    try:
        with np.errstate(all="ignore"):
            return run(model, feeds), ""
    except Exception as error:  # noqa: BLE001 whatever an oracle raises is a refusal
        return None, f"{type(error).__name__} {error}".replace("\n", " ")[:200]


def encode(value, name):
    if isinstance(value, dict):
        return encode_map(value, name)
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            entries = [encode_map(each, name) for each in value]
            return onnx.SequenceProto(name=name, elem_type=onnx.SequenceProto.MAP, map_values=entries)
        return numpy_helper.from_list(value, name)
    if value.dtype.kind == "U":
        value = value.astype(object)
    return numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), name)


def encode_map(entries, name):
    """As numpy_helper.from_dict, which takes no strings as keys. ONNX Runtime gives floats as Python's."""
    values = numpy_helper.from_list([np.asarray(value, np.float32) for value in entries.values()])
    keys = list(entries)
    if isinstance(keys[0], str):
        return onnx.MapProto(name=name, key_type=onnx.TensorProto.STRING, string_keys=[k.encode() for k in keys],
                             values=values)
    return onnx.MapProto(name=name, key_type=onnx.TensorProto.INT64, keys=keys, values=values)


def type_of_output(value):
    if isinstance(value, list) and not value:
        return None
    return type_of(value)


def write_case(folder, name, model, op, feeds, outputs):
    """Writes a case as tests/conformance/run_suite.py does and returns its line of cases.txt. Nothing is written, and
    nothing returned, for outputs that have no form: an empty list has no type."""
    types = [type_of_output(value) for value in outputs]
    if None in types:
        return ""
    typed = onnx.ModelProto()
    typed.CopyFrom(model)
    for info, kind in zip(typed.graph.output, types):  # the reader needs to know sequences and maps from tensors
        if not kind.HasField("tensor_type"):
            info.type.CopyFrom(kind)
    data = folder / name / "test_data_set_0"
    data.mkdir(parents=True)
    (folder / name / "model.onnx").write_bytes(typed.SerializeToString())
    for side, values in (("input", list(feeds.values())), ("output", outputs)):
        for k, value in enumerate(values):
            (data / f"{side}_{k}.pb").write_bytes(encode(value, f"{side}{k}").SerializeToString())
    first = outputs[0]
    rtol, atol = TOLERANCES.get(str(first.dtype) if isinstance(first, np.ndarray) else "", DEFAULT_TOLERANCE)
    return f"{name}\t{op}\t{rtol!r}\t{atol!r}\n"


def judge(program, folder, count):
    """{case name: what is wrong} for the cases that the executor does not give as expected."""
    command = [str(program), str(folder), os.devnull, "--mode", "exact"]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    totals = re.search(r"^exact: \d+ of (\d+) cases pass$", run.stdout, re.M)
    if totals is None or int(totals[1]) != count:
        sys.exit(f"compare_operators: {program} did not run all of {count} cases (exit code {run.returncode})\n"
                 f"{run.stderr[-2000:]}")
    return {m[1]: m[2] for m in re.finditer(r"^UNEXPECTED (\S+) \([^)]*\): (.*)$", run.stdout, re.M)}


def explanation_of(case, oracle, reason):
    """The line of the table that says why `oracle` is not followed; None if there is none."""
    for each in EXPLANATIONS:
        if case.op in each.operators.split() and each.oracle == oracle and each.holds(case.draw, reason):
            return each
    return None


def describe(value):
    """A value in a few characters: contents where they are few, or say what to do."""
    if isinstance(value, onnx.TensorProto):
        return describe(numpy_helper.to_array(value))
    if isinstance(value, np.ndarray):
        short = value.size <= 4 or (value.ndim == 1 and value.size <= 12)
        return f"{value.dtype}{list(value.shape)}" + (f"={value.tolist()}" if short else "")
    if isinstance(value, list):
        return "[" + ", ".join(map(describe, value)) + "]"
    if isinstance(value, onnx.GraphProto):
        return "graph"
    return "-" if value is None else str(value)


def draw_case(op, rng):
    draw = DRAWS[op](rng)
    draw.op = draw.op.removesuffix(".old").removesuffix(".narrow")
    older = older_versions(draw)
    if older and not op.endswith(".old") and rng.random() < 0.4:
        version = older[rng.integers(len(older))]
        if draw.domain:
            draw.domain_version = version
        else:
            draw.opset = version
    return draw


def run_oracles(op, index, options, folder):
    """What a case is to be compared with, written to `folder`: its lines, and why an oracle gave nothing."""
    draw = draw_case(op, np.random.default_rng([options.seed, index]))
    model = model_of(draw)
    feeds = {f"i{k}": value if isinstance(value, (list, dict)) else np.asarray(value)
             for k, value in enumerate(draw.inputs) if value is not None}
    lines = {}
    refusals = {}
    for oracle, run in (("ort", ort_outputs), ("reference", reference_outputs)):
        outputs, refusals[oracle] = attempt(run, model, feeds)
        line = write_case(folder, f"{op}-{index}.{oracle}", model, op, feeds, outputs) if outputs is not None else ""
        if line:
            lines[oracle] = line
    return lines, refusals


def in_child(task):
    """What `task` returns in a process of its own; None where that ends before: ONNX Runtime crashes on some models."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with open(writer, "wb") as pipe:
            pickle.dump(task(), pipe)
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        data = pipe.read()
    return pickle.loads(data) if os.waitpid(child, 0)[1] == 0 else None


def draw_cases(options, names, folder):
    def run(indices):
        return in_child(lambda: [run_oracles(names[k % len(names)], k, options, folder) for k in indices])

    cases = []
    lines = []
    for start in range(0, options.cases, BLOCK):
        block = range(start, min(start + BLOCK, options.cases))
        found = run(block)
        if found is None:
            for k in block:  # again, one by one
                for path in folder.glob(f"*-{k}.*"):
                    shutil.rmtree(path)
            found = [(run([k]) or [({}, {"ort": "crashed"})])[0] for k in block]
        for k, (of_oracle, refusals) in zip(block, found):
            op = names[k % len(names)]
            draw = draw_case(op, np.random.default_rng([options.seed, k]))
            cases.append(Case(f"{op}-{k}", op, draw, list(of_oracle), refusals))
            lines += of_oracle.values()
    (folder / "cases.txt").write_text("".join(lines))
    return cases, len(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--operators", default="")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" / "conformance_suite")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--stale", action="store_true", help="exit 1 when an explanation was never needed, too")
    parser.add_argument("-v", "--verbose", action="store_true", help="print every explained case, and by operator")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    wanted = [name for name in options.operators.split(",") if name]
    names = sorted(name for name in DRAWS if not wanted or name in wanted)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or pathlib.Path(temporary)
        if options.keep and folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        cases, count = draw_cases(options, names, folder)
        wrong = judge(options.program, folder, count)
    return report(options, names, cases, wrong)


def report(options, names, cases, wrong):
    totals = collections.Counter()
    explained = collections.Counter()
    by_op = collections.defaultdict(collections.Counter)
    for case in cases:
        outcome = " and ".join(case.oracles) or "no oracle"
        for oracle in case.oracles:
            reason = wrong.get(f"{case.name}.{oracle}")
            if reason is None:
                continue
            why = explanation_of(case, oracle, reason)
            explained[why] += why is not None
            outcome = "unexplained" if why is None or outcome == "unexplained" else "explained"
            if why is None or options.verbose:
                shapes = " ".join(describe(value) for value in case.draw.inputs)
                attributes = " ".join(f"{key}={describe(value)}" for key, value in case.draw.attributes.items())
                others = [o for o in case.oracles if o != oracle]
                votes = "".join(f", {o} {'differs' if f'{case.name}.{o}' in wrong else 'agrees'}" for o in others)
                version = case.draw.domain_version if case.draw.domain else case.draw.opset
                print(f"{'explained' if why else 'UNEXPLAINED'} {case.name} version {version} {attributes} : {shapes}\n"
                      f"    {oracle}{votes}: {reason}")
        if outcome == "no oracle" and options.verbose:
            print(f"no oracle {case.name}: {case.refusals}")
        if "crashed" in case.refusals.values():
            print(f"ONNX Runtime crashes on {case.name}")
        totals[outcome] += 1
        by_op[case.op][outcome] += 1
    if options.verbose:
        for op in names:
            print(f"{op:28}", dict(by_op[op]))
    stale = [each for each in EXPLANATIONS if not explained[each]]
    for each in EXPLANATIONS:
        if explained[each]:
            print(f"{explained[each]:6} {each.oracle:9} {each.operators}: {each.why}")
    if options.stale:
        for each in stale:
            print(f"never needed: {each.oracle} {each.operators}: {each.why}")
    print(f"{len(cases)} cases, agreement with: "
          + ", ".join(f"{name} {count}" for name, count in sorted(totals.items(), key=lambda item: -item[1])))
    return 1 if totals["unexplained"] or (options.stale and stale) else 0


if __name__ == "__main__":
    sys.exit(main())
