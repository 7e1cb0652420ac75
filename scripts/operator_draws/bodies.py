"""Operators with subgraphs: If, Loop, Scan, SequenceMap."""
import numpy as np
from onnx import TensorProto, helper

from .parts import Draw, draws, flag, maybe, pick, positive_shape, values


def info(name, kind=TensorProto.FLOAT, dims=None):
    return helper.make_tensor_value_info(name, kind, dims)


@draws("If")
def if_(rng, name):
    def branch(prefix):
        x = values(rng, positive_shape(rng, 2, 3))
        node = helper.make_node("Constant", [], [f"{prefix}_c"], value_floats=[float(v) for v in x.ravel()[:3]])
        last = helper.make_node(pick(rng, "Neg", "Abs", "Identity"), [f"{prefix}_c"], [f"{prefix}_y"])
        return helper.make_graph([node, last], prefix, [], [info(f"{prefix}_y")])

    return Draw(name, pick(rng, 11, 13, 16, 19, 21), [np.array(flag(rng)) if flag(rng) else np.array([flag(rng)])],
                {"then_branch": branch("then"), "else_branch": branch("else")}, oldest=12)


@draws("Loop")
def loop(rng, name):
    nodes = [helper.make_node("Add", ["s", "one"], ["s_next"]), helper.make_node("Mul", ["s_next", "s"], ["seen"]),
             helper.make_node("ReduceSum", ["s_next"], ["total"], keepdims=0),
             helper.make_node("Less", ["total", "limit"], ["goes"])]
    constants = [helper.make_tensor("one", TensorProto.FLOAT, [], [float(pick(rng, 1, 0.5))]),
                 helper.make_tensor("limit", TensorProto.FLOAT, [], [float(rng.integers(-5, 12))])]
    body = helper.make_graph(nodes, "body", [info("n", TensorProto.INT64, []), info("c", TensorProto.BOOL, []),
                                             info("s")], [info("goes", TensorProto.BOOL), info("s_next"), info("seen")],
                             constants)
    trips = np.array(rng.integers(0, 6), np.int64) if flag(rng, 0.8) else None
    condition = np.array(flag(rng, 0.9)) if flag(rng) else None
    return Draw(name, pick(rng, 13, 16, 19, 21), [trips, condition, values(rng, positive_shape(
        rng, int(rng.integers(1, 3)), 3))], {"body": body}, 2, oldest=13)


@draws("Scan")
def scan(rng, name):
    states, scans = 1, int(rng.integers(1, 3))
    names = [f"x{k}" for k in range(scans)]
    nodes = [helper.make_node("Add", ["s", names[0]], ["t"]), helper.make_node("Mul", ["t", names[-1]], ["y"]),
             helper.make_node("Identity", ["t"], ["s_next"])]
    body = helper.make_graph(nodes, "body", [info("s"), *(info(n) for n in names)], [info("s_next"), info("y")])
    length = int(rng.integers(1, 5))
    element = positive_shape(rng, int(rng.integers(1, 3)), 3)
    attributes = {"body": body, "num_scan_inputs": scans}
    axes = [int(rng.integers(0, len(element) + 1)) for _ in range(scans)]
    if flag(rng):
        attributes["scan_input_axes"] = [a - (len(element) + 1) * flag(rng, 0.3) for a in axes]
    else:
        axes = [0] * scans
    maybe(rng, attributes, "scan_input_directions", [pick(rng, 0, 1) for _ in range(scans)], 0.4)
    maybe(rng, attributes, "scan_output_axes", [int(rng.integers(0, len(element) + 1))], 0.4)
    maybe(rng, attributes, "scan_output_directions", [pick(rng, 0, 1)], 0.4)
    inputs = [values(rng, (*element[:a], length, *element[a:])) for a in axes]
    return Draw(name, pick(rng, 11, 16, 19, 21), [values(rng, element), *inputs], attributes, states + 1, oldest=11)


@draws("SequenceMap")
def sequence_map(rng, name):
    body = helper.make_graph([helper.make_node("Add", ["a", "b"], ["y"])], "body", [info("a"), info("b")], [info("y")])
    items = [values(rng, (int(rng.integers(1, 4)),)) for _ in range(rng.integers(1, 4))]
    others = [values(rng, (1,)) for _ in items] if flag(rng) else values(rng, ())
    return Draw(name, 17, [items, others], {"body": body})
