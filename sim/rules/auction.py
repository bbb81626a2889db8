"""Selling ad slots: rank by bid x predicted click rate, pay what the next one would have had to bid.

    score_b  = bid_b ctr_b                    bid: fen an impression
    price_b  = score_next / ctr_b             fen an impression, never above the own bid
    got_b    = min(wanted_b, budget_b / price_b, slots left above b)

One slot, click rates of 1 and bids U(0,1): expected revenue (n-1)/(n+1), the mean of the second highest of n.
Sources: Vickrey 1961; Edelman, Ostrovsky & Schwarz 2007 (generalised second price); decision D19.
Equations (16) and (17) of MODEL.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def ascending(values: Any) -> Any:
    """Positions of ``values`` float64[B] from low to high, equal ones by position: int64[B].

    An insertion sort: for the few bidders of an auction as quick as numpy's sorts, which take a second to compile.
    """
    order = np.empty(len(values), np.int64)
    for k in range(len(values)):
        at = k
        while at > 0 and values[order[at - 1]] > values[k]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = k
    return order


@njit(nogil=True, cache=True)
def clear(score: Any, ctr: Any, wanted: Any, budget: Any, slots: float) -> Any:
    """Impressions won and their price: float64[B] twice, impressions and fen an impression.

    ``score`` bid x ctr, ``ctr`` predicted click rate (> 0), ``wanted`` impressions at most, ``budget`` fen at most, all
    float64[B]; ``slots`` impressions on offer. Whoever is last pays nothing. Equal scores rank by position.
    """
    n = len(score)
    got = np.zeros(n)
    price = np.zeros(n)
    order = ascending(-score)
    left = slots
    for k in range(n):
        b = order[k]
        if left <= 0.0:
            break
        price[b] = score[order[k + 1]] / ctr[b] if k + 1 < n else 0.0
        take = min(wanted[b], left)
        if price[b] * take > budget[b]:
            take = budget[b] / price[b]
        got[b] = take
        left -= take
    return got, price


@njit(nogil=True, cache=True)
def lowest_level(score: Any, taken: Any, slots: float, worth: float) -> Any:
    """Score and impressions: the lowest score ranking above enough slots to spend a budget, and how many those are.

    ``score`` and ``taken`` float64[B]: the other bids and the impressions they take; ``worth``: sum of budget x ctr of
    those who bid at the level (fen x click rate), who buy worth/level impressions. The highest score if none is enough.
    """
    room = slots - taken.sum()
    level = 0.0
    order = ascending(score)
    for k in range(len(order)):
        b = order[k]
        level = score[b]
        room += taken[b]
        if level > 0.0 and worth <= level * room:
            break
    return level, max(0.0, room)
