"""Small models, good but for the part that a case puts in."""
import sys

import numpy as np

from .wire import BOOL, FLOAT, G, INT64, M, N, T, VI, a_g, a_i, a_t, ld

RELU_NODE = N("Relu", ["x"], ["y"], name="relu0")


def relu_graph(**kw):
    return G([RELU_NODE], [VI("x")], [VI("y")], **kw)


def relu():
    return M(relu_graph())


def with_init(tensor, ir=8, opset=17, name="bad_w"):
    """Relu(x) and Identity of an initializer: the initializer is in use, its type is left to the checker."""
    return M(G([RELU_NODE, N("Identity", [name], ["z"], name="ident0")], [VI("x")], [VI("y")], [tensor]), ir, opset)


def idle_init(tensors, ir=8, opset=17):
    """Relu(x) beside unused initializers."""
    return M(relu_graph(inits=tensors), ir, opset)


def with_const(tensor, ir=8, opset=17):
    return M(G([RELU_NODE, N("Constant", [], ["z"], [a_t("value", tensor)], name="bad_node")], [VI("x")], [VI("y")]), ir, opset)


def nodes_model(nodes, ins=None, outs=None, inits=(), ir=8, opset=17, **kw):
    return M(G(nodes, [VI("x")] if ins is None else ins, [VI("y")] if outs is None else outs, inits, **kw), ir, opset)


def f32(*v):
    return np.array(v, "<f4").tobytes()


def i64(*v):
    return np.array(v, "<i8").tobytes()


def shape_init(name, *v):
    return T(name, [len(v)], INT64, raw=i64(*v))


def nested_if(depth, binary=False):
    """If inside If, `depth` deep, in the then-branch (binary: in both branches)."""
    def leaf(n):
        return G([N("Relu", ["x"], [n])], [], [VI(n)], name="leaf_" + n)
    def level(d, p):
        if d == 0:
            return leaf("v" + p)
        a = level(d - 1, p + "t")
        c = level(d - 1, p + "e") if binary else leaf("v" + p + "e")
        return G([N("If", ["cond"], ["v" + p], [a_g("then_branch", a), a_g("else_branch", c)], name="if" + p)], [], [VI("v" + p)], name="s" + p)
    old = sys.getrecursionlimit()
    sys.setrecursionlimit(20000)
    if binary:
        sub = level(depth, "")
    else:
        sub = leaf("v0")
        for d in range(1, depth + 1):
            sub = G([N("If", ["cond"], ["v%d" % d], [a_g("then_branch", sub), a_g("else_branch", leaf("e%d" % d))], name="if%d" % d)],
                    [], [VI("v%d" % d)], name="s%d" % d)
    sys.setrecursionlimit(old)
    top = "v" if binary else "v%d" % depth
    # the outermost level is the main graph: same nodes, with the model's inputs
    return M(sub + ld(11, VI("x")) + ld(11, VI("cond", BOOL, [])) + ld(1, N("Identity", [top], ["y"])) + ld(12, VI("y")))


def chain(n, op="Neg"):
    return M(G([N(op, ["x" if i == 0 else "t%d" % i], ["t%d" % (i + 1) if i < n - 1 else "y"]) for i in range(n)], [VI("x")], [VI("y")]))


def bomb(nodes, inits, dt=FLOAT, opset=17):
    """A graph without inputs that makes the tensor 'big' and keeps one number of it."""
    red = N("ReduceMax", ["big"], ["y"], [a_i("keepdims", 0)], name="reduce0")
    return M(G(list(nodes) + [red], [], [VI("y", dt, [])], inits), opset=opset)
