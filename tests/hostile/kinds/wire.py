"""The wire format: fields, tensors, nodes, graphs and models as bytes, each rule of which can be bent."""
import struct

M64 = (1 << 64) - 1
(FLOAT, UINT8, INT8, UINT16, INT16, INT32, INT64, STRING, BOOL, FLOAT16, DOUBLE, UINT32, UINT64, COMPLEX64,
 COMPLEX128, BFLOAT16, F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ, UINT4, INT4, F4E2M1, F8E8M0, UINT2, INT2) = range(1, 27)


def b(x):
    return x.encode("utf-8") if isinstance(x, str) else bytes(x)


def vint(n, pad=0):
    """Varint of n (two's complement when negative), with `pad` extra non-canonical bytes."""
    n &= M64
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    for _ in range(pad):
        out[-1] |= 0x80
        out.append(0)
    return bytes(out)


def key(field, wt):
    return vint(field << 3 | wt)


def vi(field, n):
    return key(field, 0) + vint(n)


def ld(field, data):
    data = b(data)
    return key(field, 2) + vint(len(data)) + data


def fx32(field, x):
    return key(field, 5) + (struct.pack("<f", x) if isinstance(x, float) else struct.pack("<I", x & 0xFFFFFFFF))


def fx64(field, x):
    return key(field, 1) + (struct.pack("<d", x) if isinstance(x, float) else struct.pack("<Q", x & M64))


def cat(parts):
    return b"".join(parts)


def packed_v(field, values):
    return ld(field, cat(vint(v) for v in values))


def T(name, dims, dt, raw=None, f=None, i32=None, i64=None, s=None, f64=None, u64=None, ext=None, extra=b""):
    """TensorProto. ext: list of (key, value) pairs, sets data_location to EXTERNAL."""
    o = cat(vi(1, d) for d in dims)
    if dt is not None:
        o += vi(2, dt)
    if f is not None:
        o += ld(4, cat(struct.pack("<f", x) for x in f))
    if i32 is not None:
        o += packed_v(5, i32)
    if s is not None:
        o += cat(ld(6, x) for x in s)
    if i64 is not None:
        o += packed_v(7, i64)
    if name is not None:
        o += ld(8, name)
    if raw is not None:
        o += ld(9, raw)
    if f64 is not None:
        o += ld(10, cat(struct.pack("<d", x) for x in f64))
    if u64 is not None:
        o += packed_v(11, u64)
    if ext is not None:
        o += cat(ld(13, ld(1, k) + ld(2, v)) for k, v in ext) + vi(14, 1)
    return o + extra


def SHAPE(dims):
    return cat(ld(1, vi(1, d) if isinstance(d, int) else ld(2, d)) for d in dims)


def TT(dt, dims):
    """TypeProto of a tensor; dims None leaves the shape out."""
    return ld(1, vi(1, dt) + (b"" if dims is None else ld(2, SHAPE(dims))))


def VI(name, dt=FLOAT, dims=(2, 3), type=None):
    return ld(1, name) + ld(2, TT(dt, dims) if type is None else type)


def a_i(n, v): return ld(1, n) + vi(3, v) + vi(20, 2)
def a_f(n, v): return ld(1, n) + fx32(2, float(v)) + vi(20, 1)
def a_s(n, v): return ld(1, n) + ld(4, v) + vi(20, 3)
def a_t(n, v): return ld(1, n) + ld(5, v) + vi(20, 4)
def a_g(n, v): return ld(1, n) + ld(6, v) + vi(20, 5)
def a_sp(n, v): return ld(1, n) + ld(22, v) + vi(20, 11)
def a_fs(n, v): return ld(1, n) + cat(fx32(7, float(x)) for x in v) + vi(20, 6)
def a_is(n, v): return ld(1, n) + cat(vi(8, x) for x in v) + vi(20, 7)
def a_ref(n, ref, t): return ld(1, n) + ld(21, ref) + vi(20, t)


def N(op, ins, outs, attrs=(), name=None, domain=None, extra=b""):
    o = cat(ld(1, x) for x in ins) + cat(ld(2, x) for x in outs)
    if name is not None:
        o += ld(3, name)
    if op is not None:
        o += ld(4, op)
    o += cat(ld(5, a) for a in attrs)
    if domain is not None:
        o += ld(7, domain)
    return o + extra


def G(nodes, ins, outs, inits=(), name="g", vinfo=(), sparse=(), extra=b""):
    o = cat(ld(1, n) for n in nodes)
    if name is not None:
        o += ld(2, name)
    return (o + cat(ld(5, t) for t in inits) + cat(ld(11, v) for v in ins) + cat(ld(12, v) for v in outs)
            + cat(ld(13, v) for v in vinfo) + cat(ld(15, s) for s in sparse) + extra)


def OPS(opset):
    return cat(ld(8, ld(1, d) + vi(2, v)) for d, v in ([("", opset)] if isinstance(opset, int) else opset))


def F(name, ins, outs, nodes, domain="local", opset=17, attrs=()):
    return (ld(1, name) + cat(ld(4, x) for x in ins) + cat(ld(5, x) for x in outs) + cat(ld(6, x) for x in attrs)
            + cat(ld(7, n) for n in nodes)
            + cat(ld(9, ld(1, d) + vi(2, v)) for d, v in ([("", opset)] if isinstance(opset, int) else opset))
            + ld(10, domain))


def M(graph, ir=8, opset=17, funcs=(), extra=b""):
    o = b"" if ir is None else vi(1, ir)
    o += ld(2, "hostile")
    if graph is not None:
        o += ld(7, graph)
    if opset is not None:
        o += OPS(opset)
    return o + cat(ld(25, f) for f in funcs) + extra


def SP(values, indices, dims):
    return (b"" if values is None else ld(1, values)) + (b"" if indices is None else ld(2, indices)) + cat(vi(3, d) for d in dims)
