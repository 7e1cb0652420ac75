"""Writes the files of the cases and the manifest."""
import json
import os
import shutil
import sys

from .models import f32, with_init
from .wire import FLOAT, T

# The canary file lies outside the model's folder: 64 bytes, so 16 floats; run_hostile.py knows its value.
CANARY = b"CANARY-5f1d0c3a-DO-NOT-READ-ME!\n" * 2

NOT_ONNX = ["not an onnx", "not onnx", "not a valid onnx", "malformed", "truncat", "invalid", "parse", "protobuf", "corrupt", "wire", "no graph"]
MALFORMED = ["truncat", "malformed", "invalid", "parse", "protobuf", "corrupt", "wire", "varint", "past the end", "past end",
             "exceeds", "unexpected end", "too long", "too deep", "nesting", "not an onnx", "group", "length", "no graph", "missing"]
LIMIT = ["limit", "too large", "too big", "too many", "memory", "exceed", "overflow", "elements", "bytes"]


class Writer:
    def __init__(self, root, only=None):
        self.root = os.path.abspath(root)
        self.cases = []
        self.only = only
        if os.path.exists(self.root):
            old = os.path.join(self.root, "manifest.json")
            if os.listdir(self.root) and not os.path.isfile(old):
                sys.exit("%s: not empty and holds no manifest.json; refusing to clear it" % root)
            shutil.rmtree(self.root)
        os.makedirs(self.root)

    def dir(self, group, cid):
        d = os.path.join(self.root, group, cid)
        os.makedirs(d, exist_ok=True)
        return d

    def add(self, group, cid, expect, data, why, mention=(), cmds=None, path="model.onnx", make=None, canary=False, **kw):
        """data: the model's bytes (None: make() writes it); make(dir): more files; cmds: [(command, expect)]"""
        if self.only and self.only not in cid and self.only not in group:
            return
        assert all(c["id"] != cid for c in self.cases), cid
        d = self.dir(group, cid)
        if data is not None:
            full = os.path.join(d, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "wb") as f:
                f.write(data)
        if make:
            make(d)
        if cmds is None:
            inspect = {"reject": "no-crash", "accept": "accept", "no-crash": "no-crash"}[expect]
            cmds = [("check", expect), ("inspect", inspect)]
        commands = []
        for c, e in cmds:
            argv = {"simplify": ["simplify", "{path}", "-o", "{out}"], "diff-run": ["diff-run", "{path}", "{path}"],
                    "check-strict": ["check", "--strict", "{path}"]}.get(c, [c, "{path}"])
            commands.append({"argv": argv, "expect": e})
        case = {"id": cid, "group": group, "path": os.path.join(group, cid, path), "commands": commands, "expect": expect,
                "mention": list(mention), "why": why}
        if canary:
            case["canary"] = True
        for k, v in kw.items():
            if k in ("cwd", "shrink"):
                v = os.path.join(group, cid, v) if v else os.path.join(group, cid)
            if k == "files":
                v = [os.path.join(group, cid, x) for x in v]
                del case["path"]
            case[k] = v
        self.cases.append(case)

    def finish(self):
        with open(os.path.join(self.root, "manifest.json"), "w") as f:
            json.dump(self.cases, f, indent=1)
            f.write("\n")
        n = {}
        for c in self.cases:
            n.setdefault(c["group"], {}).setdefault(c["expect"], 0)
            n[c["group"]][c["expect"]] += 1
        for g in sorted(n):
            print("%-26s %s" % (g, "  ".join("%s %d" % (k, v) for k, v in sorted(n[g].items()))))
        print("%d cases in %s" % (len(self.cases), self.root))


BOTH_REJECT = [("check", "reject"), ("inspect", "reject")]
THREE_REJECT = BOTH_REJECT + [("simplify", "reject")]
EXT_REJECT = [("check", "reject"), ("inspect", "no-crash"), ("simplify", "reject")]
ALL_REJECT = THREE_REJECT + [("run", "reject"), ("diff-run", "reject")]
BOMB = [("check", "accept"), ("inspect", "accept"), ("simplify", "no-crash"), ("run", "reject")]


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def sparse_file(path, size, head=b""):
    with open(path, "wb") as f:
        f.write(head)
        f.truncate(size)


def ext_model(ext, dims=(16,), dt=FLOAT, name="bad_w", **kw):
    return with_init(T(name, dims, dt, ext=ext), name=name, **kw)


def ext_case(w, group, cid, expect, ext, why, mention=None, make=None, canary=True, cmds=None, **kw):
    """The model in m/, secret.bin beside m/, and in m/ a good data file w.bin of 64 bytes."""
    args = {k: kw.pop(k) for k in ("dims", "dt", "ir", "opset") if k in kw}
    def files(d):
        write(os.path.join(d, "secret.bin"), CANARY)
        write(os.path.join(d, "m", "w.bin"), f32(*range(16)))
        if make:
            make(d)
    if cmds is None:
        cmds = {"reject": EXT_REJECT, "accept": [("check", "accept"), ("inspect", "accept")],
                "no-crash": [("check", "no-crash"), ("inspect", "no-crash"), ("simplify", "no-crash")]}[expect]
    w.add(group, cid, expect, ext_model(ext, **args), why, ["bad_w"] if mention is None else mention, cmds=cmds,
          path=os.path.join("m", kw.pop("path", "model.onnx")), make=files, canary=canary, **kw)
