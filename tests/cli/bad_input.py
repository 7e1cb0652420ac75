"""Bad input: one line that names file, node or option, the right exit code, nothing written, an old output kept."""
import models
from harness import DIGITS, tool

MODEL = DIGITS / "digits_cnn.onnx"
USAGE, READ, UNSUPPORTED, WRITE = 2, 3, 4, 5

# command -> its arguments, with {model} for the bad file and {out} for the output
COMMANDS = {
    "inspect": ["inspect", "{model}"],
    "check": ["check", "{model}"],
    "edit": ["edit", "{model}", "-o", "{out}", "--set-batch", "3"],
    "simplify": ["simplify", "{model}", "-o", "{out}"],
    "diff-run": ["diff-run", str(MODEL), "{model}"],
    "run": ["run", "{model}"],
    "convert": ["convert", "{model}", "{out}"],
}


def missing(folder):
    return folder / "no_such_model.onnx"


def directory(folder):
    path = folder / "a_directory.onnx"
    path.mkdir()
    return path


def truncated(folder):
    path = folder / "truncated.onnx"
    path.write_bytes(MODEL.read_bytes()[:20000])
    return path


def empty(folder):
    path = folder / "empty.onnx"
    path.write_bytes(b"")
    return path


def text(folder):
    path = folder / "text.onnx"
    path.write_text("This is no model, it is a sentence.\n")
    return path


BAD_FILES = (missing, directory, truncated, empty, text)

# what is wrong -> (arguments, exit code, what the message must name)
WRONG_USE = {
    "no subcommand": ([], USAGE, ""),
    "an unknown subcommand": (["frobnicate", str(MODEL)], USAGE, "frobnicate"),
    "an unknown option": (["inspect", str(MODEL), "--frobnicate"], USAGE, "--frobnicate"),
    "a missing model": (["inspect"], USAGE, "MODEL"),
    "check without a model": (["check"], USAGE, "MODEL"),
    "edit without an output": (["edit", str(MODEL), "--set-batch", "3"], USAGE, ""),
    "a node that does not exist": (["edit", str(MODEL), "-o", "{out}", "--remove-node", "no_such_node"], USAGE, "no_such_node"),
    "a batch that is no batch": (["edit", str(MODEL), "-o", "{out}", "--set-batch", "-3"], USAGE, "--set-batch"),
    "a shape for an input that does not exist": (["edit", str(MODEL), "-o", "{out}", "--set-shape", "nothing:1,2"], USAGE, "nothing"),
    "a shape that the model cannot work with": (["edit", str(MODEL), "-o", "{out}", "--set-shape", "image:1,5,8,8"], USAGE, "Conv"),
    "a negative dimension": (["edit", str(MODEL), "-o", "{out}", "--set-shape", "image:1,-1,8,8"], USAGE, "-1"),
    "an absurd dimension": (["edit", str(MODEL), "-o", "{out}", "--set-batch", "99999999999"], USAGE, "99999999999"),
    "a dimension that does not exist": (["edit", str(MODEL), "-o", "{out}", "--set-dim", "height=8"], USAGE, "height"),
    "a symbol that is set twice": (["edit", str(MODEL), "-o", "{out}", "--set-dim", "N=2", "--set-dim", "N=3"], USAGE, "'N'"),
    "a symbol that a shape sets again": (["edit", str(MODEL), "-o", "{out}", "--set-batch", "2", "--set-shape", "image:3,1,8,8"], USAGE, "'N'"),
    "a batch axis out of range": (["edit", str(MODEL), "-o", "{out}", "--set-batch", "2", "--batch-axis", "image=4"], USAGE, "axis 4"),
    "a dynamic axis out of range": (["edit", str(MODEL), "-o", "{out}", "--make-dynamic", "image:-5=B"], USAGE, "axis -5"),
    "a batch axis of an unknown input": (["edit", str(MODEL), "-o", "{out}", "--set-batch", "2", "--batch-axis", "picture=0"], USAGE, "picture"),
    "an attribute without a value": (["edit", str(MODEL), "-o", "{out}", "--set-attr", "Conv"], USAGE, "--set-attr"),
    "a tensor that does not exist": (["edit", str(MODEL), "-o", "{out}", "--fill", "nothing=ones"], USAGE, "nothing"),
    "an unknown recipe": (["edit", str(MODEL), "-o", "{out}", "--fix", "nothing"], USAGE, "nothing"),
    "an input that does not exist": (["run", str(MODEL), "--input", f"nothing={DIGITS}/digit_1.png"], USAGE, "nothing"),
    "an input file that does not exist": (["run", str(MODEL), "--input", "image=nothing.npy"], READ, "nothing.npy"),
    "a key that the archive lacks": (["run", str(MODEL), "--input", f"image={DIGITS}/digits_test.npz:nothing"], None, "nothing"),
    "a pair that does not exist": (["diff-run", str(MODEL), str(MODEL), "--pair", "nothing=nothing"], USAGE, "nothing"),
}


