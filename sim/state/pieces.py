"""Work on many rows a piece at a time: what it needs for a moment stays small, and threads may share the pieces."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

ROWS = 1 << 16
"""Rows a piece; a constant, so that results never depend on the number of threads."""


def in_pieces(count: int, threads: int, work: Callable[[int, int], T], size: int = ROWS) -> list[T]:
    """``work(lo, hi)`` for each piece of ``range(count)``, results in order. With more than one thread ``work`` runs
    in several at once: it must write to its own rows only, and gains as far as it lets the interpreter go."""
    starts = range(0, count, size)
    ends = [min(lo + size, count) for lo in starts]
    if threads <= 1 or len(ends) <= 1:
        return list(map(work, starts, ends))
    with ThreadPoolExecutor(min(threads, len(ends))) as pool:
        return list(pool.map(work, starts, ends))
