"""Every edit from the command line, its effect read back with the onnx package or ONNX Runtime."""
import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

import models
from harness import DIGITS, ROOT, tool

CNN = DIGITS / "digits_cnn.onnx"
MXNET = DIGITS / "digits_mxnet_style.onnx"


def edited(folder, model, *options):
    """The model that `edit` writes, loaded."""
    out = folder / "out.onnx"
    tool("edit", model, "-o", out, *options, "--verify", "off")
    return onnx.load(str(out))


def shape(value_info):
    return [d.dim_param or d.dim_value for d in value_info.type.tensor_type.shape.dim]


def node(model, name):
    return next(n for n in model.graph.node if n.name == name)


def attributes(model, name):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node(model, name).attribute}


def weight(model, name):
    return next(numpy_helper.to_array(i) for i in model.graph.initializer if i.name == name)


def op_types(model):
    return [n.op_type for n in model.graph.node]


def outputs(model):
    return [o.name for o in model.graph.output]


def set_batch(folder):
    for given, expected in (("3", 3), ("batch", "batch")):
        model = edited(folder, CNN, "--set-batch", given)
        assert shape(model.graph.input[0])[0] == expected, shape(model.graph.input[0])
        assert shape(model.graph.output[0])[0] == expected, shape(model.graph.output[0])


def set_batch_mends_the_reshape(folder):
    model = ROOT / "testdata" / "models" / "hardcoded_batch.onnx"
    result = tool("edit", model, "-o", folder / "out.onnx", "--set-batch", "3", "--verify", "off")
    assert "Reshape" in result.out + result.err, f"expected a word about the mended Reshape\n{result}"


def set_shape(folder):
    for text in ("image:2,1,8,8", "image:[2,1,8,8]"):
        assert shape(edited(folder, CNN, "--set-shape", text).graph.input[0]) == [2, 1, 8, 8]


def merged(folder):
    """x [1, 3, 8, 8] -> Conv -> Reshape to the literal [1, 2, 64] -> y"""
    nodes = [onnx.helper.make_node("Conv", ["x", "w"], ["c"], name="conv", pads=[1, 1, 1, 1]),
             onnx.helper.make_node("Reshape", ["c", "s"], ["y"], name="merge")]
    weights = {"w": np.linspace(-1, 1, 54, dtype=np.float32).reshape(2, 3, 3, 3), "s": np.array([1, 2, 64], np.int64)}
    return models.save(folder / "merged.onnx", nodes, {"x": [1, 3, 8, 8]}, {"y": [1, 2, 64]}, weights)


def run(path, **inputs):
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, inputs)[0]


def make_dynamic(folder):
    """Freed, the model is the old one at the old size, and runs at others; what was proven is said."""
    path, out = merged(folder), folder / "out.onnx"
    done = tool("edit", path, "-o", out, "--make-dynamic", "x:0=batch,2=H,3=W")
    assert "node 'merge' (Reshape): shape [1, 2, 64] -> [0, 0, -1]" in done.out or "[0, 2, -1]" in done.out, done
    assert "with H = 8, W = 8, batch = 1 alone, as it was before" in done.out, done
    assert shape(onnx.load(str(out)).graph.input[0]) == ["batch", 3, "H", "W"]
    image = np.random.default_rng(0).standard_normal((1, 3, 8, 8), np.float32)
    np.testing.assert_allclose(run(out, x=image), run(path, x=image), rtol=1e-5, atol=1e-5)
    assert run(out, x=np.zeros((3, 3, 5, 7), np.float32)).shape == (3, 2, 35)


def set_shape_of_any_axis(folder):
    path, out = merged(folder), folder / "out.onnx"
    done = tool("edit", path, "-o", out, "--set-shape", "x:1,3,16,12")
    assert "node 'merge' (Reshape): shape [1, 2, 64] -> [1, 2, 192]" in done.out, done
    assert "changes the results on purpose: --set-shape" in done.out, done
    assert run(out, x=np.zeros((1, 3, 16, 12), np.float32)).shape == (1, 2, 192)