def assert_one_line(result, *names):
    """The message is one line with the program's name in front, and names what it is about."""
    lines = [x for x in result.err.splitlines() if x.strip()]
    assert len(lines) == 1 and lines[0].startswith("onnx-tool: error: "), f"expected one error line\n{result}"
    for name in names:
        assert name in lines[0], f"expected the message to name {name}\n{result}"
    assert result.out == "", f"expected nothing on stdout\n{result}"


def call(folder, arguments, **values):
    """Runs the tool with an old output file in place, and demands that nothing in the folder changes."""
    out = folder / "out.onnx"
    out.write_bytes(b"old content")
    before = sorted(folder.iterdir())
    result = tool(*[a.format(out=out, **values) if "{" in a else a for a in arguments], cwd=folder, code=None)
    assert result.code != 0, f"expected a failure\n{result}"
    assert out.read_bytes() == b"old content", f"the old output was changed\n{result}"
    assert sorted(folder.iterdir()) == before, f"files were left behind: {sorted(folder.iterdir())}\n{result}"
    return result


def bad_file(folder, command, make):
    path = make(folder)
    result = call(folder, COMMANDS[command], model=path)
    assert result.code == READ, f"expected exit code {READ}\n{result}"
    assert_one_line(result, path.name)


def wrong_use(folder, arguments, code, name):
    result = call(folder, arguments)
    assert result.code == code if code else result.code in (USAGE, READ), f"expected exit code {code}\n{result}"
    assert_one_line(result, name)


def unsupported(folder, command):
    path = models.unknown_operator(folder)
    second = [str(path), str(path)] if command == "diff-run" else [str(path)]
    result = call(folder, [command, *second])
    assert result.code == UNSUPPORTED, f"expected exit code {UNSUPPORTED}\n{result}"
    assert_one_line(result, "Frobnicate", "frob_1")


def no_write(folder, command):
    """An output in a folder that does not exist, and one that is a folder."""
    (folder / "taken").mkdir()
    for target in (folder / "no_such_folder" / "out.onnx", folder / "taken"):
        result = call(folder, [x if x != "{out}" else str(target) for x in COMMANDS[command]], model=MODEL)
        assert result.code == WRITE, f"expected exit code {WRITE}\n{result}"
        assert_one_line(result, target.name)


def nearest_names(folder):
    """A node name that is nearly right: the message offers the right one."""
    result = call(folder, ["edit", str(DIGITS / "digits_mxnet_style.onnx"), "-o", "{out}", "--remove-node", "dropout1"])
    assert_one_line(result, "dropout1", "dropout0")


def refused_batch(folder):
    result = call(folder, ["edit", str(models.merged_batch(folder)), "-o", "{out}", "--set-batch", "5"])
    assert result.code in (1, UNSUPPORTED), f"expected a refusal\n{result}"
    assert_one_line(result, "merge")


def full_disk(folder):
    """/dev/full takes no byte."""
    with open("/dev/full", "w") as full:
        result = tool("inspect", MODEL, code=None, stdout=full)
    assert result.code == WRITE, f"expected exit code {WRITE}\n{result}"


def add_to(suite):
    for command in COMMANDS:
        for make in BAD_FILES:
            suite.case(f"{command} refuses a file that is {make.__name__}", bad_file, command, make)
    for what, arguments in WRONG_USE.items():
        suite.case(f"refuses {what}", wrong_use, *arguments)
    for command in ("run", "diff-run"):
        suite.case(f"{command} names an operator without a kernel", unsupported, command)
    for command in ("edit", "simplify", "convert"):
        suite.case(f"{command} says where it cannot write", no_write, command)
    suite.case("an unknown node lists the nearest names", nearest_names)
    suite.case("--set-batch refuses where no other batch can be right, and names the node", refused_batch)
    suite.case("a full disk under stdout is an error", full_disk)
