"""Who shares, who passes it on, and the shape of the trees that result.

    P(share | S>0) = rate g min(2, 1/2 + S)        P(warn | S<0) = bad rate g min(2, 1/2 - S)     g propensity
    similarity     = 1 - |fit_i - fit_j|           P(pass on) = min(1, R w_ij / sum_k w_ik)       w = tie x similarity
    virality       = 2/(n(n-1)) sum over ties of the tree of s (n - s),   s people below the tie

Virality is the mean distance of two people of a tree. The tie to the parent is used up, so the sum over k leaves the
parent out: R is the mean number of children of a sharer at any degree.
Sources: Goel, Watts & Goldstein 2012 (cascade sizes); Goel et al. 2016 (structural virality); decision D6.
Equations (57), (58) and (59) of MODEL.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit
def share_probability(s: float, good_rate: float, bad_rate: float, propensity: float) -> float:
    """Probability of telling friends about an experience of satisfaction ``s``; strong ones are told more often."""
    if s > 0.0:
        return min(1.0, good_rate * propensity * min(2.0, 0.5 + s))
    if s < 0.0:
        return min(1.0, bad_rate * propensity * min(2.0, 0.5 - s))
    return 0.0


@njit
def similarity(fit_i: float, fit_j: float) -> float:
    """Likeness of two tastes for a category, 0..1."""
    return 1.0 - abs(fit_i - fit_j)


@njit
def pass_on_probability(reach: float, weight: float, total: float) -> float:
    """Probability that the friend of ``weight`` passes a share on, ``total`` the weight of all friends still to try."""
    return min(1.0, reach * weight / total) if total > 0.0 else 0.0


@njit(nogil=True, cache=True)
def tree_shapes(parent: Any, root: Any) -> Any:
    """Size, depth, sum of distances of all pairs of each tree, indexed by the row of its origin (size 0 elsewhere).

    ``parent`` and ``root`` int[n], rows; -1 at origins; parents stand before their children. Returns int64[n] twice
    (people; generations below the origin) and float64[n] (sum over unordered pairs, the Wiener index).
    """
    n = len(parent)
    below = np.ones(n, np.int64)
    level = np.zeros(n, np.int64)
    size = np.zeros(n, np.int64)
    depth = np.zeros(n, np.int64)
    distance = np.zeros(n)
    for k in range(n):
        top = k if root[k] < 0 else root[k]
        size[top] += 1
        if parent[k] >= 0:
            level[k] = level[parent[k]] + 1
            depth[top] = max(depth[top], level[k])
    for k in range(n - 1, -1, -1):
        if parent[k] >= 0:
            below[parent[k]] += below[k]
            distance[root[k]] += float(below[k]) * float(size[root[k]] - below[k])
    return size, depth, distance
