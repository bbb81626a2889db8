"""What a block's people saw, as an array that tests can index."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNELS, COUNTERS, Scratch
from sim.rules.exposure import table
from sim.state.records import INTENT, OCCASION


def scratch_of(products: int, platforms: int = 1, segments: int = 1) -> Scratch:
    """An empty scratch for a small block."""
    return Scratch(
        tally=np.zeros((len(COUNTERS), products, len(CHANNELS)), np.int64),
        ad_shown=np.zeros((platforms, segments, products), np.int64), intents=np.zeros(16, INTENT),
        occasions=np.zeros(16, OCCASION), filled=np.zeros(2, np.int64), surplus=np.zeros(2),
    )


def dense(words: Any, rows: int, products: int = 1) -> np.ndarray:
    """int64[rows, products, channels], exposures counted in ``words``."""
    out = np.zeros((rows, products, len(CHANNELS)), np.int64)
    t = table(words.rows)
    np.add.at(out, (t["row"], t["product"], t["channel"]), t["count"])
    return out
