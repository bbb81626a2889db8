"""Booking an exposure in the day's buffer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


def met(seen: np.ndarray) -> np.ndarray:
    """[B, P], not zero where the row has seen the product in any channel; a word at a time where channels fill one."""
    if seen.shape[2] == 8 and seen.flags.c_contiguous:
        words: np.ndarray = seen.view(np.uint64)[:, :, 0]
        return words
    highest: np.ndarray = seen.max(axis=2)
    return highest


@njit
def show(seen: Any, seen_on: Any, hot: Any, r: int, p: int, ch: int, s: int, k: int, coin: float) -> None:
    """Add k exposures of product p in channel ch on platform s to row r.

    Of several platforms that showed a cell, the one remembered is that of one exposure drawn fairly: the newcomer
    replaces the old with probability k/(before + k), ``coin`` a uniform of the cell (reservoir sampling).
    """
    before = seen[r, p, ch]
    seen[r, p, ch] = min(255, before + k)
    if coin * (before + k) < k:
        seen_on[r, p, ch] = s
    hot[r] = 1
