"""A manifest that puts every command which reads a model before every hostile file.

What must be refused and what accepted is said by make_hostile.py for the main commands; here it is only that the tool
ends by itself, in bounds, without a sanitizer's report, and writes nothing that it does not stand for.
"""
import json

#: {path}: the file; {folder}: where it lies; {out}: where a result may be written; {digits}: a good model.
EVERYDAY = (
    "inspect {path} --json",
    "inspect {path} --weights",
    "inspect {path} --graph",
    "check {path} --full --json",
    "edit {path} -o {out} --set-batch 2",
    "edit {path} -o {out} --external-data --threshold 0",
    "convert {path} {out}.json",
    "convert {path} {out}.onnx.txt",
    "run {path} --seed 1",
    "run {path} --mode oracle",
    "diff-run {path} {path}",
    "test {folder}",
)
OTHERS = (
    "inspect {path} --nodes --json",
    "inspect {path} --node #0",
    "inspect {path} --tensors",
    "inspect {path} --shapes",
    "inspect {path} --list-dims",
    "inspect {path} --tree",
    "inspect {path} --cost",
    "inspect {path} --dot",
    "inspect {path} --diff {digits}",
    "edit {path} -o {out} --set-doc text",
    "edit {path} -o {out} --inline",
    "edit {path} -o {out} --infer-shapes --verify off",
    "simplify {path} -o {out} --json",
    "convert {path} {out}",
    "convert {path} {out}.textproto",
    "diff-run {digits} {path}",
)

#: Listings for programs hold names in full.
WITHOUT_LIMIT = ("--json", "--graph", "--dot", "--shapes")


def write(folder, digits, everything):
    """Writes every_command.json beside the manifest.json in `folder`, and a data set beside each model, for `test`."""
    chosen = EVERYDAY + OTHERS * everything
    cases = []
    for case in json.loads((folder / "manifest.json").read_text()):
        path = folder / case["path"]
        if path.parent.is_dir():
            (path.parent / "test_data_set_0").mkdir(exist_ok=True)
        places = {"{folder}": str(path.parent), "{digits}": str(digits)}
        commands = [{"argv": [places.get(x, x) for x in command.split()], "expect": "no-crash"} for command in chosen]
        case = case | {"expect": "no-crash", "commands": commands}
        if "max_output_bytes" in case:
            case["commands"] = [c for c in commands if not is_free(c["argv"])]
            free = {k: v for k, v in case.items() if k not in ("max_output_bytes", "forbid_output_bytes")}
            cases.append(free | {"commands": [c for c in commands if is_free(c["argv"])]})
        cases.append(case)
    manifest = folder / "every_command.json"
    manifest.write_text(json.dumps(cases))
    return manifest


def is_free(argv):
    return any(option in argv for option in WITHOUT_LIMIT)
