"""The threads of a market: pieces of work done side by side, their results in the order of the pieces.

Kernels release the GIL, so threads of Python are threads of the machine. Who uses a team cuts its work so that the
results, put together in order, do not depend on the number of pieces.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import thread_time
from typing import Any, TypeVar

import numpy as np

from sim.rules.sorting import NEAR, by_neighbours

T = TypeVar("T")
WORTHWHILE = 2_000
"""Rows of records below which a piece is not worth a thread of its own."""


class Team:
    """``threads`` workers, started when they are first needed. Copies and pickles begin with workers of their own."""

    def __init__(self, threads: int) -> None:
        self.threads = max(1, threads)
        self.spent = 0.0
        """Processor seconds of the workers so far."""
        self._pool: ThreadPoolExecutor | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return Team, (self.threads,)

    def each(self, act: Callable[[int], T], pieces: int) -> list[T]:
        """``act(0) ... act(pieces - 1)``, whoever is free takes the next one."""
        if self.threads == 1 or pieces < 2:
            return [act(k) for k in range(pieces)]
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads)

        def timed(k: int) -> tuple[T, float]:
            start = thread_time()
            return act(k), thread_time() - start

        done = list(self._pool.map(timed, range(pieces)))
        self.spent += sum(seconds for _, seconds in done)
        return [found for found, _ in done]

    def cut(self, rows: int) -> list[tuple[int, int]]:
        """``rows`` in equal pieces of at least ``WORTHWHILE``, at most two a thread: first and last row of each."""
        if self.threads == 1:
            return [(0, rows)]
        pieces = max(1, min(2 * self.threads, rows // WORTHWHILE))
        return [(rows * k // pieces, rows * (k + 1) // pieces) for k in range(pieces)]


def shares_of(total: np.ndarray, pieces: int) -> list[np.ndarray]:
    """What each piece of work adds its whole numbers to: the first to the ``total`` itself, the others to zeros like
    it, which :func:`gathered` brings together."""
    return [total, *(np.zeros_like(total) for _ in range(pieces - 1))]


def gathered(shares: list[np.ndarray]) -> np.ndarray:
    """The total, once every piece is done."""
    for share in shares[1:]:
        shares[0] += share
    return shares[0]


def neighbours(person: np.ndarray, people: int) -> np.ndarray:
    """Stable order of rows of these persons that brings neighbours together, int64[n]."""
    n = len(person)
    turn = np.empty(n, np.int64)
    by_neighbours(person, np.empty(n, np.int64), np.zeros((people >> NEAR) + 2, np.int64), turn)
    return turn


def between_neighbours(person: Any, turn: Any, cuts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pieces of a ``turn`` of :func:`neighbours`, moved to where no person has rows in two."""
    if len(cuts) == 1:
        return cuts
    groups = person[turn] >> NEAR
    edges = [int(np.searchsorted(groups, groups[b])) if b < len(turn) else len(turn) for _, b in cuts]
    return list(zip([0, *edges], edges, strict=False))
