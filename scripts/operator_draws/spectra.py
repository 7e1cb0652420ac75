"""Fourier transforms and window functions."""
import numpy as np

from .parts import Draw, draws, flag, pick, values


@draws("DFT")
def dft(rng, name):
    length = int(rng.integers(1, 17))
    inverse = flag(rng)
    onesided = not inverse and flag(rng)
    parts = 1 if onesided else pick(rng, 1, 2)
    x = values(rng, (2, length, parts), "float32", -1, 1)
    longer = np.array(rng.integers(1, 17), np.int64) if flag(rng, 0.4) else None
    if inverse:
        x = values(rng, (2, length, 2), "float32", -1, 1)
    return Draw(name, 20, [x, longer, np.array(1, np.int64)], {"inverse": int(inverse), "onesided": int(onesided)})


@draws("STFT")
def stft(rng, name):
    length = int(rng.integers(2, 9))
    x = values(rng, (2, length + int(rng.integers(0, 9)), 1), "float32", -1, 1)
    return Draw(name, 17, [x, np.array(rng.integers(1, 4), np.int64), values(rng, (length,), "float32", 0, 1),
                           np.array(length, np.int64)], {"onesided": pick(rng, 0, 1)})


@draws("HannWindow", "HammingWindow", "BlackmanWindow")
def window_function(rng, name):
    return Draw(name, 17, [np.array(rng.integers(2, 20), np.int64)], {"periodic": pick(rng, 0, 1)})


@draws("MelWeightMatrix")
def mel(rng, name):
    return Draw(name, 17, [np.array(rng.integers(1, 8), np.int64), np.array(2 ** rng.integers(4, 7), np.int64),
                           np.array(8000, np.int64), np.array(rng.integers(0, 200), np.float32),
                           np.array(rng.integers(1000, 3900), np.float32)])
