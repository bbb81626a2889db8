"""Being there, seeing, clicking.

    visit     a_i,s (1 - phi F_i)                                   probability a platform is opened today
    fatigue   F <- m F + (1 - m) min(1, views / f0)
    response  (n/n*) exp(1 - n/n*)                                  wear-in then wear-out, 1 at n = n*
    CTR       ctr0 x position x relevance x cue x response(n)/response(3)

Sources: Schmidt & Eisend 2015 (wear-in and wear-out); Huang & Lin (one friend's cue saturates); decisions D11.
Equations (7), (8), (29) and (36) of MODEL.md.
"""

from __future__ import annotations

import math

from numba import njit


@njit
def visit_probability(activity: float, fatigue: float, fatigue_effect: float) -> float:
    """Probability (0..1) that a consumer of fatigue F opens a platform today."""
    return max(0.0, min(1.0, activity * (1.0 - fatigue_effect * fatigue)))


@njit
def fatigue_after(fatigue: float, views: float, load: float, memory: float) -> float:
    """Fatigue (0..1) after a day with ``views`` commercial views; ``load`` views a day saturate it."""
    return memory * fatigue + (1.0 - memory) * min(1.0, views / load)


@njit
def response(exposures: float, peak: float) -> float:
    """Wear-in and wear-out in the exposures of the last week; 1 at the peak, 0 at none."""
    x = exposures / peak
    return x * math.exp(1.0 - x)


@njit
def click_probability(ctr: float, relevance: float, cue: float, wear: float, exposures: float) -> float:
    """Probability that at least one of ``exposures`` of today is clicked, each at ctr x relevance x cue x wear."""
    each = min(1.0, ctr * relevance * cue * wear)
    missed = 1.0 - each
    return 1.0 - (missed if exposures == 1 else math.pow(missed, exposures))
