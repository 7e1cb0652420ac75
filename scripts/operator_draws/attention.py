"""Attention and rotary embeddings."""
from .parts import Draw, draws, flag, maybe, pick, positive_shape, values


@draws("Attention")
def attention(rng, name):
    batch, kv_heads, queries, keys, head, value = positive_shape(rng, 6, 4)
    heads = kv_heads * int(rng.integers(1, 3))
    past = int(rng.integers(1, 4)) if flag(rng, 0.4) else 0
    inputs = [values(rng, (batch, heads, queries, head)), values(rng, (batch, kv_heads, keys, head)),
              values(rng, (batch, kv_heads, keys, value))]
    total = keys + past
    mask = None
    if flag(rng):
        dims = pick(rng, (queries, total), (batch, 1, queries, total), (1, heads, queries, total))
        mask = values(rng, dims, "bool") if flag(rng) else values(rng, dims)
    inputs.append(mask)
    if past:
        inputs += [values(rng, (batch, kv_heads, past, head)), values(rng, (batch, kv_heads, past, value))]
    attributes = {"is_causal": pick(rng, 0, 1)}
    maybe(rng, attributes, "softcap", 2.0, 0.3)
    maybe(rng, attributes, "scale", 0.3, 0.3)
    attributes["qk_matmul_output_mode"] = int(rng.integers(0, 4))
    return Draw(name, 23, inputs, attributes, 4 if past else 1)


@draws("RotaryEmbedding")
def rotary(rng, name):
    batch, heads, rows = positive_shape(rng, 3, 3)
    head = 2 * int(rng.integers(1, 5))
    x = values(rng, (batch, heads, rows, head))
    if flag(rng):
        caches = [values(rng, (7, head // 2), "float32", -1, 1) for _ in range(2)]
        return Draw(name, 23, [x, *caches, rng.integers(0, 7, (batch, rows))], {"interleaved": pick(rng, 0, 1)})
    caches = [values(rng, (batch, rows, head // 2), "float32", -1, 1) for _ in range(2)]
    return Draw(name, 23, [x, *caches], {"interleaved": pick(rng, 0, 1)})
