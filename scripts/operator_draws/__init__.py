"""Random single-operator cases for compare_operators.py: DRAWS maps a name to a function from a random generator to a
Draw. Sizes are small, 0 and 1 among them; values are such that a rounding does not decide about the result."""

from . import (
    elementwise, reductions, movement, products, windows, normalizations, sampling, recurrent, quantization,
    spectra, losses, attention, microsoft, strings, sequences, shapes, bodies, old_forms, ml, narrow, training)  # noqa: F401: each registers its draws
from .parts import DRAWS, Draw  # noqa: F401
