"""Graphs that grow beyond all bounds, and names that deceive a reader."""
from .models import bomb, f32, i64, nodes_model, shape_init
from .wire import FLOAT, G, INT64, M, N, T, VI, b, ld
from .writer import BOMB, LIMIT


def g16(w):
    g = "g16-expansion-bombs"
    k = 1 << 40
    def r(cid, nodes, inits, why, dt=FLOAT, opset=17):
        w.add(g, cid, "accept", bomb(nodes, inits, dt, opset), why + ": a valid graph; simplify leaves it or refuses, run refuses and names the node or the limit",
              ["bomb"] + LIMIT, cmds=BOMB)
    one = T("one", [1], FLOAT, raw=f32(1))
    r("constant-of-shape", [N("ConstantOfShape", ["s"], ["big"], name="bomb")], [shape_init("s", k)], "ConstantOfShape of 2^40 floats")
    r("tile", [N("Tile", ["one", "s"], ["big"], name="bomb")], [one, shape_init("s", k)], "Tile 2^40 times")
    r("range", [N("Range", ["a", "b", "c"], ["big"], name="bomb")],
      [T("a", [], INT64, raw=i64(0)), T("b", [], INT64, raw=i64(k)), T("c", [], INT64, raw=i64(1))], "Range of 2^40", INT64)
    r("pad", [N("Pad", ["one", "s"], ["big"], name="bomb")], [one, shape_init("s", k // 2, k // 2)], "Pad to 2^40")


def g17(w):
    g = "g17-names"
    CM = [("check", "accept"), ("inspect", "accept"), ("simplify", "no-crash")]
    def a(cid, bad, why, forbid, expect="accept", **kw):
        nodes = [N("Relu", ["x"], [bad], name=bad), N("Neg", [bad], ["y"], name="tail")]
        m = M(G(nodes, [VI("x")], [VI("y")], [T(b(bad) + b"_w", [1], FLOAT, raw=f32(1))], name=bad, extra=ld(10, bad)),
              extra=ld(6, bad) + ld(14, ld(1, bad) + ld(2, bad)))
        cmds = CM if expect == "accept" else [(c, "no-crash") for c, _ in CM]
        w.add(g, cid, expect, m, why + " in node, tensor, graph, doc string and metadata", cmds=cmds, forbid_output_bytes=[x.hex() for x in forbid], **kw)
    a("esc-colour", "\x1b[31mred\x1b[2J", "terminal escapes", [b"\x1b"])
    a("carriage-return", "good\rEVIL OK", "a carriage return", [b"\r"])
    a("newline", "n0\nFAKE-LINE: all checks passed", "a line feed that would forge a line of output", [b"\nFAKE-LINE"])
    a("invalid-utf8", b"w\xff\xfe\x80z", "invalid UTF-8", [b"\xff", b"\xfe\x80"], expect="no-crash")
    a("megabyte-name", "n" * (1 << 20), "a name of 1 MB: output stays readable", [b"n" * 4096], max_output_bytes=1 << 18)
    w.add(g, "esc-in-unknown-op", "reject", nodes_model([N("No\x1b[31mOp", ["x"], ["y"], name="bad_node")]), "the error message quotes an op_type with an escape",
          ["bad_node"], forbid_output_bytes=["1b"])
