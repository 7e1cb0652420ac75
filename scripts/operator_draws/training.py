"""Optimisers of ai.onnx.preview.training, whose draws begin with `training.`, and attention of later versions."""
import numpy as np

from .parts import Draw, draws, flag, maybe, pick, positive_shape, values


@draws("training.Adagrad", "training.Adam", "training.Momentum")
def optimizer(rng, name):
    op = name.removeprefix("training.")
    count = int(rng.integers(1, 3))
    dims = [positive_shape(rng, int(rng.integers(1, 3)), 3) for _ in range(count)]
    states = {"Adagrad": 3, "Adam": 4, "Momentum": 3}[op]
    inputs = [values(rng, d, "float32", 0.1, 2) for _ in range(states) for d in dims]
    attributes = {"norm_coefficient": 0.01}
    if op == "Adagrad":
        maybe(rng, attributes, "decay_factor", 0.1)
        maybe(rng, attributes, "epsilon", 1e-3)
    elif op == "Adam":
        attributes.update(alpha=0.9, beta=0.99, epsilon=1e-3)
        maybe(rng, attributes, "norm_coefficient_post", 0.02)
    else:
        attributes.update(alpha=0.9, beta=0.8, mode=pick(rng, "standard", "nesterov"))
    return Draw(op, 17, [np.array(0.1, np.float32), np.array(rng.integers(0, 5), np.int64), *inputs], attributes,
                count * (states - 1), "ai.onnx.preview.training")


@draws("CausalConvWithState")
def causal_conv(rng, name):
    batch, channels, length, kernel = positive_shape(rng, 4)
    attributes = {}
    maybe(rng, attributes, "activation", pick(rng, "none", "silu", "swish"))
    return Draw(name, 27, [values(rng, (batch, channels, length)), values(rng, (channels, 1, kernel)),
                           values(rng, (channels,)) if flag(rng) else None,
                           values(rng, (batch, channels, kernel - 1)) if flag(rng) else None], attributes, 2)


@draws("LinearAttention")
def linear_attention(rng, name):
    batch, length, kv_heads, d_k, d_v = positive_shape(rng, 5, 3)
    heads = kv_heads * int(rng.integers(1, 3))
    rule = pick(rng, "linear", "gated", "delta", "gated_delta")
    state = values(rng, (batch, kv_heads, d_k, d_v)) if flag(rng) else None
    decay = values(rng, (batch, length, pick(rng, kv_heads, kv_heads * d_k)), "float32", -1, 0)
    beta = values(rng, (batch, length, kv_heads), "float32", 0, 1)
    inputs = [values(rng, (batch, length, heads * d_k), "float32", -1, 1),
              values(rng, (batch, length, kv_heads * d_k), "float32", -0.5, 0.5),
              values(rng, (batch, length, kv_heads * d_v), "float32", -1, 1), state,
              decay if "gated" in rule else None, beta if "delta" in rule else None]
    attributes = {"update_rule": rule, "q_num_heads": heads, "kv_num_heads": kv_heads}
    maybe(rng, attributes, "scale", 0.3)
    maybe(rng, attributes, "chunk_size", 2)
    return Draw(name, 27, inputs, attributes, 2)


@draws("preview.FlexAttention")
def flex_attention(rng, name):
    batch, kv_heads, queries, keys, head, value = positive_shape(rng, 6, 3)
    heads = kv_heads * int(rng.integers(1, 3))
    attributes = {}
    maybe(rng, attributes, "scale", 0.4)
    return Draw("FlexAttention", 26, [values(rng, (batch, heads, queries, head)), values(
        rng, (batch, kv_heads, keys, head)), values(rng, (batch, kv_heads, keys, value))], attributes, 1,
        "ai.onnx.preview")
