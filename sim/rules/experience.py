"""After delivery: satisfaction, return, review, trust, lapse.

    d = (Q - E)/sigma          S = theta d+ - 2 theta d-
    P(return) = logit^-1(r0 + r1 d)          P(review) = min(1, r + s S^2)     stars = clip(round(4+S), 1, 5)
    good (S >= a bound): a += 1   bad: b += kappa   T = a/(a+b), both drawn to the prior with a half-life
    P(lapse) = logit^-1(logit p - c (S - mean S)),   p ~ Beta(a, b) once for each consumer and merchant

Sources: Oliver 1980; Szymanski & Henard 2001; Hu, Pavlou & Zhang 2009; Fader, Hardie & Lee 2005; decisions D9, D10.
Equations (51), (52), (54) and (55) of MODEL.md.
"""

from __future__ import annotations

import math

from numba import njit

MEAN_SATISFACTION = -0.19947114020071635
"""Mean of S for d standard normal and theta = .5: -(theta) phi(0), phi(0) = .3989."""


@njit
def satisfaction(d: float, theta: float) -> float:
    """Satisfaction from disconfirmation d (standard deviations): losses weigh twice."""
    return theta * d if d >= 0.0 else 2.0 * theta * d


@njit
def return_probability(d: float, base: float, slope: float, urgency: float) -> float:
    """Probability that a delivered item is sent back; ``urgency`` is added on the logit scale."""
    return 1.0 / (1.0 + math.exp(-(base + slope * d + urgency)))


@njit
def review_probability(s: float, base: float, square: float) -> float:
    """Probability of writing a review: extremes write more (the J-shape)."""
    return min(1.0, base + square * s * s)


@njit
def stars(s: float) -> int:
    """Stars given, 1..5."""
    return int(min(5.0, max(1.0, round(4.0 + s))))


@njit
def faded(value: float, prior: float, days: float, half_life: float) -> float:
    """Evidence after ``days``: drawn back to its prior."""
    return prior + (value - prior) * math.pow(2.0, -days / half_life)


@njit
def trust(good: float, bad: float) -> float:
    """Trust, 0..1."""
    return good / (good + bad)


@njit
def lapse_probability(p: float, s: float, c: float) -> float:
    """Probability that the relation ends after an order of satisfaction ``s``, p the person's own lapse probability."""
    if p <= 0.0 or p >= 1.0:
        return p
    logit = math.log(p / (1.0 - p)) - c * (s - MEAN_SATISFACTION)
    return 1.0 / (1.0 + math.exp(-logit))