def set_dim(folder):
    model = edited(folder, CNN, "--set-dim", "N=4")
    assert shape(model.graph.input[0])[0] == 4 and shape(model.graph.output[0])[0] == 4
    assert shape(edited(folder, CNN, "--set-dim", "N=batch").graph.input[0])[0] == "batch"
    out = folder / "no.onnx"
    refused = tool("edit", CNN, "-o", out, "--set-dim", "N=4", "--set-dim", "N=5", code=2)
    assert "dimension 'N' was set to 4 before, and cannot be 5 too" in refused.err, refused
    assert "the model has no dimension 'n'" in tool("edit", CNN, "-o", out, "--set-dim", "n=4", code=2).err
    assert not out.exists()


def batch_axis(folder):
    """Time first: the batch is axis 1, in the proof too."""
    nodes = [onnx.helper.make_node("Reshape", ["x", "s"], ["f"], name="merge"), onnx.helper.make_node("Reshape", ["f", "t"], ["y"], name="split")]
    shapes = {"s": np.array([20, 6], np.int64), "t": np.array([5, 4, 6], np.int64)}
    path = models.save(folder / "m.onnx", nodes, {"x": [5, 4, 6]}, {"y": [5, 4, 6]}, shapes)
    out = folder / "out.onnx"
    done = tool("edit", path, "-o", out, "--set-batch", "2", "--batch-axis", "x=1")
    assert "node 'merge' (Reshape): shape [20, 6] -> [10, 6], the literal 20 held the old batch 4" in done.out, done
    assert shape(onnx.load(str(out)).graph.input[0]) == [5, 2, 6]
    tool("edit", path, "-o", folder / "no.onnx", "--set-batch", "2", "--batch-axis", "x=7", code=2)


def force(folder):
    """What cannot be mended refuses the edit; forced, it is written with a warning, and nothing is called proven."""
    path, out = models.merged_batch(folder), folder / "out.onnx"
    tool("edit", path, "-o", out, "--set-batch", "2", code=1)
    assert not out.exists()
    done = tool("edit", path, "-o", out, "--set-batch", "2", "--force")
    assert "warning: node 'merge' (Reshape): turns [4, 6] into [3, 8]" in done.out, done
    assert "\nproven" not in done.out, done
    assert shape(onnx.load(str(out)).graph.input[0]) == [2, 6]


def infer_and_clear_shapes(folder):
    """Every result gets the type that onnx.shape_inference finds too; cleared, nothing but inputs and outputs is left."""
    model = edited(folder, CNN, "--clear-shapes")
    assert not model.graph.value_info and shape(model.graph.output[0]), "outputs keep their types"
    onnx.save(model, str(folder / "bare.onnx"))
    ours = {v.name: shape(v) for v in edited(folder, folder / "bare.onnx", "--infer-shapes").graph.value_info}
    theirs = {v.name: shape(v) for v in onnx.shape_inference.infer_shapes(model, strict_mode=True).graph.value_info}
    assert ours.keys() == theirs.keys() and len(ours) > 5, (ours, theirs)
    for name, dims in theirs.items():
        assert not dims or len(dims) == len(ours[name]), (name, ours[name], dims)
        assert all(not isinstance(d, int) or d == o for o, d in zip(ours[name], dims)), (name, ours[name], dims)


def remove_node(folder):
    model = edited(folder, MXNET, "--remove-node", "dropout0")
    assert "Dropout" not in op_types(model)
    assert node(model, "bn3").input[0] == "pool1", node(model, "bn3").input


def insert_flatten(folder):
    model = edited(folder, MXNET, "--insert-flatten-before", "pre_fc1")
    flatten = next(n for n in model.graph.node if n.op_type == "Flatten")
    assert list(flatten.input) == ["bn3"] and node(model, "pre_fc1").input[0] == flatten.output[0]


def set_attribute(folder):
    assert attributes(edited(folder, MXNET, "--set-attr", "pool1:count_include_pad=1"), "pool1")["count_include_pad"] == 1
    assert attributes(edited(folder, MXNET, "--set-attr", "pool1:kernel_shape=2,2"), "pool1")["kernel_shape"] == [2, 2]


def remove_attribute(folder):
    """By type all three lose it, by name, by output, by number and by glob only those that are meant."""
    for selector, left in (("BatchNormalization", 0), ("bn1", 2), ("#1", 2), ("BatchNormalization:bn[12]", 1), ("bn*", 0)):
        model = edited(folder, MXNET, "--remove-attr", f"{selector}:spatial")
        has = [n.name for n in model.graph.node if any(a.name == "spatial" for a in n.attribute)]
        assert len(has) == left, f"{selector}: {has} still have it"


