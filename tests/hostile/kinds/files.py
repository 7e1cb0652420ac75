"""What is no model at all: files, foreign formats, broken wire format."""
import io
import os
import struct
import zipfile

from .models import RELU_NODE, f32, relu, relu_graph, with_init
from .wire import FLOAT, G, M, T, VI, fx32, key, ld, vi, vint
from .writer import ALL_REJECT, BOTH_REJECT, MALFORMED, NOT_ONNX, THREE_REJECT


def g01(w):
    g = "g01-files"
    w.add(g, "empty-file", "reject", b"", "zero bytes", ["empty", "no graph", "zero", "0 bytes"], cmds=ALL_REJECT)
    w.add(g, "directory", "reject", None, "a folder is no model", ["directory", "folder", "not a regular file"], cmds=THREE_REJECT,
          make=lambda d: os.mkdir(os.path.join(d, "model.onnx")))
    w.add(g, "fifo", "reject", None, "a FIFO with no writer: opening it for reading must not hang",
          ["fifo", "pipe", "not a regular file", "special"], cmds=THREE_REJECT, make=lambda d: os.mkfifo(os.path.join(d, "model.onnx")))
    w.add(g, "missing", "reject", None, "no such file; the message names the path and the reason",
          ["no such file", "does not exist", "not found"], cmds=THREE_REJECT)
    w.add(g, "unreadable", "reject", relu(), "mode 000", ["permission", "denied", "not readable", "cannot open"], cmds=BOTH_REJECT,
          make=lambda d: os.chmod(os.path.join(d, "model.onnx"), 0), needs_non_root=True)


def g02(w):
    g = "g02-foreign-formats"
    z = io.BytesIO()
    with zipfile.ZipFile(z, "w") as f:
        f.writestr("archive/data.pkl", b"\x80\x02}q\x00.")
    st = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    for cid, data, why, m in [
        ("git-lfs-pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 102400\n",
         "a git-lfs pointer instead of the model: say so", ["lfs"]),
        ("zip-archive", z.getvalue(), "a ZIP archive (a PyTorch .pth looks like this)", ["zip", "pytorch"]),
        ("gguf", b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "a GGUF file", ["gguf"] + NOT_ONNX),
        ("safetensors", struct.pack("<Q", len(st)) + st + f32(1), "a safetensors file", ["safetensors"] + NOT_ONNX),
        ("html-page", b"<!DOCTYPE html>\n<html><head><title>404</title></head><body>Not Found</body></html>\n",
         "a web page saved under the model's name", ["html"] + NOT_ONNX),
    ]:
        w.add(g, cid, "reject", data, why, m, cmds=THREE_REJECT)


def g03(w):
    g = "g03-wire"
    m = relu()
    def r(cid, data, why, mention=MALFORMED):
        w.add(g, cid, "reject", data, why, mention, cmds=THREE_REJECT)
    r("truncated-mid-graph", m[:len(m) // 2], "the first half of a model")
    r("varint-11-bytes", key(5, 0) + b"\x80" * 10 + b"\x01" + m, "a varint of 11 bytes")
    r("length-past-end", vi(1, 8) + key(7, 2) + vint(0x7FFFFFFF) + relu_graph(), "graph length 2^31-1 in a small file")
    inner = ld(1, "x") + key(2, 2) + vint(200)  # a length that leaves its parent but not the file
    r("length-past-parent", M(G([inner], [VI("x")], [VI("y")]), extra=ld(6, "d" * 400)), "a node field longer than its node, still inside the file")
    r("unterminated-group", m + key(99, 3) + vi(1, 1), "a start-group tag with no end")
    r("field-number-zero", b"\x00\x01" + m, "field number 0")
    r("wire-type-6", key(30, 6) + m, "wire type 6 does not exist")
    r("unknown-fields-only", ld(200, b"abc") + vi(201, 7) + fx32(202, 1), "parses as protobuf, holds no graph", ["graph", "ir_version", "not an onnx"])
    r("packed-floats-cut", with_init(T("bad_w", [2], FLOAT, extra=ld(4, f32(1, 2)[:-1]))), "packed float_data of 7 bytes", ["bad_w"] + MALFORMED)
    deep = vi(1, 1)
    for _ in range(15000):
        deep = ld(4, ld(1, deep))  # sequence_type { elem_type { ... } }
        if len(deep) > 90000:
            break
    r("type-nested-thousands-deep", M(G([RELU_NODE], [VI("x"), ld(1, "s") + ld(2, deep)], [VI("y")])),
      "a sequence-of-sequence-of-... type thousands deep: no stack overflow, protobuf's own limit is 100", ["deep", "nest", "depth", "recurs", "malformed", "parse"])
    w.add(g, "unknown-balanced-group", "no-crash", m + key(99, 3) + vi(1, 1) + key(99, 4), "a well-formed group in an unknown field: protobuf skips it; refusing it is fine too")
