"""`inspect` with each of its options, for people and for scripts."""
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import models
from harness import DIGITS, tool

CNN = DIGITS / "digits_cnn.onnx"
MXNET = DIGITS / "digits_mxnet_style.onnx"
USAGE, READ = 2, 3


def report(*args, code=0):
    return json.loads(tool("inspect", *args, "--json", code=code).out)


def summary(folder):
    """Functions, mixed opsets, custom domains and what else is odd are named."""
    body = [helper.make_node("Relu", ["a"], ["b"])]
    function = helper.make_function("local", "f", ["a"], ["b"], body, [helper.make_opsetid("", 13)])
    graph = helper.make_graph([helper.make_node("f", ["x"], ["y"], domain="local")], "g",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 2])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 2])])
    model = helper.make_model(graph, functions=[function], ir_version=8,
                              opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("local", 1)])
    onnx.save(model, str(folder / "m.onnx"))
    out = tool("inspect", folder / "m.onnx").out
    for text in ("local.f  1 input, 1 output  1 node  1 call", "mixed opsets: functions import ai.onnx 13", "custom domains: local",
                 "dynamic dims: N", "1 model-local function"):
        assert text in out, f"expected {text!r} in\n{out}"
    assert report(folder / "m.onnx")["functions"] == [{"name": "local.f", "num_inputs": 1, "num_outputs": 1, "num_nodes": 1, "num_calls": 1}]


def one_node(folder):
    out = tool("inspect", CNN, "--node", "/conv2/Conv").out
    for text in ("Conv-11, node 3", "from node '/Relu' (Relu)", "weight, 18.0 KiB", "to node '/bn2/BatchNormalization' (BatchNormalization) input 0",
                 "auto_pad      'NOTSET'      (default)"):
        assert text in out, f"expected {text!r} in\n{out}"
    node = report(CNN, "--node", "#3")["node"]
    assert node["inputs"][1] == {"name": "conv2.weight", "type": "float", "shape": [32, 16, 3, 3], "parameter": "W", "is_weight": True,
                                 "producer": None}, node
    assert "no_such" in tool("inspect", CNN, "--node", "no_such", code=USAGE).err


def tensors(folder):
    listed = {t["name"]: t for t in report(CNN, "--tensors")["tensors"]}
    assert listed["image"]["role"] == "input" and listed["conv1.weight"]["role"] == "weight", listed
    assert listed["probability"]["role"] == "result, output" and listed["/Relu_output_0"]["num_readers"] == 1, listed
    assert "result, output" in tool("inspect", CNN, "--tensors").out


def list_dims(folder):
    """Of each symbol, where it comes from and every tensor that has it, sizes that depend on data included."""
    dims = {d["dimension"]: d for d in report(CNN, "--list-dims")["dims"]}
    assert dims.keys() == {"N"} and dims["N"]["origins"] == ["input 'image' axis 0"], dims
    assert {"tensor": "/conv1/Conv_output_0", "axis": 0, "size": "N"} in dims["N"]["carriers"], dims
    assert "input 'image' axis 0" in tool("inspect", CNN, "--list-dims").out
    nodes = [helper.make_node("Concat", ["x", "x"], ["c"], name="c", axis=1), helper.make_node("NonZero", ["c"], ["y"], name="nz")]
    path = models.save(folder / "m.onnx", nodes, {"x": [2, "L"]}, {})
    dims = {d["dimension"]: d for d in report(path, "--list-dims")["dims"]}
    assert dims["L"]["carriers"][1] == {"tensor": "c", "axis": 1, "size": "2*L"}, dims
    assert dims["y.1"]["origins"] == ["node 'nz' (NonZero)"], dims
    assert tool("inspect", MXNET, "--list-dims").out == "every dimension is a number\n"


def shapes(folder):
    got = report(CNN, "--shapes")["shapes"]
    listed = {t["name"]: t for t in got["tensors"]}
    assert listed["/conv1/Conv_output_0"]["shape"] == ["N", 16, 8, 8] and listed["/Concat_output_0"]["elements"] == ["N", -1], listed
    assert got["errors"] == [] and got["unknown_operators"] == [], got
    assert "{N, -1}" in tool("inspect", CNN, "--shapes").out
    assert "cannot be: node 'pre_fc1' (Gemm): input A has rank 4" in tool("inspect", MXNET, "--shapes").out


