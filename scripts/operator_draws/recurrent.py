"""RNN, GRU, LSTM."""
import numpy as np

from .parts import Draw, draws, flag, maybe, pick, positive_shape, values


@draws("RNN", "GRU", "LSTM")
def recurrent(rng, name):
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[name]
    direction = pick(rng, "forward", "reverse", "bidirectional")
    d = 2 if direction == "bidirectional" else 1
    seq, batch, inputs, hidden = positive_shape(rng, 4, 4)

    def part(*dims):
        return values(rng, dims, "float32", -1, 1)

    arguments = [part(seq, batch, inputs), part(d, gates * hidden, inputs), part(d, gates * hidden, hidden)]
    arguments.append(part(d, 2 * gates * hidden) if flag(rng) else None)
    arguments.append(rng.integers(1, seq + 1, batch).astype(np.int32) if flag(rng, 0.4) else None)
    arguments.append(part(d, batch, hidden) if flag(rng) else None)
    attributes = {"hidden_size": hidden, "direction": direction}
    if name == "LSTM":
        arguments.append(part(d, batch, hidden) if flag(rng) else None)
        arguments.append(part(d, 3 * hidden) if flag(rng, 0.4) else None)
        maybe(rng, attributes, "input_forget", 1, 0.2)
    if name == "GRU":
        maybe(rng, attributes, "linear_before_reset", 1, 0.5)
    maybe(rng, attributes, "clip", 0.7, 0.2)
    if flag(rng, 0.3):
        count = {"RNN": 1, "GRU": 2, "LSTM": 3}[name]
        attributes["activations"] = [pick(rng, "Relu", "Tanh", "Sigmoid", "Softsign", "HardSigmoid", "LeakyRelu", "Elu",
                                          "Softplus") for _ in range(count)] * d
    return Draw(name, 14, arguments, attributes, 3 if name == "LSTM" else 2)
