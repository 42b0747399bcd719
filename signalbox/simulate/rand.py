"""Independent random streams, one for each named part.

Belongs here: how a stream is keyed. Not here: what is drawn. A part that draws more or less than before leaves every
other part as it was, which is why an injected fault changes only what it touches.
"""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, *name: object) -> np.random.Generator:
    """A Philox generator for the part ``name`` (its parts joined by ``/``) of the run with ``seed``."""
    text = "/".join(str(part) for part in (seed, *name))
    key = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")
    return np.random.Generator(np.random.Philox(key=key))


def lognormal(rng: np.random.Generator, median: float | np.ndarray, sigma: float, n: int) -> np.ndarray:
    """``n`` draws whose median is ``median``; same unit as the median."""
    return np.asarray(median * np.exp(sigma * rng.standard_normal(n)))


def ranges(counts: np.ndarray) -> np.ndarray:
    """0..c-1 for each count in turn: ``[2, 3] -> [0, 1, 0, 1, 2]``."""
    ends = np.cumsum(counts)
    return np.arange(int(ends[-1]) if ends.size else 0) - np.repeat(ends - counts, counts)