def tree(folder):
    nodes = [helper.make_node("Relu", ["x" if i == 0 else f"t{i - 1}"], [f"t{i}"], name=f"/net/layer.{i}/Relu") for i in range(11)]
    path = models.save(folder / "m.onnx", nodes, {"x": [2]}, {"t10": [2]})
    lines = [line.split()[0] for line in tool("inspect", path, "--tree").out.splitlines()]
    assert lines == ["(all)", "net"] + [f"layer.{i}" for i in range(11)], lines
    got = report(path, "--tree")["tree"]
    assert got["num_nodes"] == 11 and got["scopes"]["net"]["scopes"]["layer.10"]["num_nodes"] == 1, got


def weights(folder):
    """Against numpy."""
    rng = np.random.default_rng(3)
    arrays = {"a": rng.standard_normal((40, 50)).astype(np.float32), "b": rng.integers(-9, 9, 70).astype(np.int8),
              "c": rng.standard_normal(30).astype(np.float16), "d": np.array([1, np.nan, -np.inf, 0], np.float64)}
    path = models.save(folder / "m.onnx", [helper.make_node("Relu", ["x"], ["y"])], {"x": [1]}, {"y": [1]}, arrays)
    for got in report(path, "--weights")["weight_statistics"]:
        array = arrays[got["name"]].astype(np.float64)
        finite = array[np.isfinite(array)]
        for key, wanted in {"min": finite.min(), "max": finite.max(), "mean": finite.mean(), "std": finite.std()}.items():
            assert np.isclose(got[key], wanted, rtol=1e-9, atol=1e-12), (got, key, wanted)
        assert isinstance(got["min"], int) == isinstance(got["max"], int) == (got["name"] == "b"), got
        assert (got["num_zeros"], got["num_nan"], got["num_inf"]) == ((array == 0).sum(), np.isnan(array).sum(), np.isinf(array).sum()), got
        assert got["histogram"] == np.histogram(finite, bins=8)[0].tolist() if got["name"] != "d" else sum(got["histogram"]) == 2, got
    out = tool("inspect", path, "--weights", "d").out
    assert "1 NaN, 1 Inf" in out and "float[40, 50]" not in out, out
    assert "nothing_*" in tool("inspect", path, "--weights", "nothing_*", code=USAGE).err


def graph(folder):
    path = models.save(folder / "m.onnx", [helper.make_node("Conv", ["x", "w"], ["y"], name="c", strides=[2, 2])], {"x": [10, 3, 224, 224]},
                       {"y": [10, 8, 112, 112]}, {"w": np.zeros((8, 3, 1, 1), np.float32)})
    assert tool("inspect", path, "--graph").out == (
        "graph(%x : Float(10,3,224,224)) {\n  %w : Float(8,3,1,1)\n  %y = Conv[strides=[2,2]](%x, %w)  # Float(10,8,112,112)\n  return %y\n}\n")
    got = report(path, "--graph")["graph"]
    assert got["nodes"] == [{"id": 0, "name": "c", "op_type": "Conv", "domain": "", "scopes": [], "graph": ""}], got
    assert {"tensor": "y", "from": 0, "to": None, "input": None, "type": "float", "shape": [10, 8, 112, 112]} in got["edges"], got


def cost(folder):
    out = tool("inspect", CNN, "--cost", "--dim", "N=10").out
    # 10 images: 64 places x 16 x 9 products, 64 x 32 x 16 x 9, and 512 x 10.
    assert f"MACs         {10 * (64 * 16 * 9 + 64 * 32 * 16 * 9 + 512 * 10):,} (3.09 M)" in out, out
    assert "160.0 KiB at node '/bn2/BatchNormalization'" in out, out
    assert report(CNN, "--cost")["cost"]["macs"] == "309248*N"
    assert "--dim" in tool("inspect", CNN, "--cost", "--dim", "N=x", code=USAGE).err


