"""What a parcel holds, what a guarantee is worth to a doubter, and when fakes pay.

    held        a counterfeit w.p. f; verified w.p. v: it is stopped w.p. sensitivity, a good one w.p. 1 - specificity
    tried on    w.p. u, realised fit noise x (1 - cut)                                       (decision D10)
    trust       T + c (1 - T),  c = 1 - (1 - v sens)(1 - r (1 + multiple)),  r the believed chance of a claim
    fakes pay   margin x lift x weeks > cost + P(found) x penalty,   lift = b_v ln(r1/r0) + b_n ln((1+n1)/(1+n0))

Sources: Luca & Zervas 2016 and He, Hollenbeck & Proserpio 2022 (fakes as an investment); decisions D10; assumption
(cover).
Equations (56h), (56i), (56j), (56l), (56o), (56p) and (56s) of MODEL.md.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numba import njit

from sim.rng import uniform


class Goods(NamedTuple):
    """What may be in a parcel, float64[P] each but for the last two: share and quality of counterfeits, users of a
    try-on and the share of fit noise it leaves, share verified, ease of returning (logit); sensitivity, specificity."""

    fake: Any
    fake_quality: Any
    tryon: Any
    left: Any
    verified: Any
    ease: Any
    sensitivity: float
    specificity: float


@njit(inline="always")
def is_fake(who: Any, p: int, goods: Any) -> bool:
    """Whether the parcel of key ``who`` holds a counterfeit."""
    return bool(goods.fake[p] > 0.0 and uniform(who, 0) < goods.fake[p])


@njit(inline="always")
def is_stopped(who: Any, p: int, fake: bool, goods: Any) -> bool:
    """Whether verification stops the parcel."""
    if goods.verified[p] <= 0.0 or uniform(who, 1) >= goods.verified[p]:
        return False
    return bool(uniform(who, 2) < (goods.sensitivity if fake else 1.0 - goods.specificity))


@njit(inline="always")
def fit_noise(who: Any, p: int, fit_sd: float, goods: Any) -> float:
    """Standard deviation of the fit the buyer realises."""
    if goods.tryon[p] > 0.0 and uniform(who, 3) < goods.tryon[p]:
        return float(fit_sd * goods.left[p])
    return fit_sd


@njit
def assured(trust: float, cover: float) -> float:
    """Trust, with a share ``cover`` of what is missing to full trust made up by a guarantee."""
    return trust + cover * (1.0 - trust)


@njit
def cover_of(claim: float, refund: bool, multiple: float, stopped: float) -> float:
    """Share of distrust that is made up: a claim believed to succeed w.p. ``claim`` returns 1 + ``multiple`` prices;
    ``stopped`` of the counterfeits never arrive."""
    returned = (1.0 if refund or multiple > 0.0 else 0.0) + multiple
    return 1.0 - (1.0 - stopped) * (1.0 - min(1.0, claim * returned))


@njit
def found_in_sample(share: float, parcels: int) -> float:
    """Chance that ``parcels`` opened at random hold at least one counterfeit."""
    return 1.0 - math.pow(1.0 - share, float(parcels))


@njit
def lift_of_fakes(fakes: float, stars: float, weight: float, volume: float, prior: float, prior_count: float,
                  b_v: float, b_n: float) -> float:
    """Utils that ``fakes`` five-star reviews add to a product whose reviews shown weigh ``weight`` with ``stars`` in
    all and number ``volume``."""
    before = (prior_count * prior + stars) / (prior_count + weight)
    after = (prior_count * prior + stars + 5.0 * fakes) / (prior_count + weight + fakes)
    return b_v * math.log(after / before) + b_n * math.log((1.0 + volume + fakes) / (1.0 + volume))


@njit
def fakes_pay(margin: float, lift: float, weeks: float, cost: float, found: float, penalty: float) -> bool:
    """Whether a week's fakes are worth it: ``margin`` and ``cost`` yuan a week, ``penalty`` yuan, effect in utils."""
    return margin * (math.exp(lift) - 1.0) * weeks > cost + found * penalty
