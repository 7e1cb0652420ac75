"""Versions, sizes, dims and payloads of tensors."""
import os

from .models import RELU_NODE, f32, i64, nodes_model, relu_graph, with_const, with_init
from .wire import BOOL, FLOAT, G, INT4, INT64, M, N, OPS, SP, T, UINT2, UINT8, VI, key, ld, vi, vint
from .writer import sparse_file


def g04(w):
    g = "g04-versions-and-size"
    def r(cid, data, why, mention, **kw):
        w.add(g, cid, "reject", data, why, mention, **kw)
    gr = relu_graph()
    r("ir-version-missing", M(gr, ir=None), "no ir_version", ["ir_version", "ir version"])
    r("ir-version-future", M(gr, ir=999), "ir_version 999", ["999"])
    r("opset-missing", M(gr, opset=None), "no opset_import in IR 8", ["opset"])
    r("opset-future", M(gr, opset=9999), "opset 9999 of the default domain", ["9999", "opset"])
    r("domain-not-imported", nodes_model([N("Foo", ["x"], ["y"], name="bad_node", domain="com.example")]), "a node of a domain that the model does not import",
      ["com.example", "bad_node"])
    def huge(d):
        n = (1 << 31) + 4096
        tail = key(9, 2) + vint(n)
        t = T("bad_w", [n], UINT8) + tail
        # lengths of the enclosing messages, with the sparse raw_data last in tensor, graph and model
        graph = G([RELU_NODE], [VI("x")], [VI("y")])
        ghead = graph + key(5, 2) + vint(len(t) + n) + t
        head = vi(1, 8) + OPS(17) + key(7, 2) + vint(len(ghead) + n) + ghead
        sparse_file(os.path.join(d, "model.onnx"), len(head) + n, head)
    r("inline-over-2-gib", None, "2 GiB + 4 KiB of raw_data in the file itself (sparse): protobuf cannot hold it; refuse without reading it",
      ["2 gib", "2gib", "2 gb", "2gb", "2147483647", "too large", "exceed", "limit", "bad_w"], make=huge)


def g05(w):
    g = "g05-dims"
    def r(cid, t, why, data=None):
        w.add(g, cid, "reject", data or with_init(t), why, ["bad_w"])
    r("dim-minus-one", T("bad_w", [-1], FLOAT, raw=f32(1)), "an initializer of dims [-1]")
    r("dims-2-62-by-4", T("bad_w", [1 << 62, 4], FLOAT, raw=b""), "dims [2^62,4]: the product wraps to 0, which matches empty data")
    r("zero-dim-with-data", T("bad_w", [0], FLOAT, raw=f32(1)), "dims [0] with 4 bytes of data")
    r("rank-60000", None, "rank 60000, all dims 1, one element: over the rank limit",
      with_init(ld(1, b"\x01" * 60000) + T("bad_w", [], FLOAT, raw=f32(1))))
    w.add(g, "input-dim-minus-one", "no-crash", M(G([RELU_NODE], [VI("x", FLOAT, [-1, 3])], [VI("y", FLOAT, [-1, 3])])),
          "dim_value -1 in a graph input: common in old exports, not valid by the letter")


def g06(w):
    g = "g06-tensor-data"
    def r(cid, t, why):
        w.add(g, cid, "reject", with_init(t), why, ["bad_w"])
    r("raw-one-byte-short", T("bad_w", [4], FLOAT, raw=f32(1, 2, 3, 4)[:-1]), "15 bytes for FLOAT[4]")
    r("raw-one-byte-long", T("bad_w", [4], FLOAT, raw=f32(1, 2, 3, 4) + b"\0"), "17 bytes for FLOAT[4]")
    r("million-floats-4-bytes", T("bad_w", [1000000], FLOAT, raw=f32(1)), "FLOAT[1000000] with 4 bytes")
    r("raw-and-float-data", T("bad_w", [1], FLOAT, raw=f32(1), f=[1.0]), "raw_data and float_data both set")
    r("data-type-0", T("bad_w", [1], 0, raw=f32(1)), "data_type UNDEFINED")
    r("no-data", T("bad_w", [3], FLOAT), "dims [3] and no data field")
    w.add(g, "constant-raw-short", "reject", with_const(T("v", [2, 2], FLOAT, raw=f32(1, 2, 3))), "a Constant's value tensor one element short", ["bad_node", "\"v\"", "'v'", "value"])
    w.add(g, "bool-raw-2", "no-crash", with_init(T("bad_w", [2], BOOL, raw=b"\x02\xff")), "BOOL bytes other than 0 and 1")


def g07(w):
    g = "g07-packed-and-sparse"
    w.add(g, "int4-raw-short", "reject", with_init(T("bad_w", [5], INT4, raw=b"\x21\x43"), 10, 21), "INT4[5] needs 3 bytes, has 2", ["bad_w"])
    w.add(g, "uint2-raw-long", "reject", with_init(T("bad_w", [5], UINT2, raw=b"\x1b\x1b\x00"), 13, 25), "UINT2[5] needs 2 bytes, has 3", ["bad_w"])
    def sp(cid, values, indices, dims, why, mention=("bad_s",)):
        graph = relu_graph(sparse=[SP(values, indices, dims)])
        w.add(g, cid, "reject", M(graph, ir=11, opset=22), why, mention)
    v3 = T("bad_s", [3], FLOAT, raw=f32(1, 2, 3))
    sp("sparse-unsorted", v3, T("bad_si", [3], INT64, raw=i64(2, 5, 4)), [10], "linear indices out of order")
    sp("sparse-out-of-range", v3, T("bad_si", [3], INT64, raw=i64(2, 4, 10)), [10], "index 10 of 10 elements")
    sp("sparse-count-mismatch", v3, T("bad_si", [2], INT64, raw=i64(2, 4)), [10], "3 values, 2 indices")
