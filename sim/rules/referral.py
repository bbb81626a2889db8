"""What rewards do to inviting, and how far friends cut a price.

    P(invite)    = logit^-1( willing + a (reward + generosity welcome)/ref )        a: own price sensitivity
    cut of k     = min(1, c (1 - q^k)/(1 - q))      share of the way to the floor after k helpers; c k when q = 1
    seen of n    = (1 - (1 - m)^n)/m                links looked at before a friend mutes their sender, mean

A reward is worth to people what a price cut of its size is worth. The floor is out of reach when c/(1 - q) < 1.
Equations (86), (91), (92) and (93) of MODEL.md.
"""

from __future__ import annotations

import math

from numba import njit


@njit
def take_probability(willing: float, sensitivity: float, gain: float) -> float:
    """Probability of taking part for a ``gain`` (in reference prices)."""
    return 1.0 / (1.0 + math.exp(-(willing + sensitivity * gain)))


@njit
def way_cut(helpers: int, cut: float, shrink: float) -> float:
    """Share of the way to the floor that ``helpers`` friends have cut, 0..1."""
    way = cut * helpers if shrink == 1.0 else cut * (1.0 - shrink**helpers) / (1.0 - shrink)
    return min(1.0, way + 1e-12)


@njit
def links_seen_before_mute(luck: float, mute: float) -> float:
    """How many links a friend of this ``luck`` (uniform) takes before muting their sender: P(more than n) = (1-m)^n."""
    if mute <= 0.0:
        return math.inf
    if mute >= 1.0:
        return 1.0
    return 1.0 + math.floor(math.log(1.0 - luck) / math.log(1.0 - mute))
