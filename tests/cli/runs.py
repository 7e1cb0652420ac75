"""`run` with each kind of input and result file, `test` on recorded data sets, and the list of operators."""
import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

import models
from harness import DIGITS, tool

CNN = DIGITS / "digits_cnn.onnx"
NO, USAGE, READ, UNSUPPORTED = 1, 2, 3, 4


def relu(folder, shape=(2, 3)):
    folder.mkdir(exist_ok=True)
    return models.save(folder / "model.onnx", [helper.make_node("Relu", ["x"], ["y"])], {"x": shape}, {"y": shape})


def record(folder, expected=None):
    """A model with one data set beside it, right unless `expected` says otherwise."""
    path = relu(folder)
    data_set = folder / "test_data_set_0"
    data_set.mkdir()
    x = np.array([[-1, 0, 2], [3, -4, 5]], np.float32)
    for name, array in (("input_0", x), ("output_0", np.maximum(x, 0) if expected is None else expected)):
        (data_set / f"{name}.pb").write_bytes(numpy_helper.from_array(array, name).SerializeToString())
    return path, data_set


def raw_file(folder):
    path = relu(folder)
    np.array([-1, 2, -3, 4, -5, 6], "<f4").tofile(folder / "x.bin")
    tool("run", path, "--input", f"x={folder}/x.bin:float[2,3]", "-o", folder / "y.npy")
    assert np.load(folder / "y.npy").tolist() == [[0, 2, 0], [4, 0, 6]]
    assert "24 bytes" in tool("run", path, "--input", f"x={folder}/x.bin:float[2,4]", code=READ).err


def protobuf_file(folder):
    path, data_set = record(folder / "m")
    tool("run", path, "--input", f"x={data_set}/input_0.pb", "--expect", data_set)
    assert "equal to what is expected" in tool("run", path, "--input", data_set, "--expect", data_set).out


def expected_otherwise(folder):
    path, data_set = record(folder / "m", np.full((2, 3), 0.5, np.float32))
    done = tool("run", path, "--input", data_set, "--expect", data_set, code=NO)
    assert "'y': 6 of 6 elements differ" in done.out, done
    report = json.loads(tool("run", path, "--input", data_set, "--expect", data_set, "--json", code=NO).out)
    assert len(report["differences"]) == 1, report
    assert "within" not in tool("run", path, "--input", data_set, "--expect", data_set, "--atol", "10").out
    tool("run", path, "--expect", folder, code=READ)  # nothing is recorded there


def ranges(folder):
    path = relu(folder, (1000,))
    tool("run", path, "--range", "x:3,4", "-o", folder / "y.npy")
    y = np.load(folder / "y.npy")
    assert 3 <= y.min() < 3.1 and 3.9 < y.max() <= 4, (y.min(), y.max())
    for bad in ("4,3", "x:1", "1,a", "nan,1"):
        assert "--range" in tool("run", path, "--range", bad, code=USAGE).err, bad


def result_folders(folder):
    path = relu(folder)
    for form in ("pb", "npy", "json"):
        tool("run", path, "-o", folder / form, "--format", form, "--seed", "7")
    tool("run", path, "-o", folder / "y.npz", "--seed", "7")
    wanted = np.load(folder / "y.npz")["y"]
    proto = TensorProto.FromString((folder / "pb" / "output_0.pb").read_bytes())
    assert proto.name == "y" and np.array_equal(numpy_helper.to_array(proto), wanted), proto
    assert np.array_equal(np.load(folder / "npy" / "output_0.npy"), wanted)
    found = json.loads((folder / "json" / "output_0.json").read_text())
    assert np.array_equal(np.array(found["values"], np.float32).reshape(found["shape"]), wanted), found
    tool("run", path, "--seed", "7", "--expect", folder / "pb")
    tool("run", path, "--seed", "8", "--expect", folder / "pb", code=NO)
    assert "--output" in tool("run", path, "-o", folder / "y.txt", code=USAGE).err


