"""Graphs, attributes, types, nesting and functions."""
from .models import chain, f32, nested_if, nodes_model, relu_graph
from .wire import BOOL, F, FLOAT, G, INT64, M, N, T, VI, a_g, a_i, a_s, fx32, ld, vi


def g12(w):
    g = "g12-graph-structure"
    def r(cid, data, why, mention):
        w.add(g, cid, "reject", data, why, mention)
    r("cycle", nodes_model([N("Add", ["x", "b"], ["a"], name="add0"), N("Relu", ["a"], ["b"], name="relu_b"), N("Relu", ["b"], ["y"], name="relu_y")]),
      "two nodes feed each other", ["add0", "relu_b", "'b'", "\"b\"", "cycle"])
    r("duplicate-output", nodes_model([N("Relu", ["x"], ["y"], name="n0"), N("Neg", ["x"], ["y"], name="n1")]), "two nodes write y", ["n1", "'y'", "\"y\""])
    r("duplicate-initializer", M(relu_graph(inits=[T("bad_w", [1], FLOAT, raw=f32(1)), T("bad_w", [1], FLOAT, raw=f32(2))])), "two initializers of one name", ["bad_w"])
    r("undefined-input", nodes_model([N("Add", ["x", "ghost"], ["y"], name="bad_node")]), "an input that nothing produces", ["ghost"])
    r("output-never-produced", nodes_model([N("Relu", ["x"], ["z"])], outs=[VI("bad_out")]), "a graph output that nothing produces", ["bad_out"])
    r("unsorted", nodes_model([N("Neg", ["a"], ["y"], name="late"), N("Relu", ["x"], ["a"], name="early")]), "nodes out of topological order", ["late", "'a'", "\"a\""])
    r("empty-op-type", nodes_model([N("", ["x"], ["y"], name="bad_node")]), "op_type is empty", ["bad_node", "op_type", "op type"])
    r("unknown-op", nodes_model([N("NoSuchOp", ["x"], ["y"], name="bad_node")]), "no such operator in the default domain", ["NoSuchOp"])
    r("undefined-in-subgraph", nodes_model([N("If", ["c"], ["y"], [
        a_g("then_branch", G([N("Relu", ["ghost"], ["t"])], [], [VI("t")], name="then")),
        a_g("else_branch", G([N("Relu", ["x"], ["e"])], [], [VI("e")], name="else"))], name="bad_node")], ins=[VI("x"), VI("c", BOOL, [])]),
      "a branch reads a name that no scope defines", ["ghost"])


def g13(w):
    g = "g13-attributes-and-types"
    def r(cid, node, why, mention=("bad_node",), **kw):
        w.add(g, cid, "reject", nodes_model([node] if isinstance(node, bytes) else node, **kw), why, mention)
    n = "bad_node"
    r("type-int-payload-float", N("Softmax", ["x"], ["y"], [ld(1, "axis") + fx32(2, 1.0) + vi(20, 2)], name=n), "type says INT, the float field is set", [n, "axis"])
    r("type-missing", N("Softmax", ["x"], ["y"], [ld(1, "axis") + vi(3, 1)], name=n), "an attribute without type in IR 8", [n, "axis"])
    r("wrong-attribute-type", N("Transpose", ["x"], ["y"], [a_s("perm", "10")], name=n), "perm is a string", [n, "perm"], outs=[VI("y", FLOAT, [3, 2])])
    r("unknown-attribute", N("Relu", ["x"], ["y"], [a_i("slope", 1)], name=n), "Relu has no attribute slope", [n, "slope"])
    r("missing-attribute", N("Cast", ["x"], ["y"], name=n), "Cast without to", [n])
    r("too-many-inputs", N("Relu", ["x", "x"], ["y"], name=n), "Relu with two inputs", [n])
    r("mixed-types", N("Add", ["x", "k"], ["y"], name=n), "float + int64", [n], ins=[VI("x"), VI("k", INT64, [2, 3])])
    r("matmul-shapes", N("MatMul", ["x", "k"], ["y"], name=n), "[2,3] x [4,5]", [n], ins=[VI("x"), VI("k", FLOAT, [4, 5])], outs=[VI("y", FLOAT, [2, 5])])
    r("if-without-else", N("If", ["c"], ["y"], [a_g("then_branch", G([N("Relu", ["x"], ["t"])], [], [VI("t")], name="then"))], name=n),
      "If without else_branch", [n, "else_branch"], ins=[VI("x"), VI("c", BOOL, [])])


def g14(w):
    g = "g14-nesting"
    w.add(g, "if-40-deep", "reject", nested_if(40), "If nested 40 deep: over the limit of 32", ["depth", "deep", "nest"], cmds=[("check", "reject"), ("inspect", "no-crash"), ("simplify", "reject")])
    w.add(g, "if-20-deep", "accept", nested_if(20), "If nested 20 deep, a few KB: must not take exponential time", cmds=[("check", "accept"), ("inspect", "accept"), ("simplify", "no-crash")])


def fn_model(funcs, node, opset=(("", 17), ("local", 1)), ir=8):
    return M(G([node], [VI("x")], [VI("y")]), ir=ir, opset=list(opset), funcs=funcs)


def fn(name, callee, times=1, opset=(("", 17), ("local", 1))):
    nodes = [N(callee, ["a" if i == 0 else "t%d" % i], ["t%d" % (i + 1) if i < times - 1 else "r"], domain="local", name="call_" + callee) for i in range(times)]
    return F(name, ["a"], ["r"], nodes, opset=list(opset))


def g15(w):
    g = "g15-functions-and-chains"
    S = [("check", "reject"), ("inspect", "no-crash"), ("simplify", "reject")]
    call = lambda n: N(n, ["x"], ["y"], domain="local", name="main_call")
    w.add(g, "function-calls-itself", "reject", fn_model([fn("rec", "rec")], call("rec")), "a recursive function", ["rec"], cmds=S)
    leaf = F("f0", ["a"], ["r"], [N("Relu", ["a"], ["r"])])
    w.add(g, "call-chain-200", "reject", fn_model([leaf] + [fn("f%d" % i, "f%d" % (i - 1)) for i in range(1, 200)], call("f199")), "functions nested 200 calls deep: over the limit of 100",
          ["depth", "deep", "nest", "limit"], cmds=S)
    w.add(g, "call-chain-20", "accept", fn_model([leaf] + [fn("f%d" % i, "f%d" % (i - 1)) for i in range(1, 20)], call("f19")), "functions nested 20 calls deep",
          cmds=[("check", "accept"), ("inspect", "accept"), ("simplify", "no-crash")])
    w.add(g, "function-expansion-bomb", "no-crash", fn_model([leaf] + [fn("f%d" % i, "f%d" % (i - 1), 2) for i in range(1, 41)], call("f40")),
          "40 functions, each calls the one before twice: 2^40 nodes when inlined", cmds=[("check", "no-crash"), ("inspect", "no-crash"), ("simplify", "no-crash")])
    w.add(g, "chain-200000", "accept", chain(200000), "200,000 nodes in a row: no recursion over nodes, no quadratic time",
          cmds=[("check", "accept"), ("inspect", "accept"), ("simplify", "no-crash")])
