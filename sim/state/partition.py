"""Two kernels on graphs: compressed rows from a sorted list of ties, and a division into communities."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.rng import Stream, day_key, entity_key, uniform

ROUNDS = 20
_STREAM = int(Stream.NETWORK)
_SHIFT = np.uint64(32)
_MASK = np.uint64(0xFFFFFFFF)


@njit(cache=True)
def rows_of(n, codes, value):  # type: ignore[no-untyped-def]
    """CSR of sorted codes lo << 32 | hi; lower friends first, then higher: every row comes out ascending."""
    indptr = np.zeros(n + 1, np.int64)
    for code in codes:
        indptr[np.int64(code >> _SHIFT) + 1] += 1
        indptr[np.int64(code & _MASK) + 1] += 1
    for i in range(n):
        indptr[i + 1] += indptr[i]
    indices = np.empty(indptr[n], np.uint32)
    strength = np.empty(indptr[n], np.float32)
    at = indptr[:-1].copy()
    for upper in (True, False):
        for e in range(len(codes)):
            lo, hi = np.int64(codes[e] >> _SHIFT), np.int64(codes[e] & _MASK)
            row, friend = (hi, lo) if upper else (lo, hi)
            indices[at[row]] = friend
            strength[at[row]] = value[e]
            at[row] += 1
    return indptr, indices, strength


@njit(cache=True)
def divide(seed, ids, indptr, indices, strength, largest):  # type: ignore[no-untyped-def]
    """Communities of at most ``largest`` people: int64[n], labels.

    Local moving of Louvain (Blondel et al. 2008): in keyed order each person joins the friends' group that gains most
    modularity by strength, unless it is full; equal gains go to the higher key. Ends when nobody moves, or after
    ``ROUNDS``. Plain label propagation leaves dense graphs in a few full groups and hundreds of single people.
    """
    n = len(ids)
    label = np.arange(n)
    size = np.ones(n, np.int64)
    tally = np.zeros(n, np.float64)
    key = np.empty(n, np.float64)
    own_ties = np.zeros(n, np.float64)
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            own_ties[i] += strength[e]
    held = own_ties.copy()
    total = max(held.sum(), 1e-300)
    for turn in range(ROUNDS):
        base = day_key(seed, _STREAM, 100 + turn)
        for i in range(n):
            key[i] = uniform(entity_key(base, ids[i]), np.uint64(0))
        changed = 0
        for i in np.argsort(key):
            for e in range(indptr[i], indptr[i + 1]):
                tally[label[indices[e]]] += strength[e]
            own, chance = label[i], own_ties[i] / total
            best, most = own, tally[own] - chance * (held[own] - own_ties[i])
            for e in range(indptr[i], indptr[i + 1]):
                other = label[indices[e]]
                if other == own or size[other] >= largest:
                    continue
                gain = tally[other] - chance * held[other]
                if gain > most + 1e-9 or (gain > most - 1e-9 and best != own and key[other] > key[best]):
                    best, most = other, gain
            for e in range(indptr[i], indptr[i + 1]):
                tally[label[indices[e]]] = 0.0
            if best != own:
                size[own] -= 1
                size[best] += 1
                held[own] -= own_ties[i]
                held[best] += own_ties[i]
                label[i] = best
                changed += 1
        if changed == 0:
            break
    return label
