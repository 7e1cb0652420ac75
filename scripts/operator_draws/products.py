"""Products of matrices."""
import numpy as np

from .parts import Draw, broadcast_partner, draws, flag, maybe, pick, positive_shape, shape, size, values


@draws("MatMul", "MatMulInteger")
def matmul(rng, name):
    m, k, n = (size(rng) for _ in range(3))
    batch = shape(rng, 0, 2, 3)
    a_dims, b_dims = (*batch, m, k), (*broadcast_partner(rng, batch), k, n)
    if flag(rng, 0.15) and name == "MatMul":
        a_dims = (k,)
    if flag(rng, 0.15) and name == "MatMul":
        b_dims = (k,)
    if name == "MatMul":
        dtype = pick(rng, "float32", "float64", "int32", "int64", "uint32")
        return Draw(name, 13, [values(rng, a_dims, dtype), values(rng, b_dims, dtype)])
    types = pick(rng, "uint8", "int8"), pick(rng, "uint8", "int8")
    inputs = [values(rng, a_dims, types[0], -128, 127), values(rng, b_dims, types[1], -128, 127)]
    inputs.append(values(rng, (), types[0], -9, 9) if flag(rng) else None)
    inputs.append(values(rng, pick(rng, (), (n,)), types[1], -9, 9) if flag(rng) else None)
    return Draw(name, 10, inputs)


@draws("Gemm")
def gemm(rng, name):
    m, k, n = (size(rng) for _ in range(3))
    ta, tb = pick(rng, 0, 1), pick(rng, 0, 1)
    dtype = pick(rng, "float32", "float64")
    c = values(rng, pick(rng, (), (n,), (1, n), (m, 1), (m, n)), dtype) if flag(rng, 0.7) else None
    attributes = {"transA": ta, "transB": tb}
    maybe(rng, attributes, "alpha", 0.5)
    maybe(rng, attributes, "beta", 0.25)
    return Draw(name, 13, [values(rng, (k, m) if ta else (m, k), dtype), values(rng, (n, k) if tb else (k, n), dtype), c],
                attributes)


EQUATIONS = ("ij,jk->ik", "bij,bjk->bik", "...ij,...jk->...ik", "ij->ji", "ii->i", "ij->", "i,j->ij", "ij,ij->i",
             "bhid,bhjd->bhij", "bhij,bhjd->bihd", "ijk,kl->ijl", "ij,kj", "...i->...", "abc,cd,de->abe", "ii")


@draws("Einsum")
def einsum(rng, name):
    equation = pick(rng, *EQUATIONS)
    extents = {letter: size(rng, 4) for letter in "abcdehijkl"}
    leading = shape(rng, 0, 2, 3)
    dtype = pick(rng, "float32", "float64", "int32", "int64")
    inputs = []
    for term in equation.split("->")[0].split(","):
        dims = leading if "..." in term else ()
        inputs.append(values(rng, (*dims, *(extents[c] for c in term.replace(".", ""))), dtype))
    return Draw(name, 12, inputs, {"equation": equation})


@draws("Det")
def det(rng, name):
    n = int(rng.integers(1, 5))
    return Draw(name, 22, [values(rng, (*shape(rng, 0, 2, 3), n, n))])


@draws("QLinearMatMul")
def qlinear_matmul(rng, name):
    m, k, n = positive_shape(rng, 3)
    ta, tb, ty = (pick(rng, "uint8", "int8") for _ in range(3))
    per_column = flag(rng) and tb == "int8"
    b_dims = (n,) if per_column else ()
    return Draw(name, 10, [values(rng, (m, k), ta, -128, 127), np.float32(0.0131), values(rng, (), ta, -9, 9),
                           values(rng, (k, n), tb, -128, 127), (rng.uniform(0.003, 0.02, b_dims)).astype(np.float32),
                           np.zeros(b_dims, tb) if per_column else values(rng, (), tb, -9, 9), np.float32(0.317),
                           values(rng, (), ty, -9, 9)])