def fill(folder):
    np.save(folder / "gamma.npy", np.arange(16, dtype=np.float32))
    for value, expected in (("ones", np.ones(16)), ("zeros", np.zeros(16)), ("0.5", np.full(16, 0.5)), (folder / "gamma.npy", np.arange(16))):
        assert np.array_equal(weight(edited(folder, MXNET, "--fill", f"bn1_gamma={value}"), "bn1_gamma"), expected), value


def add_and_remove_output(folder):
    assert outputs(edited(folder, MXNET, "--add-output", "relu1")) == ["softmax", "relu1"]
    assert outputs(edited(folder, MXNET, "--add-output", "relu1", "--remove-output", "softmax")) == ["relu1"]


def rename(folder):
    model = edited(folder, MXNET, "--rename", "relu1=hidden", "--rename", "data=pixels")
    assert node(model, "conv2").input[0] == "hidden" and model.graph.input[0].name == "pixels"


def in_the_order_given(folder):
    assert outputs(edited(folder, MXNET, "--rename", "relu1=hidden", "--add-output", "hidden")) == ["softmax", "hidden"]
    tool("edit", MXNET, "-o", folder / "no.onnx", "--add-output", "hidden", "--rename", "relu1=hidden", code=2)


def initializers_as_inputs(folder):
    without = edited(folder, MXNET, "--initializers-as-inputs", "no")
    assert [i.name for i in without.graph.input] == ["data"]
    back = edited(folder, CNN, "--initializers-as-inputs", "yes")
    assert len(back.graph.input) == 1 + len(back.graph.initializer)


def fold_bn(folder):
    assert op_types(edited(folder, CNN, "--fold-bn")).count("BatchNormalization") < 3


def fix_mxnet(folder):
    """The mended network is the trained one: same answers on test images, one at a time."""
    out = folder / "mended.onnx"
    tool("edit", MXNET, "-o", out, "--fix", "mxnet")
    onnx.checker.check_model(str(out), full_check=True)
    images = np.load(DIGITS / "digits_test.npz")["images"][:30]
    trained, mended = (onnxruntime.InferenceSession(str(m), providers=["CPUExecutionProvider"]) for m in (CNN, out))
    assert mended.get_inputs()[0].shape == [1, 1, 8, 8], mended.get_inputs()[0].shape
    got = np.concatenate([mended.run(None, {"data": i[None]})[0] for i in images])
    np.testing.assert_allclose(got, trained.run(None, {"image": images})[0], rtol=1e-3, atol=1e-4)


def in_place(folder):
    """The output may be the input: read through a map, written beside it, renamed over it."""
    model = folder / "model.onnx"
    model.write_bytes(CNN.read_bytes())
    tool("edit", model, "-o", model, "--set-batch", "3")
    assert shape(onnx.load(str(model)).graph.input[0])[0] == 3
    assert list(folder.iterdir()) == [model]


def add_to(suite):
    for name, case in (
        ("--set-batch takes a number and a symbol", set_batch),
        ("--set-batch mends a Reshape that holds the batch and says so", set_batch_mends_the_reshape),
        ("--set-shape with and without brackets", set_shape),
        ("--set-shape of any axis", set_shape_of_any_axis),
        ("--make-dynamic", make_dynamic),
        ("--set-dim", set_dim),
        ("--batch-axis", batch_axis),
        ("--force", force),
        ("--infer-shapes and --clear-shapes", infer_and_clear_shapes),
        ("--remove-node", remove_node),
        ("--insert-flatten-before", insert_flatten),
        ("--set-attr with a number and a list", set_attribute),
        ("--remove-attr by type, name, number and glob", remove_attribute),
        ("--fill with ones, zeros, a value, a file", fill),
        ("--add-output and --remove-output", add_and_remove_output),
        ("--rename of a tensor and of an input", rename),
        ("edits apply in the order given", in_the_order_given),
        ("--initializers-as-inputs", initializers_as_inputs),
        ("--fold-bn", fold_bn),
        ("--fix mxnet", fix_mxnet),
        ("edit in place", in_place),
    ):
        suite.case(f"edit: {name}", case)