def pictures(folder):
    """The numbers of a picture are those of Pillow, scaled and normalised as the options say."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (4, 5, 3), np.uint8)
    Image.fromarray(pixels).save(folder / "p.png")
    first = models.save(folder / "first.onnx", [helper.make_node("Identity", ["x"], ["y"])], {"x": ["N", 3, "H", "W"]}, {"y": ["N", 3, "H", "W"]})
    last = models.save(folder / "last.onnx", [helper.make_node("Identity", ["x"], ["y"])], {"x": ["N", "H", "W", 3]}, {"y": ["N", "H", "W", 3]})

    def run(model, *options):
        tool("run", model, "--input", f"x={folder}/p.png", *options, "-o", folder / "y.npy")
        return np.load(folder / "y.npy")

    np.testing.assert_array_equal(run(first, "--scale", "1"), pixels.transpose(2, 0, 1)[None].astype(np.float32))
    np.testing.assert_array_equal(run(last, "--scale", "1", "--channels", "bgr"), pixels[None, :, :, ::-1].astype(np.float32))
    mean, std = np.array([0.1, 0.2, 0.3]), np.array([0.5, 0.25, 2.0])
    np.testing.assert_allclose(run(last, "--mean", "0.1,0.2,0.3", "--std", "0.5,0.25,2"), (pixels[None] / 255 - mean) / std, rtol=1e-6, atol=1e-7)
    wanted = np.asarray(Image.fromarray(pixels[:, :, 0].astype(np.float32)).resize((10, 8), Image.Resampling.BILINEAR))
    np.testing.assert_allclose(run(first, "--scale", "1", "--resize", "8x10")[0, 0], wanted, rtol=1e-5, atol=1e-3)
    assert "--mean" in tool("run", first, "--input", f"x={folder}/p.png", "--mean", "1,2", code=USAGE).err
    assert "--resize" in tool("run", first, "--input", f"x={folder}/p.png", "--resize", "8", code=USAGE).err


def json_inputs(folder):
    """Values written on the command line, of every kind of input."""
    path = relu(folder)
    tool("run", path, "--input", "x=[[-1, 2.5, 0], [4, -5, 6e0]]", "-o", folder / "y.npy")
    assert np.load(folder / "y.npy").tolist() == [[0, 2.5, 0], [4, 0, 6]]
    for bad, word in (("[[1,2],[3]]", "not all of 2"), ("[1,2", "not JSON"), ("[[1,2,3],[4,5,\"a\"]]", "expected a number"), ("[1e999]", ""),
                      ("[[[1]]]", "expected float[2, 3]"), ("[[1,[2],3],[4,5,6]]", "depth")):
        assert word in tool("run", path, "--input", f"x={bad}", code=USAGE).err, bad
    strings = helper.make_graph([helper.make_node("Identity", ["s"], ["t"])], "g",
                                [helper.make_tensor_value_info("s", TensorProto.STRING, [2])], [helper.make_tensor_value_info("t", TensorProto.STRING, [2])])
    onnx.save(helper.make_model(strings, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(folder / "s.onnx"))
    assert json.loads(tool("run", folder / "s.onnx", "--input", 's=["a", "b c"]', "--json").out)["outputs"][0]["values"] == ["a", "b c"]
    element = helper.make_tensor_type_proto(TensorProto.INT64, None)
    sequence = helper.make_graph([helper.make_node("SequenceLength", ["q"], ["n"])], "g",
                                 [helper.make_value_info("q", helper.make_sequence_type_proto(element))], [helper.make_tensor_value_info("n", TensorProto.INT64, [])])
    onnx.save(helper.make_model(sequence, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(folder / "q.onnx"))
    assert json.loads(tool("run", folder / "q.onnx", "--input", "q=[[1,2],[3],4]", "--json").out)["outputs"][0]["values"] == [3]
    assert "not every element is a int64" in tool("run", folder / "q.onnx", "--input", "q=[[0.5]]", code=USAGE).err


def timings(folder):
    report = json.loads(tool("run", CNN, "--profile", "--repeat", "3", "--json").out)["profile"]
    assert len(report["seconds"]) == 3 and min(report["seconds"]) <= report["median"] <= max(report["seconds"]), report
    assert len(report["nodes"]) == len(onnx.load(str(CNN)).graph.node) == sum(o["num_nodes"] for o in report["operators"]), report
    assert sum(n["seconds"] for n in report["nodes"]) <= sum(report["seconds"]) / 3
    text = tool("run", CNN, "--profile").out
    assert "Conv" in text and "slowest nodes" in text and "1 run after a first one: median" in text, text
    assert "slowest" not in tool("run", CNN, "--repeat", "2").out


def recorded(folder):
    record(folder / "right")
    record(folder / "wrong", np.zeros((2, 3), np.float32))
    (folder / "broken").mkdir()
    (folder / "broken" / "model.onnx").write_bytes(b"\xff\xff")
    (folder / "broken" / "test_data_set_0").mkdir()
    done = tool("test", folder, "--junit", folder / "junit.xml", "--json", folder / "report.json", code=NO)
    assert "1 of 3 cases passed" in done.out and done.out.count("failed ") == 2, done
    suite = ElementTree.parse(folder / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2"), ElementTree.tostring(suite)
    assert {c.get("name"): c.find("failure") is None for c in suite} == {"right": True, "wrong": False, "broken": False}
    report = json.loads((folder / "report.json").read_text())
    assert (report["num_passed"], report["num_failed"]) == (1, 2) and {c["name"] for c in report["cases"] if c["passed"]} == {"right"}
    assert json.loads(tool("test", folder / "right", "--json").out)["num_failed"] == 0
    (folder / "empty").mkdir()
    assert "test_data_set_" in tool("test", folder / "empty", code=USAGE).err
    tool("test", folder / "absent", code=READ)


def operators(folder):
    listed = json.loads(tool("--list-operators", "--json").out)["operators"]
    conv = [o for o in listed if (o["domain"], o["operator"]) == ("ai.onnx", "Conv")]
    assert conv and conv[0]["since_version"] == 1 and conv[-1]["until_version"] is None and "float" in conv[0]["types"], conv
    schemas = {(s.domain or "ai.onnx", s.name) for s in onnx.defs.get_all_schemas()}
    strangers = {(o["domain"], o["operator"]) for o in listed if o["domain"] != "com.microsoft"} - schemas
    # ONNX Runtime has this one in the standard's domain, and models name it so.
    assert strangers == {("ai.onnx", "SimplifiedLayerNormalization")}, strangers
    oracle = {o["operator"]: o["oracle"] for o in listed}
    assert (oracle["Conv"], oracle["QLinearConv"], oracle["Resize"], oracle["Not"]) == ("double", "own", "double", None), oracle
    text = tool("--list-operators").out.splitlines()
    assert len(text) == len(listed) + 2, (len(text), len(listed))


def oracle(folder):
    """1e8 + 1 - 1e8: 0 in float, 1 in double."""
    nodes = [helper.make_node("Add", ["x", "one"], ["s"]), helper.make_node("Sub", ["s", "x"], ["y"]),
             helper.make_node("Cast", ["y"], ["h"], to=TensorProto.FLOAT16), helper.make_node("Shape", ["x"], ["n"])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2]), helper.make_tensor_value_info("h", TensorProto.FLOAT16, [2]),
               helper.make_tensor_value_info("n", TensorProto.INT64, [1])]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])], outputs,
                              [numpy_helper.from_array(np.array([1, 2049.5], np.float32), "one")])
    path = folder / "m.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    given = ["run", path, "--input", "x=[1e8,1e8]"]
    tool(*given, "-o", folder / "exact.npz")
    assert np.load(folder / "exact.npz")["y"].tolist() == [0, 2048]
    done = tool(*given, "--mode", "oracle", "-o", folder / "oracle.npz")
    assert "in double: 1, 2049.5" in done.out, done
    found = np.load(folder / "oracle.npz")
    assert sorted(found.files) == ["h", "h@double", "n", "y", "y@double"], found.files
    assert [found[k].dtype.name for k in ("y", "y@double", "h", "h@double")] == ["float32", "float64", "float16", "float64"]
    assert found["y@double"].tolist() == found["h@double"].tolist() == [1, 2049.5] and found["h"].tolist() == [1, 2050]
    tool(*given, "--mode", "oracle", "--expect", folder / "exact.npz", code=NO)
    for form in ("npy", "pb", "json"):
        tool(*given, "--mode", "oracle", "-o", folder / form, "--format", form)
        names = {f.name for f in (folder / form).iterdir()}
        assert names == {f"output_{n}.{form}" for n in ("0", "0@double", "1", "1@double", "2")}, names
    tensor = onnx.TensorProto.FromString((folder / "pb" / "output_1@double.pb").read_bytes())
    assert numpy_helper.to_array(tensor).tolist() == [1, 2049.5] and tensor.name == "h", tensor
    report = json.loads(tool(*given, "--mode", "oracle", "--json").out)
    assert report["mode"] == "oracle" and report["nodes_in_own_type"] == {} and report["outputs"][0]["double"]["values"] == [1, 2049.5], report
    assert "double" not in report["outputs"][2]
    assert "exact,oracle" in tool(*given, "--mode", "fast", code=USAGE).err
    clash = models.save(folder / "clash.onnx", [helper.make_node("Relu", ["x"], ["y"]), helper.make_node("Abs", ["x"], ["y@double"])],
                        {"x": (1,)}, {"y": (1,), "y@double": (1,)})
    assert "'y@double'" in tool("run", clash, "--mode", "oracle", "-o", folder / "clash.npz", code=USAGE).err


def oracle_own_type(folder):
    path = models.save(folder / "m.onnx", [helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
                                           helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"])], {"x": (4,)}, {"y": (4,)})
    out = tool("run", path, "--mode", "oracle").out
    assert "1 node ran in the model's types: DynamicQuantizeLinear (1)" in out, out


def tested_as_oracle(folder):
    path, _ = record(folder / "right")
    assert "1 of 1 case passed" in tool("test", path.parent, "--mode", "oracle").out


def large_integers(folder):
    large = [2**53 + 1, -(2**63), 2**63 - 1]
    info = [helper.make_tensor_value_info(name, TensorProto.INT64, [3]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", info[:1], info[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(folder / "m.onnx"))
    np.save(folder / "x.npy", np.array(large, np.int64))
    output = json.loads(tool("run", folder / "m.onnx", "--input", f"x={folder}/x.npy", "--json").out)["outputs"][0]
    assert (output["values"], output["min"], output["max"]) == (large, min(large), max(large))


def endless_loop(folder):
    flag, number = helper.make_tensor_value_info("c", TensorProto.BOOL, []), helper.make_tensor_value_info("i", TensorProto.INT64, [])
    state = helper.make_tensor_value_info("s", TensorProto.FLOAT, [2])
    body = helper.make_graph([helper.make_node("Identity", ["c"], ["d"]), helper.make_node("Neg", ["s"], ["t"])], "body",
                             [number, flag, state],
                             [helper.make_tensor_value_info("d", TensorProto.BOOL, []), helper.make_tensor_value_info("t", TensorProto.FLOAT, [2])])
    loop = helper.make_node("Loop", ["trips", "yes", "x"], ["y"], name="spin", body=body)
    path = models.save(folder / "model.onnx", [loop], {"x": [2]}, {"y": [2]},
                       {"yes": np.array(True), "trips": np.array(7, np.int64)})
    assert "spin" in tool("run", path, "--max-iterations", "6", code=UNSUPPORTED).err
    tool("run", path, "--max-iterations", "7")
    assert "--max-iterations" in tool("run", path, "--max-iterations", "0", code=USAGE).err


def add_to(suite):
    for name, case in (
        ("run: an input from a raw file", raw_file),
        ("run: inputs from protobuf files and from a data set", protobuf_file),
        ("run --expect: what differs is told", expected_otherwise),
        ("run --range bounds the seeded values", ranges),
        ("run --format writes what numpy and onnx read", result_folders),
        ("run: inputs as JSON on the command line", json_inputs),
        ("run --repeat and --profile", timings),
        ("run --max-iterations bounds loops", endless_loop),
        ("run --json: integers keep every digit", large_integers),
        ("run: pictures as the options say", pictures),
        ("run --mode oracle: doubles beside what they are rounded to", oracle),
        ("run --mode oracle: nodes that do not work in double", oracle_own_type),
        ("test: recorded data sets, JUnit and JSON", recorded),
        ("test --mode oracle", tested_as_oracle),
        ("--list-operators lists what can be run", operators),
    ):
        suite.case(name, case)
