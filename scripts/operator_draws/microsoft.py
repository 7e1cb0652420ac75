"""Operators of com.microsoft; the names of their draws begin with `ms.`."""
import numpy as np

from .parts import Draw, draws, flag, int64s, maybe, pick, positive_shape, shape, values
from .movement import trilu
from .products import gemm


MS = "com.microsoft"


def ms(name, inputs, attributes=None, num_outputs=1):
    return Draw(name.removeprefix("ms."), 17, inputs, attributes or {}, num_outputs, MS)


@draws("ms.Gelu", "ms.BiasGelu", "ms.FastGelu", "ms.QuickGelu")
def ms_gelu(rng, name):
    x = values(rng, shape(rng, 1, 3))
    bias = values(rng, x.shape[-1:])
    if name == "ms.BiasGelu" or (name == "ms.FastGelu" and flag(rng)):
        return ms(name, [x, bias])
    return ms(name, [x])


@draws("ms.SkipLayerNormalization", "ms.SkipSimplifiedLayerNormalization")
def ms_skip_norm(rng, name):
    b, s, h = positive_shape(rng, 3)
    skip = values(rng, pick(rng, (b, s, h), (1, s, h), (s, h)))
    inputs = [values(rng, (b, s, h)), skip, values(rng, (h,))]
    if name == "ms.SkipLayerNormalization":
        inputs.append(values(rng, (h,)) if flag(rng) else None)
    inputs.append(values(rng, (h,)) if flag(rng) else None)
    return ms(name, inputs, {"epsilon": 1e-3})


@draws("SimplifiedLayerNormalization")
def simplified_norm(rng, name):
    dims = positive_shape(rng, 3)
    return Draw(name, 17, [values(rng, dims), values(rng, dims[-1:])], {"epsilon": 1e-3})


@draws("ms.EmbedLayerNormalization")
def ms_embed(rng, name):
    b, s, h = positive_shape(rng, 3)
    ids = rng.integers(0, 5, (b, s)).astype(np.int32)
    segments = rng.integers(0, 2, (b, s)).astype(np.int32) if flag(rng) else None
    mask = (rng.random((b, s)) < 0.7).astype(np.int32) if flag(rng) else None
    return ms(name, [ids, segments, values(rng, (5, h)), values(rng, (6, h)),
                     values(rng, (2, h)) if segments is not None else None, values(rng, (h,)), values(rng, (h,)), mask],
              {"epsilon": 1e-3}, 2)


@draws("ms.FusedConv")
def ms_fused_conv(rng, name):
    c, m = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    activation = pick(rng, "Relu", "Tanh", "Sigmoid", "LeakyRelu", "Clip", "HardSigmoid")
    attributes = {"activation": activation}
    if activation == "LeakyRelu":
        attributes["activation_params"] = [0.2]
    elif activation == "Clip":
        attributes["activation_params"] = [-0.5, 1.5]
    elif activation == "HardSigmoid":
        attributes["activation_params"] = [0.3, 0.4]
    return ms(name, [values(rng, (1, c, 4, 5)), values(rng, (m, c, 2, 2)), values(rng, (m,)) if flag(rng) else None],
              attributes)


@draws("ms.FusedGemm")
def ms_fused_gemm(rng, name):
    draw = gemm(rng, "Gemm")
    draw.inputs = [i.astype(np.float32) if i is not None else None for i in draw.inputs]
    activation = pick(rng, "Relu", "Tanh", "Sigmoid", "LeakyRelu")
    attributes = {**draw.attributes, "activation": activation}
    if activation == "LeakyRelu":
        attributes["activation_alpha"] = 0.2
    return ms(name, draw.inputs, attributes)


@draws("ms.FusedMatMul")
def ms_fused_matmul(rng, name):
    m, k, n = positive_shape(rng, 3)
    batch = positive_shape(rng, int(rng.integers(0, 3)), 3)
    ta, tb, ba, bb = (pick(rng, 0, 1) for _ in range(4))
    if not batch:
        ba = bb = 0

    def operand(rows, columns, swapped, batched):
        dims = [*batch, columns, rows] if swapped else [*batch, rows, columns]
        if batched:  # the axis in front of the last one is stored first
            dims = [dims[-2], *dims[:-2], dims[-1]]
        return values(rng, dims)

    return ms(name, [operand(m, k, ta, ba), operand(k, n, tb, bb)],
              {"transA": ta, "transB": tb, "transBatchA": ba, "transBatchB": bb, "alpha": 0.5})