def dot(folder):
    out = tool("inspect", CNN, "--dot").out
    assert out.startswith("digraph model {") and out.endswith("}\n") and 'label="conv1"' in out, out
    assert out.count("{") == out.count("}"), out
    part = tool("inspect", CNN, "--dot", "--around", "/Relu", "--steps", "1").out
    assert "Conv" in part and "Gemm" not in part, part
    between = tool("inspect", CNN, "--dot", "--from", "/Relu_output_0", "--to", "/Relu_1_output_0").out
    assert between.count("[label=\"Conv\"]") == 1 and "Softmax" not in between, between
    tool("inspect", CNN, "--around", "/Relu", code=USAGE)
    assert "no_such" in tool("inspect", CNN, "--dot", "--from", "no_such", code=USAGE).err


def difference(folder):
    assert tool("inspect", CNN, "--diff", CNN).out.startswith("equal: 20 nodes and 17 weights are the same")
    other = folder / "other.onnx"
    tool("edit", CNN, "-o", other, "--set-attr", "/pool/AveragePool:count_include_pad=0", "--fill", "fc1.bias=zeros", "--verify", "off")
    out = tool("inspect", CNN, "--diff", other, code=1).out
    for text in ("~ node '/pool/AveragePool' (AveragePool)\n    attribute 'count_include_pad': 1 -> 0",
                 "~ weight 'fc1.bias' float[10]: 10 of 10 elements differ, by 0.0363 at most", "different: 19 nodes and 16 weights are the same"):
        assert text in out, f"expected {text!r} in\n{out}"
    got = report(CNN, "--diff", other, code=1)["diff"]
    assert not got["equal"] and got["changed_nodes"][0]["changes"] == ["attribute 'count_include_pad': 1 -> 0"], got


def data_files(folder):
    array = np.array([[1, 2], [3, 6]], np.float32)
    np.save(folder / "x.npy", array)
    np.savez(folder / "x.npz", first=array, second=np.arange(5))
    (folder / "input_0.pb").write_bytes(numpy_helper.from_array(array, "data").SerializeToString())
    for name, tensor in (("x.npy", "x.npy"), ("input_0.pb", "data")):
        got = report(folder / name)["tensors"][0]
        assert got["name"] == tensor and got["shape"] == [2, 2] and got["values"] == [1, 2, 3, 6] and got["mean"] == 3, got
        assert "1, 2, 3, 6" in tool("inspect", folder / name).out
    assert [t["name"] for t in report(folder / "x.npz")["tensors"]] == ["first", "second"]
    (folder / "bad.pb").write_bytes(b"\xff" * 40)
    assert "bad.pb" in tool("inspect", folder / "bad.pb", code=READ).err
    assert "none.pb" in tool("inspect", folder / "none.pb", code=READ).err


def hostile_names(folder):
    """Control characters of names, domains and symbols reach no terminal, whatever is listed."""
    evil = "\x1b[31m\n\x07"
    node = helper.make_node("Relu", [evil + "x"], [evil + "y"], name=evil + "/n/" + evil)
    path = models.save(folder / "m.onnx", [node], {evil + "x": [evil + "N", 2]}, {evil + "y": [evil + "N", 2]}, {evil + "w": np.ones(2, np.float32)})
    for option in ("--nodes", "--tensors", "--shapes", "--list-dims", "--tree", "--weights", "--graph", "--cost", "--dot", "--node=#0", f"--diff={CNN}"):
        done = tool("inspect", path, option, code=1 if "diff" in option else 0)
        assert "\x1b" not in done.out and "\x07" not in done.out and "\\x1B" in done.out, (option, done.out)
    assert "\x1b" not in tool("inspect", path).out


def add_to(suite):
    for name, function in {
        "the summary": summary, "--node": one_node, "--tensors": tensors, "--shapes": shapes, "--list-dims": list_dims, "--tree": tree, "--weights": weights,
        "--graph": graph, "--cost": cost, "--dot": dot, "--diff": difference, "data files": data_files, "hostile names": hostile_names,
    }.items():
        suite.case(f"inspect: {name}", function)
