"""State as tests like to write and read it: columns in numbers, and what a block's people saw as an array."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNELS, COUNTERS, Scratch
from sim.state.columns import CORE, keep, numbers
from sim.state.exposures import table
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


def kept(name: str, values: Any) -> np.ndarray:
    """A column as it is kept, from its numbers."""
    dtype = next(column.dtype for column in CORE if column.name == name)
    columns = {name: np.zeros(np.shape(values), dtype)}
    keep(columns, name, values)
    return columns[name]


def told(view: Any, name: str) -> np.ndarray:
    """The numbers of a column of a view."""
    return numbers({name: getattr(view, name)}, name)
