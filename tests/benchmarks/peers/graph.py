"""The Barabasi-Albert graph of the workload, as fast as the workload itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numba import njit

LINKS = 5


@njit
def _attach(n: int, m: int, draws: np.ndarray) -> np.ndarray:
    """int32[ties, 2]: person i joins m different earlier ones, chosen by degree: an end of a random earlier tie."""
    ends = np.empty(2 * m * (n - m), np.int32)
    filled = 0
    picked = np.empty(m, np.int32)
    at = 0
    for i in range(m, n):
        count = 0
        while count < m:
            if i == m:
                j = np.int32(count)
            else:
                j = ends[int(draws[at % len(draws)] * filled)]
                at += 1
            new = True
            for x in range(count):
                if picked[x] == j:
                    new = False
            if new:
                picked[count] = j
                count += 1
        for x in range(m):
            ends[filled] = i
            ends[filled + 1] = picked[x]
            filled += 2
    return ends.reshape(-1, 2)


@njit
def _rows(n: int, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric compressed rows of the ties (a, b)."""
    indptr = np.zeros(n + 1, np.int64)
    for x in range(len(a)):
        indptr[a[x] + 1] += 1
        indptr[b[x] + 1] += 1
    for i in range(n):
        indptr[i + 1] += indptr[i]
    place = indptr[:-1].copy()
    indices = np.empty(2 * len(a), np.int32)
    for x in range(len(a)):
        indices[place[a[x]]] = b[x]
        place[a[x]] += 1
        indices[place[b[x]]] = a[x]
        place[b[x]] += 1
    for i in range(n):
        indices[indptr[i] : indptr[i + 1]].sort()
    return indptr, indices


def write_graph(n: int, folder: Path, seed: int = 1) -> None:
    """Make the graph of ``n`` people, its ids shuffled so that no peer profits from their order, and save it."""
    source = np.random.default_rng(seed)
    ties = _attach(n, LINKS, source.random(8 * LINKS * n))
    new = source.permutation(n).astype(np.int32)
    indptr, indices = _rows(n, new[ties[:, 0]], new[ties[:, 1]])
    np.save(folder / "indptr.npy", indptr)
    np.save(folder / "indices.npy", indices)
