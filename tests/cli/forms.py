"""convert, and forms by suffix in the other commands."""
import json

import onnx

from harness import DIGITS, tool

CNN = DIGITS / "digits_cnn.onnx"
SUFFIXES = (".onnx", ".textproto", ".onnxtxt", ".json", ".onnx.txt", ".onnxtext")


def a_copy_has_the_same_bytes(folder):
    out = folder / "copy.onnx"
    assert tool("convert", CNN, out).out == f"wrote {out}\n"
    assert out.read_bytes() == CNN.read_bytes()


def every_form_leads_to_every_other(folder):
    original = onnx.load(str(CNN))
    for source in SUFFIXES:
        tool("convert", CNN, folder / f"a{source}")
        for target in SUFFIXES:
            tool("convert", folder / f"a{source}", folder / f"b{target}")
            tool("convert", folder / f"b{target}", folder / "c.onnx")
            same = onnx.load(str(folder / "c.onnx"))
            if ".onnx.txt" in (source, target) or ".onnxtext" in (source, target):
                assert [n.op_type for n in same.graph.node] == [n.op_type for n in original.graph.node], (source, target)
            else:
                assert same == original, (source, target)


def commands_take_every_form(folder):
    for suffix in SUFFIXES:
        model = folder / f"model{suffix}"
        tool("convert", CNN, model)
        assert "Conv" in tool("inspect", model).out
        out = folder / f"batch{suffix}"
        assert "proven" in tool("edit", model, "-o", out, "--set-batch", "3").out
        assert "float[3, 1, 8, 8]" in tool("inspect", out).out
        tool("diff-run", CNN, model)


def what_the_package_writes_is_read(folder):
    original = onnx.load(str(CNN))
    for suffix in (".textproto", ".txtpb", ".json", ".onnxtxt"):  # the last one is ONNX's syntax there
        onnx.save(original, str(folder / f"theirs{suffix}"))
        tool("diff-run", CNN, folder / f"theirs{suffix}")


def what_is_written_is_read_by_the_package(folder):
    original = onnx.load(str(CNN))
    for suffix, form in ((".textproto", None), (".json", None), (".onnxtxt", "textproto"), (".onnx.txt", "onnxtxt")):
        tool("convert", CNN, folder / f"ours{suffix}")
        model = onnx.load(str(folder / f"ours{suffix}"), format=form)
        assert [n.name for n in model.graph.node] == [n.name for n in original.graph.node], suffix


def what_is_left_out_is_told(folder):
    model = onnx.load(str(CNN))
    model.graph.doc_string = "about"
    onnx.save(model, str(folder / "doc.onnx"))
    result = tool("convert", folder / "doc.onnx", folder / "doc.onnx.txt", "--json")
    assert json.loads(result.out)["remarks"] == ["GraphProto.doc_string was left out, once: ONNX's textual syntax has no place for it"]


def a_bad_text_is_one_sentence(folder):
    for name, text, message in (("a.json", '{"graph": {"node": 3}}', "graph.node: expected a list"),
                                ("a.textproto", "graph {\n  nod {} }", "line 2, column 7: "),
                                ("a.onnx.txt", "g () => () {\n  x y }", "line 2, column 5: expected '=', found 'y'")):
        (folder / name).write_text(text)
        result = tool("convert", folder / name, folder / "out.onnx", code=3)
        assert result.err.count("\n") == 1 and message in result.err, result
        assert not (folder / "out.onnx").exists()


def add_to(suite):
    for name, function in list(globals().items()):
        if callable(function) and getattr(function, "__module__", "") == __name__ and name != "add_to":
            suite.case("convert: " + name.replace("_", " "), function)
