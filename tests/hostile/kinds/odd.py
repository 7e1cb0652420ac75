"""Valid but odd: what must be accepted."""
import os

import numpy as np

from .models import RELU_NODE, f32, i64, idle_init, nodes_model, relu, relu_graph, with_init
from .structure import fn_model
from .wire import (BFLOAT16, BOOL, COMPLEX128, COMPLEX64, DOUBLE, F, F4E2M1, F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ,
                   F8E8M0, FLOAT, FLOAT16, G, INT16, INT2, INT32, INT4, INT64, INT8, M, N, OPS, SP, STRING, T, UINT16,
                   UINT2, UINT32, UINT4, UINT64, UINT8, VI, a_f, a_g, a_ref, a_s, cat, fx32, fx64, ld, packed_v, vi)
from .writer import ext_case, write

DTYPE_VALUES = [-1.5, 0.0, 0.5, 1.0, 2.0]


def dtype_raw(dt, count=5):
    """Little-endian raw bytes for `count` elements of any data type (element i holds a small pattern)."""
    size = {UINT4: .5, INT4: .5, F4E2M1: .5, UINT2: .25, INT2: .25, UINT8: 1, INT8: 1, BOOL: 1, F8E4M3FN: 1, F8E4M3FNUZ: 1, F8E5M2: 1, F8E5M2FNUZ: 1,
            F8E8M0: 1, UINT16: 2, INT16: 2, FLOAT16: 2, BFLOAT16: 2, FLOAT: 4, INT32: 4, UINT32: 4, INT64: 8, UINT64: 8, DOUBLE: 8, COMPLEX64: 8, COMPLEX128: 16}[dt]
    if dt == BOOL:
        return bytes([1, 0, 1, 1, 0])[:count]
    if dt == FLOAT:
        return f32(*DTYPE_VALUES)
    if dt == DOUBLE:
        return np.array(DTYPE_VALUES, "<f8").tobytes()
    if dt == FLOAT16:
        return np.array(DTYPE_VALUES, "<f2").tobytes()
    if dt == BFLOAT16:
        return (np.array(DTYPE_VALUES, "<f4").view("<u4") >> 16).astype("<u2").tobytes()
    if dt == COMPLEX64:
        return f32(*(DTYPE_VALUES * 2))
    if dt == COMPLEX128:
        return np.array(DTYPE_VALUES * 2, "<f8").tobytes()
    n = -int(-count * size // 1)
    bits = int(8 * size)
    if size < 1:  # elements packed low bits first, unused high bits zero
        v = 0
        for i in range(count):
            v |= (i & ((1 << bits) - 1)) << (bits * i)
        return v.to_bytes(n, "little")
    return cat(int(3 * i + 1).to_bytes(int(size), "little") for i in range(count))


def dtype_typed(name, dt, count=5):
    raw = dtype_raw(dt, count)
    if dt in (FLOAT, COMPLEX64):
        return T(name, [count], dt, f=np.frombuffer(raw, "<f4").tolist())
    if dt in (DOUBLE, COMPLEX128):
        return T(name, [count], dt, f64=np.frombuffer(raw, "<f8").tolist())
    if dt == INT64:
        return T(name, [count], dt, i64=np.frombuffer(raw, "<i8").tolist())
    if dt in (UINT32, UINT64):
        return T(name, [count], dt, u64=np.frombuffer(raw, "<u4" if dt == UINT32 else "<u8").tolist())
    np_t = {UINT16: "<u2", FLOAT16: "<u2", BFLOAT16: "<u2", INT16: "<i2", INT32: "<i4", INT8: "i1"}.get(dt, "u1")
    return T(name, [count], dt, i32=[int(x) for x in np.frombuffer(raw, np_t)])


DTYPE_SETS = [  # id, data types, ir_version, opset that has them all
    ("classic", [FLOAT, UINT8, INT8, UINT16, INT16, INT32, INT64, BOOL, DOUBLE, UINT32, UINT64], 8, 17),
    ("half", [FLOAT16, BFLOAT16], 8, 17),
    ("complex", [COMPLEX64, COMPLEX128], 8, 17),
    ("float8", [F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ], 9, 19),
    ("int4", [UINT4, INT4], 10, 21),
    ("float4", [F4E2M1], 11, 23),
    ("e8m0", [F8E8M0], 12, 24),
    ("int2", [UINT2, INT2], 13, 25),
]


def g18(w):
    g = "g18-valid-but-odd"
    def a(cid, data, why, **kw):
        w.add(g, cid, "accept", data, why, **kw)
    m = relu()
    odd = vi(1000, 7) + fx64(1001, 1) + ld(1002, "x") + fx32(1003, 1)
    a("plain-model", m, "nothing odd at all: a tool that refuses everything fails here", cmds=[(c, "accept") for c in ("check", "inspect", "simplify")])
    a("plain-constant-model", nodes_model([N("Neg", ["k"], ["y"])], ins=[], inits=[T("k", [2, 3], FLOAT, raw=f32(*range(6)))]), "no inputs: can be run and compared as it is",
      cmds=[(c, "accept") for c in ("check", "inspect", "simplify", "run", "diff-run")])
    a("unknown-fields-top", odd + m + odd, "unknown fields of all four wire types at the top level")
    a("unknown-fields-nested", M(G([RELU_NODE + odd], [VI("x") + odd], [VI("y")], [T("w", [1], FLOAT, raw=f32(1)) + odd], extra=odd)), "unknown fields inside graph, node, value info and tensor")
    a("packed-dims", with_init(packed_v(1, [2, 3]) + T("bad_w", [], FLOAT, raw=f32(*range(6)))), "dims packed, although declared unpacked")
    a("unpacked-float-data", with_init(T("bad_w", [4], FLOAT) + fx32(4, 1.0) + fx32(4, 2.0) + ld(4, f32(3, 4))), "float_data partly unpacked, partly packed")
    a("fields-out-of-order", OPS(17) + ld(7, ld(12, VI("y")) + ld(11, VI("x")) + ld(2, "g") + ld(1, ld(4, "Relu") + ld(2, "y") + ld(1, "x"))) + vi(1, 8), "fields in reverse order")
    a("last-scalar-wins", vi(1, 999) + M(G([N("Bogus", ["x"], ["y"]) + ld(4, "Relu")], [VI("x")], [VI("y")])), "ir_version and op_type twice: the last one counts")
    a("split-graph", vi(1, 8) + ld(7, ld(1, RELU_NODE) + ld(2, "g")) + OPS(17) + ld(7, ld(11, VI("x")) + ld(12, VI("y"))), "the graph in two pieces, merged as protobuf does")
    w.add(g, "graph-without-name", "accept", M(relu_graph(name=None)), "no graph name: runtimes take it (a strict checker may not)",
          cmds=[("check", "accept"), ("inspect", "accept"), ("simplify", "no-crash")])
    a("zero-size-tensors", idle_init([T("e0", [0], FLOAT), T("e1", [0, 3], INT64, raw=b""), T("e2", [2, 0, 4], DOUBLE)]), "tensors of no elements, with and without a data field")
    a("scalars", nodes_model([N("Add", ["x", "k"], ["y"])], inits=[T("k", [], FLOAT, raw=f32(2)), T("k2", [], INT64, i64=[3])]), "scalars: no dims, one element")
    a("unnamed-nodes", nodes_model([N("Relu", ["x"], ["a"]), N("Neg", ["a"], ["y"])]), "nodes without names")
    a("empty-optional-input", nodes_model([N("Clip", ["x", "", "hi"], ["y"])], inits=[T("hi", [], FLOAT, raw=f32(6))]), "Clip without min: an empty input name in the middle")
    f = F("Scale", ["a"], ["r"], [N("Constant", [], ["k"], [a_ref("value_float", "by", 1)]), N("Mul", ["a", "k"], ["r"])], attrs=["by"])
    a("function-with-attribute", fn_model([f], N("Scale", ["x"], ["y"], [a_f("by", 2)], domain="local")), "a model function with a forwarded attribute")
    vals = lambda: T("s", [2], FLOAT, raw=f32(1, 2))
    a("sparse-linear-indices", M(relu_graph(sparse=[SP(vals(), T("si", [2], INT64, raw=i64(1, 5)), [3, 4])]), ir=8), "a sparse initializer with linear indices")
    a("sparse-coordinates", M(relu_graph(sparse=[SP(vals(), T("si", [2, 2], INT64, raw=i64(0, 1, 2, 3)), [3, 4])]), ir=8), "a sparse initializer with coordinates")
    w.add(g, "custom-domain-op", "accept", nodes_model([N("Magic", ["x"], ["y"], [a_s("how", "so")], domain="com.example")], opset=[("", 17), ("com.example", 1)]),
          "an operator of an unknown domain: cannot be run, can be inspected and edited", cmds=[("check", "accept"), ("inspect", "accept"), ("simplify", "no-crash"), ("run", "reject")],
          mention=["Magic", "com.example"])
    a("ir3-initializer-in-inputs", nodes_model([N("Add", ["x", "k"], ["y"])], ins=[VI("x"), VI("k", FLOAT, [3])], inits=[T("k", [3], FLOAT, raw=f32(1, 2, 3))], ir=3, opset=8), "IR 3: the initializer is listed among the inputs")
    for cid, dts, ir, op in DTYPE_SETS:
        a("raw-" + cid, idle_init([T("t%d" % d, [5], d, raw=dtype_raw(d)) for d in dts], ir, op), "raw_data of data types %s" % dts)
        a("typed-" + cid, idle_init([dtype_typed("t%d" % d, d) for d in dts], ir, op), "typed data fields of data types %s" % dts)
    a("strings", idle_init([T("s", [3], STRING, s=["a", "", "\u00e9"])]), "a STRING tensor with an empty element")
    E = lambda cid, ext, why, **kw: ext_case(w, g, cid, "accept", ext, why, canary=False, **kw)
    def page(d):
        write(os.path.join(d, "m", "w.bin"), bytes(4096) + f32(*range(16)) + bytes(100))
    E("external-offset", [("location", "w.bin"), ("offset", "4096"), ("length", "64")], "external data at offset 4096, with bytes after it", make=page)
    E("external-no-length", [("location", "w.bin")], "external data without offset and length")
    long = "\u5c42" * 70 + "/\u00fc" * 20
    a("long-unicode-names", nodes_model([N("Relu", ["x"], [long], name=long + "n"), N("Neg", [long], ["y"])]), "names of over 64 letters, not ASCII")
    br = lambda op, n: G([N(op, ["x"], ["local"]), N("Add", ["local", "k"], [n])], [], [VI(n)], name="b")
    a("subgraph-capture", nodes_model([N("If", ["c"], ["y"], [a_g("then_branch", br("Relu", "r")), a_g("else_branch", br("Neg", "r"))])],
      ins=[VI("x"), VI("c", BOOL, [])], inits=[T("k", [3], FLOAT, raw=f32(1, 2, 3))]), "branches read an outer input and initializer, and both use the same inner names")
    a("input-shape-unknown", M(G([RELU_NODE], [VI("x", FLOAT, ["batch", "n"])], [VI("y", FLOAT, ["batch", "n"])])), "symbolic dims")
    w.add(g, "duplicate-node-names", "no-crash", nodes_model([N("Relu", ["x"], ["a"], name="n"), N("Neg", ["a"], ["y"], name="n")]), "two nodes of one name: exporters do that, some runtimes refuse it")