@draws("ms.MatMulNBits")
def ms_matmul_n_bits(rng, name):
    n, k, block, bits = int(rng.integers(1, 9)), int(rng.integers(1, 70)), pick(rng, 16, 32), pick(rng, 4, 8)
    blocks = -(-k // block)
    inputs = [values(rng, (*positive_shape(rng, 1, 3), k)),
              rng.integers(0, 256, (n, blocks, block * bits // 8)).astype(np.uint8),
              rng.uniform(0.01, 0.1, (n, blocks)).astype(np.float32)]
    if flag(rng):
        inputs.append(rng.integers(0, 256, (n, -(-blocks * bits // 8))).astype(np.uint8))
    return ms(name, inputs, {"N": n, "K": k, "block_size": block, "bits": bits})


def eight_bits(rng, dims, dtype):
    return values(rng, dims, dtype, -128, 127)


def parameters(rng, dtype, scale):
    return [np.float32(scale), values(rng, (), dtype, -9, 9)]


@draws("ms.QLinearAdd", "ms.QLinearMul", "ms.QLinearSigmoid", "ms.QLinearLeakyRelu")
def ms_qlinear(rng, name):
    dtype = pick(rng, "uint8", "int8")
    dims = positive_shape(rng, int(rng.integers(1, 4)))
    inputs = [eight_bits(rng, dims, dtype), *parameters(rng, dtype, 0.0213)]
    if name in ("ms.QLinearAdd", "ms.QLinearMul"):
        inputs += [eight_bits(rng, dims, dtype), *parameters(rng, dtype, 0.0317)]
    inputs += parameters(rng, dtype, 0.0471 if name != "ms.QLinearSigmoid" else 0.0039)
    return ms(name, inputs, {"alpha": 0.2} if name == "ms.QLinearLeakyRelu" else {})


@draws("ms.QLinearConcat")
def ms_qlinear_concat(rng, name):
    dtype = pick(rng, "uint8", "int8")
    dims = list(positive_shape(rng, 2))
    inputs = parameters(rng, dtype, 0.0471)
    for scale in (0.0213, 0.0317):
        dims[1] = int(rng.integers(1, 4))
        inputs += [eight_bits(rng, dims, dtype), *parameters(rng, dtype, scale)]
    return ms(name, inputs, {"axis": 1})


@draws("ms.QLinearAveragePool", "ms.QLinearGlobalAveragePool")
def ms_qlinear_pool(rng, name):
    dtype = pick(rng, "uint8", "int8")
    last = pick(rng, 0, 1)
    dims = (1, 4, 5, 2) if last else (1, 2, 4, 5)
    attributes = {"channels_last": last}
    if name == "ms.QLinearAveragePool":
        attributes["kernel_shape"] = [int(rng.integers(1, 4)), int(rng.integers(1, 4))]
        maybe(rng, attributes, "strides", [2, 1])
    inputs = [eight_bits(rng, dims, dtype), *parameters(rng, dtype, 0.0213), *parameters(rng, dtype, 0.0271)]
    return ms(name, inputs, attributes)


@draws("ms.NhwcMaxPool")
def ms_nhwc_max_pool(rng, name):
    return ms(name, [eight_bits(rng, (2, 4, 5, 3), pick(rng, "uint8", "int8"))],
              {"kernel_shape": [int(rng.integers(1, 4)), int(rng.integers(1, 4))], "strides": [1, 2]})


@draws("ms.QGemm")
def ms_qgemm(rng, name):
    m, k, n = positive_shape(rng, 3)
    ta, tb = pick(rng, 0, 1), pick(rng, 0, 1)
    da, db = "uint8", pick(rng, "uint8", "int8")
    inputs = [eight_bits(rng, (k, m) if ta else (m, k), da), *parameters(rng, da, 0.0131),
              eight_bits(rng, (n, k) if tb else (k, n), db), *parameters(rng, db, 0.0171),
              rng.integers(-500, 500, (n,)).astype(np.int32) if flag(rng) else None]
    if flag(rng):
        inputs += parameters(rng, da, 0.317)
    return ms(name, inputs, {"transA": ta, "transB": tb, "alpha": 1.0})


@draws("ms.DynamicQuantizeMatMul", "ms.MatMulIntegerToFloat")
def ms_quantized_matmul(rng, name):
    m, k, n = positive_shape(rng, 3)
    db = pick(rng, "uint8", "int8")
    p_dims = pick(rng, (), (n,))
    b = [eight_bits(rng, (k, n), db)]
    scale = rng.uniform(0.01, 0.05, p_dims).astype(np.float32)
    zero = values(rng, p_dims, db, -9, 9) if flag(rng) else None
    bias = values(rng, (n,)) if flag(rng) else None
    if name == "ms.DynamicQuantizeMatMul":
        return ms(name, [values(rng, (m, k)), *b, scale, zero, bias])
    da = pick(rng, "uint8", "int8")
    return ms(name, [eight_bits(rng, (m, k), da), *b, np.float32(0.0131), scale, values(rng, (), da, -9, 9), zero, bias])


@draws("ms.Attention")
def ms_attention(rng, name):
    b, s, heads, head = (int(rng.integers(1, 4)) for _ in range(4))
    hidden = heads * head
    past = int(rng.integers(1, 4)) if flag(rng, 0.4) else 0
    total = s + past
    mask = None
    if flag(rng):
        mask = pick(rng, rng.integers(1, total + 1, (b,)), rng.random((b, total)) < 0.7, rng.random((b, s, total)) < 0.7)
        mask = mask.astype(np.int32)
    bias = values(rng, (1, heads, s, total)) if flag(rng, 0.3) else None
    inputs = [values(rng, (b, s, 4)), values(rng, (4, 3 * hidden), "float32", -1, 1), values(rng, (3 * hidden,)), mask,
              values(rng, (2, b, heads, past, head)) if past else None, bias]
    return ms(name, inputs, {"num_heads": heads, "unidirectional": pick(rng, 0, 1)}, 2 if past else 1)


@draws("ms.MultiHeadAttention")
def ms_multi_head(rng, name):
    b, s, t, heads, head = (int(rng.integers(1, 4)) for _ in range(5))
    hidden = heads * head
    packed = pick(rng, "none", "none", "qkv", "kv")
    bias = values(rng, (3 * hidden,)) if flag(rng, 0.4) and packed == "none" else None
    if packed == "qkv":
        t = s
        inputs = [values(rng, (b, s, heads, 3, head)), None, None, bias]
    elif packed == "kv":
        inputs = [values(rng, (b, s, hidden)), values(rng, (b, t, heads, 2, head)), None, bias]
    else:
        inputs = [values(rng, (b, s, hidden)), values(rng, (b, t, hidden)), values(rng, (b, t, hidden)), bias]
    past = int(rng.integers(1, 4)) if flag(rng, 0.3) and packed == "none" else 0
    total = t + past
    mask = (rng.random((b, total)) < 0.7).astype(np.int32) if flag(rng, 0.4) else None
    added = values(rng, (1, heads, s, total)) if flag(rng, 0.3) else None
    inputs += [mask, added]
    if past:
        inputs += [values(rng, (b, heads, past, head)), values(rng, (b, heads, past, head))]
    return ms(name, inputs, {"num_heads": heads}, 3 if past else 1)


@draws("ms.GroupQueryAttention")
def ms_group_query(rng, name):
    b, kv_heads, groups = (int(rng.integers(1, 4)) for _ in range(3))
    heads, head = kv_heads * groups, 16
    past = int(rng.integers(1, 5)) if flag(rng) else 0
    s = 1 if past else int(rng.integers(1, 5))
    total = s + past
    lengths = np.full(b, total - 1, np.int32)
    if past and b > 1:
        lengths[0] = int(rng.integers(0, total))
        lengths[0] = max(lengths[0], s - 1)
    cache = [values(rng, (b, kv_heads, past, head)) for _ in range(2)]
    inputs = [values(rng, (b, s, heads * head), "float32", -1, 1)]
    inputs += [values(rng, (b, s, kv_heads * head), "float32", -1, 1) for _ in range(2)]
    inputs += [*cache, lengths, np.array([total], np.int32)]
    attributes = {"num_heads": heads, "kv_num_heads": kv_heads}
    if flag(rng):
        inputs += [values(rng, (16, head // 2), "float32", -1, 1) for _ in range(2)]
        attributes["do_rotary"] = 1
        maybe(rng, attributes, "rotary_interleaved", 1)
    maybe(rng, attributes, "local_window_size", 2, 0.3)
    maybe(rng, attributes, "softcap", 5.0, 0.3)
    maybe(rng, attributes, "smooth_softmax", 1, 0.2)
    return ms(name, inputs, attributes, 3)


@draws("ms.RotaryEmbedding")
def ms_rotary(rng, name):
    b, s, heads = positive_shape(rng, 3, 3)
    head = 2 * int(rng.integers(1, 5))
    positions = int64s([2]) if flag(rng) else rng.integers(0, 8, (b, s))
    x = values(rng, (b, s, heads * head)) if flag(rng) else values(rng, (b, heads, s, head))
    caches = [values(rng, (8, head // 2), "float32", -1, 1) for _ in range(2)]
    return ms(name, [x, positions, *caches], {"interleaved": pick(rng, 0, 1)})


@draws("ms.Trilu")
def ms_trilu(rng, name):
    return ms(name, trilu(rng, name).inputs, {"upper": pick(rng, 0, 1)})
