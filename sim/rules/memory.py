"""What a person keeps: adstock, recency, expectation, awareness.

    adstock      A(t) = A(s) 2^(-(t-s)/h) + sum of contributions           h half-life, days
    retention    (1 + t/tau)^(-psi)                                        still considered after t days
    awareness    1 - (1-alpha)(1-beta_w)^j (1-beta_s)^m                    contact rule
                 1 - exp(-(p + q F) dt)                                    hazard rule
    expectation  E <- E + w (signal - E)

Sources: Goldenberg, Libai & Muller 2001 (contact); Bass 1969 (hazard); Murre & Dros 2015 (power-law forgetting).
Equations (30), (31), (32), (33), (34), (38) and (53) of MODEL.md.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit


@njit
def decayed(value: float, days: float, half_life: float) -> float:
    """A stock left after ``days`` without addition (unit of ``value``)."""
    return value * math.pow(2.0, -days / half_life)


GAPS, _BEFORE = 1 << 16, 1 << 13
"""How many gaps there are between two days of two bytes each; how many of them are negative."""


@njit
def gap_of(days: int) -> int:
    """Where a table of all gaps keeps that of ``days``: 0, 1, 2 ..., those before 0 at the end."""
    return int(days) & (GAPS - 1)


@njit(cache=True)
def fading(half_life: float) -> Any:
    """float64[GAPS], what is left of 1 after so many days: :func:`decayed` for every gap there can be. A power in a
    loop costs it half its speed even where it is never taken."""
    left = np.empty(GAPS)
    for days in range(-_BEFORE, GAPS - _BEFORE):
        left[gap_of(days)] = decayed(1.0, max(float(days), -1000.0 * half_life), half_life)
    return left


@njit
def faded_by(value: float, days: int, left: Any) -> float:
    """:func:`decayed` for whole days, ``left`` from :func:`fading`."""
    return float(value * left[gap_of(days)])


@njit(cache=True)
def retaining(tau: float, psi: float) -> Any:
    """float64[GAPS], :func:`retention` after 0, 1, 2 ... days."""
    kept = np.empty(GAPS)
    for days in range(GAPS):
        kept[days] = retention(float(days), tau, psi)
    return kept


@njit
def retention(days: float, tau: float, psi: float) -> float:
    """Probability that a product last met ``days`` ago comes to mind (1 on the day itself)."""
    return math.pow(1.0 + days / tau, -psi)


@njit
def aware_by_exposure(p: float, exposures: float) -> float:
    """Probability of becoming aware from ``exposures`` independent exposures of probability ``p`` each."""
    return 1.0 - math.pow(1.0 - p, exposures)


@njit
def aware_by_contact(alpha: float, beta_weak: float, beta_strong: float, weak: float, strong: float) -> float:
    """Chance of becoming aware in a step with ``weak`` and ``strong`` talking contacts (Goldenberg et al. 2001)."""
    return 1.0 - (1.0 - alpha) * math.pow(1.0 - beta_weak, weak) * math.pow(1.0 - beta_strong, strong)


@njit
def aware_by_hazard(p: float, q: float, share: float) -> float:
    """Probability of adopting in a step at hazard p + q F (per step), F the adopting share of contacts."""
    return 1.0 - math.exp(-(p + q * share))


@njit
def moved(belief: float, signal: float, weight: float) -> float:
    """A belief after partial adjustment towards a signal, weight 0..1."""
    return belief + weight * (signal - belief)
