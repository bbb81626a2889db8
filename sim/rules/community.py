"""A community of buyers: who reads a message, who leaves.

    read      e (1 + n/n0)^(-x)                       n people in one chat group, at most its capacity
    opt out   1 - exp(-u0 exp(u1 (pushes - free)+) dt/7)

Assumptions of the model, section 4.12 (private domain).
Equations (27) and (28) of MODEL.md.
"""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True)
def read_probability(members: float, group_size: float, engagement: float, size: float, exponent: float) -> float:
    """Probability that a member reads a push; ``members`` people are divided over groups of ``group_size``."""
    return float(min(1.0, engagement * (1.0 + min(members, group_size) / size) ** -exponent))


@njit(cache=True)
def opt_out_probability(pushes: float, base: float, slope: float, free: float, days: float) -> float:
    """Probability to leave within ``days`` at ``pushes`` a week; ``base``: weekly hazard up to ``free`` pushes."""
    return 1.0 - math.exp(-base * math.exp(slope * max(0.0, pushes - free)) * days / 7.0)


@njit(cache=True)
def pushes_until(day: float, per_week: float, offset: float) -> int:
    """Pushes sent before ``day`` at an even pace; the difference between two days is what falls between them."""
    return math.floor(day * per_week / 7.0 + offset)
