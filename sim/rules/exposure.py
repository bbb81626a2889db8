"""Booking an exposure in the day's buffer."""

from __future__ import annotations

from typing import Any

from numba import njit


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
